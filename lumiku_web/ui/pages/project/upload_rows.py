"""The files on their way, as a page shows them: a row each. Nothing here knows a state, a browser or a server."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from lumiku_web.domain.uploads.policy import check_declared
from lumiku_web.domain.uploads.schemas import DeclaredFile
from lumiku_web.errors import InvalidInput

#: As many as a page shows at once.
ROWS: Final = 50
#: As many as are under way at once.
AT_ONCE: Final = 3
#: Characters of a name, counted from its end, and of a media type that are looked at.
_NAME: Final = 200
_MEDIA_TYPE: Final = 100
#: Files of one event that are looked at.
_MOST: Final = 1000


class Step(StrEnum):
    """How far a file has come."""

    waiting = "waiting"
    #: The browser shall send it; nothing of it was seen yet.
    starting = "starting"
    sending = "sending"
    #: All of it has arrived.
    saving = "saving"
    #: The end: `UploadRow.reason` says why.
    refused = "refused"
    #: The end: the person has this very file already.
    known = "known"


_UNDER_WAY: Final = frozenset({Step.starting, Step.sending, Step.saving})
_ENDED: Final = frozenset({Step.refused, Step.known})


@dataclass(frozen=True)
class FileFacts:
    """What a browser says of a file that it holds."""

    name: str
    media_type: str
    size_bytes: int

    @classmethod
    def read_all(cls, said: object) -> list["FileFacts"]:
        """Of whatever a browser sent."""
        return [cls._read(one) for one in said[:_MOST]] if isinstance(said, list) else []

    @classmethod
    def _read(cls, said: object) -> "FileFacts":
        facts: dict[Any, Any] = said if isinstance(said, dict) else {}
        name, media_type, size = (facts.get(fact) for fact in ("name", "type", "size"))
        return cls(
            name[-_NAME:] if isinstance(name, str) else "",
            media_type[:_MEDIA_TYPE] if isinstance(media_type, str) else "",
            max(0, size) if isinstance(size, int) else 0,
        )

    def named(self, title: str) -> "FileFacts":
        """With a name that says something, if the browser made one up for a picture without a file."""
        stem, _, extension = self.name.rpartition(".")
        return replace(self, name=f"{title}.{extension}") if stem == "image" else self

    def refusal(self, limit_bytes: int) -> InvalidInput | None:
        """Why it need not be sent, as far as can be said before its content is seen."""
        try:
            check_declared(DeclaredFile(self.name, self.media_type))
        except InvalidInput as refused:
            return refused
        if self.size_bytes > limit_bytes:
            return InvalidInput("photo_too_large", megabytes=limit_bytes // 1_000_000)
        return None


@dataclass(frozen=True)
class UploadRow:
    """One file. The browser holds it at `place`."""

    id: str
    project_id: str
    project_name: str
    name: str
    media_type: str
    size_bytes: int
    place: int
    step: str = Step.waiting.value
    #: A sentence in the person's language.
    reason: str = ""
    #: Of the picture that was there already.
    image_id: str = ""
    thumb_url: str = ""
    is_elsewhere: bool = False
    is_trashed: bool = False

    @property
    def has_ended(self) -> bool:
        """It stays until the person has read it."""
        return self.step in _ENDED

    def refused(self, reason: str) -> "UploadRow":
        """Its end, unless it had one."""
        return self if self.has_ended else replace(self, step=Step.refused.value, reason=reason)


@dataclass(frozen=True)
class Rows:
    """All rows in the order in which they came. Every change returns new ones, of which enough are started."""

    rows: tuple[UploadRow, ...] = ()
    #: Files that came since nothing was on its way.
    all_count: int = 0
    #: Those of them that are in the project now.
    kept_count: int = 0

    @property
    def open_count(self) -> int:
        """Those without an end yet."""
        return sum(not row.has_ended for row in self.rows)

    def find(self, row_id: object, step: Step) -> UploadRow | None:
        """The row, if it is at this step."""
        return next((row for row in self.rows if row.id == row_id and row.step == step), None)

    def add(self, new: Collection[UploadRow]) -> "Rows":
        """As many of `new` as there is room for; the oldest that have ended make room."""
        spare = len(self.rows) + len(new) - ROWS
        going = [row.id for row in self.rows if row.has_ended][: max(0, spare)]
        left = [row for row in self.rows if row.id not in going]
        fitting = list(new)[: ROWS - len(left)]
        counted = self if self.open_count else replace(self, all_count=0, kept_count=0)
        return replace(counted, rows=_started([*left, *fitting]), all_count=counted.all_count + len(fitting))

    def change(self, row_id: str, **changed: Any) -> "Rows":
        """Other facts for one row; nothing if it is gone, or has ended."""
        return replace(
            self,
            rows=_started(replace(row, **changed) if row.id == row_id and not row.has_ended else row for row in self.rows),
        )

    def refuse(self, row_ids: Collection[str], reason: str) -> "Rows":
        """Their end, unless they had one."""
        return replace(self, rows=_started(row.refused(reason) if row.id in row_ids else row for row in self.rows))

    def keep(self, row_id: str) -> "Rows":
        """The picture is in the project: the row goes."""
        left = [row for row in self.rows if row.id != row_id]
        return replace(self, rows=_started(left), kept_count=self.kept_count + len(self.rows) - len(left))

    def remove(self, row_ids: Collection[str]) -> "Rows":
        """Without these rows, except for those that are being saved. What was stopped does not count."""
        going = [row for row in self.rows if row.id in row_ids and row.step != Step.saving]
        stopped = sum(not row.has_ended for row in going)
        left = [row for row in self.rows if row not in going]
        return replace(self, rows=_started(left), all_count=self.all_count - stopped)


def _started(rows: Iterable[UploadRow]) -> tuple[UploadRow, ...]:
    """The same; those that wait are started while fewer than `AT_ONCE` are under way."""
    known = tuple(rows)
    free = AT_ONCE - sum(row.step in _UNDER_WAY for row in known)
    first = [row.id for row in known if row.step == Step.waiting][: max(0, free)]
    return tuple(replace(row, step=Step.starting.value) if row.id in first else row for row in known)


def megabytes(size_bytes: int, language: str) -> str:
    """As people read it, with one decimal."""
    text = f"{size_bytes / 1_000_000:.1f}".removesuffix(".0")
    return text.replace(".", ",") if language == "id" else text
