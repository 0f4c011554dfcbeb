"""A bounded piece of a long list of pictures: loaded page by page, kept in order while pictures come, change and go.

Free of Reflex and of the database. Never changed in place.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import chain
from typing import Final, NamedTuple
from uuid import UUID

from lumiku_web.domain.gallery.schemas import Cursor
from lumiku_web.ui.cards import Picture, Tail, TailKind

#: Pages that a window holds; a state has a list for each, because Reflex sends a list whole when one row of it changes.
PAGES: Final = 8


#: What rows are sorted by: what has the greater key stands before.
Key = tuple[datetime, UUID]


def key_of(place: Cursor) -> Key:
    """The same order as the database's."""
    return place.at, place.image_id


class Row(NamedTuple):
    """A picture with its place in the list."""

    place: Cursor
    picture: Picture

    @property
    def key(self) -> Key:
        """Of its place."""
        return key_of(self.place)


class Window(NamedTuple):
    """Rows in pages, and what lies around them. A tuple, because Reflex wraps what is read of other classes."""

    pages: tuple[tuple[Row, ...], ...] = ()
    #: What comes after it is not here; None: the list ends with the last row.
    following: Cursor | None = None
    #: What does not come after it is not here; None: the list begins with the first row.
    before: Cursor | None = None

    @property
    def rows(self) -> tuple[Row, ...]:
        """Of all pages."""
        return tuple(chain.from_iterable(self.pages))

    @property
    def is_full(self) -> bool:
        """There is no room for another page."""
        return len(self.pages) >= PAGES

    def page(self, number: int) -> tuple[Row, ...]:
        """The rows of a page; none where there is no such page."""
        return self.pages[number] if number < len(self.pages) else ()

    def tail(self) -> Tail:
        """What to show below these rows."""
        kind = TailKind.end if self.following is None else TailKind.full if self.is_full else TailKind.more
        after = str(self.following.image_id) if self.following else ""
        is_newest = self.before is None
        is_empty = is_newest and self.following is None and not self.rows
        return Tail(kind.value, after, is_newest=is_newest, is_empty=is_empty)

    def extended(self, rows: Sequence[Row], following: Cursor | None) -> "Window":
        """With the next page."""
        there = {row.picture.id for row in self.rows}
        fresh = tuple(row for row in rows if row.picture.id not in there)
        return self._replace(pages=(*self.pages, fresh), following=following)

    def without(self, picture_id: str) -> "Window":
        """Without this picture, wherever it stood."""
        pages = tuple(_without(page, picture_id) for page in self.pages)
        return self._replace(pages=pages)

    def with_row(self, row: Row) -> "Window":
        """With this picture where it belongs; one that lies outside the window is left out."""
        for number, page in enumerate(self.pages):
            for at, known in enumerate(page):
                if known.picture.id == row.picture.id and known.place == row.place:
                    return self._with_page(number, (*page[:at], row, *page[at + 1 :]))
        rest = self.without(row.picture.id)
        return rest._inserted(row) if rest._spans(row) else rest  # noqa: SLF001 (its own class)

    def previous(self, place: Cursor) -> Row | None:
        """The row before a place, whether or not a picture is there."""
        return next((row for row in reversed(self.rows) if row.key > key_of(place)), None)

    def next(self, place: Cursor) -> Row | None:
        """The row after a place, whether or not a picture is there."""
        return next((row for row in self.rows if row.key < key_of(place)), None)

    def position(self, picture_id: str) -> tuple[int, int] | None:
        """The picture's number from 1, and how many there are; None if it is not here, or not all are."""
        if self.following or self.before:
            return None
        ids = [row.picture.id for row in self.rows]
        return (ids.index(picture_id) + 1, len(ids)) if picture_id in ids else None

    def cut(self, size: int, pages: int = PAGES) -> "Window":
        """In pages of `size` again if one has outgrown twice that; what then has no room is left to be loaded again."""
        rows = self.rows
        kept = rows[: size * pages]
        if len(kept) == len(rows) and all(len(page) <= 2 * size for page in self.pages):
            return self
        cut = tuple(kept[start : start + size] for start in range(0, len(kept), size))
        return self._replace(pages=cut, following=kept[-1].place if len(kept) < len(rows) else self.following)

    def _with_page(self, number: int, page: tuple[Row, ...]) -> "Window":
        return self._replace(pages=(*self.pages[:number], page, *self.pages[number + 1 :]))

    def _spans(self, row: Row) -> bool:
        comes_later = self.following is not None and row.key < key_of(self.following)
        comes_earlier = self.before is not None and row.key >= key_of(self.before)
        return not comes_later and not comes_earlier

    def _inserted(self, row: Row) -> "Window":
        last = max(len(self.pages) - 1, 0)
        number = next((n for n, page in enumerate(self.pages) if page and page[-1].key < row.key), last)
        rows = sorted((*self.page(number), row), key=lambda one: one.key, reverse=True)
        return self._with_page(number, tuple(rows))


def _without(page: tuple[Row, ...], picture_id: str) -> tuple[Row, ...]:
    """The very same page where nothing goes: pages are compared by identity."""
    return tuple(row for row in page if row.picture.id != picture_id) if _has(page, picture_id) else page


def _has(page: Iterable[Row], picture_id: str) -> bool:
    return any(row.picture.id == picture_id for row in page)
