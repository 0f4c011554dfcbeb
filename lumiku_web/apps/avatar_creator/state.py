"""The form of the Avatar Creator."""

import reflex as rx

from lumiku_web.apps.avatar_creator.draft import TYPED_MAX, Draft
from lumiku_web.apps.avatar_creator.manifest import MANIFEST, PORTRAIT
from lumiku_web.apps.avatar_creator.params import WORDS_MAX, AvatarParams, avatar_params
from lumiku_web.apps.avatar_creator.prompts import Part, compose
from lumiku_web.sdk import COUNT_MAX, LOOKS, InvalidInput, many_lines
from lumiku_web.ui.app_state import AppState, PriceTag
from lumiku_web.ui.guard import member
from lumiku_web.ui.picture_viewer import Cursor, PicturePage, PictureViewer


class AvatarState(PictureViewer, AppState):
    """The form mirrors the draft; what is ordered comes with the form itself."""

    #: See `draft`: kept by the browser's tab, written at each change.
    draft: str = rx.SessionStorage("", name="lumiku_avatar_draft")
    field_errors: dict[str, str] = {"words": "", "seed": ""}

    @rx.event
    @member
    async def load(self) -> None:
        """Projects, models, and the newest pictures of the chosen project."""
        self.field_errors = {"words": "", "seed": ""}
        await self._show_project(self.project_id)

    @rx.event
    @member
    async def choose_project(self, project_id: str) -> None:
        """Where the pictures go. Raises: NotFound."""
        await self._show_project(project_id)

    @rx.event
    @member
    async def set_words(self, words: str) -> None:
        """Too many words are refused beside the field; the browser still shows them all."""
        self.field_errors = {"words": "", "seed": ""}
        self._write(words=str(words)[:TYPED_MAX])
        many_lines(words, field="words", limit=WORDS_MAX)

    @rx.event
    @member
    async def set_seed(self, seed: str) -> None:
        """Checked when it is ordered."""
        self._write(seed=str(seed)[:10])

    @rx.event
    @member
    async def set_look(self, control: str, value: str) -> None:
        """An empty value leaves it open."""
        if control not in LOOKS or (value and value not in LOOKS[control]):
            raise InvalidInput("look_unknown")
        others = {c: v for c, v in self._draft().looks.items() if c != control}
        self._write(looks={**others, **({control: value} if value else {})})

    @rx.event
    @member
    async def set_count(self, count: int) -> None:
        """How many pictures one click makes."""
        if count not in range(1, COUNT_MAX + 1):  # whatever its type: a browser may send anything
            raise InvalidInput("count_out_of_range", field="count", maximum=COUNT_MAX)
        self._write(count=int(count))

    @rx.event
    @member
    async def generate(self, form: dict[str, object]) -> None:
        """Order what the form says."""
        self.field_errors = {"words": "", "seed": ""}
        words = many_lines(form.get("words"), field="words", limit=WORDS_MAX)
        looks = {control: str(form.get(control) or "") for control in LOOKS}
        await self._order(
            MANIFEST,
            PORTRAIT,
            avatar_params(words=words, looks=looks),
            title=words or self._say("avatar_creator.no_words"),
            count=self.count,
            seed_text=str(form.get("seed") or ""),
            key_text=str(form.get("key") or ""),
            price_text=form.get("price"),
        )

    @rx.var
    def price(self) -> PriceTag:
        """What the order would cost, and why it can't be placed."""
        return self._price(self._draft().count, AvatarParams())

    @rx.var
    def words(self) -> str:
        """Own words, as typed."""
        return self._draft().words

    @rx.var
    def looks(self) -> dict[str, str]:
        """Every control with its value; an empty text where it is open."""
        return {**dict.fromkeys(LOOKS, ""), **self._draft().looks}

    @rx.var
    def count(self) -> int:
        """How many pictures."""
        return self._draft().count

    @rx.var
    def seed(self) -> str:
        """As typed; empty for a new one each time."""
        return self._draft().seed

    @rx.var
    def prompt_parts(self) -> list[Part]:
        """The composed prompt, by where each part comes from."""
        draft = self._draft()
        return compose(avatar_params(words=draft.words[:WORDS_MAX], looks=draft.looks))

    def _draft(self) -> Draft:
        return Draft.read(self.draft, self._user_id)

    def _write(self, **changed: object) -> None:
        self.draft = self._draft().model_copy(update=changed).model_dump_json()

    async def _show_project(self, project_id: str) -> None:
        await self._choose_project(project_id)
        await self._show_first()

    async def _read_page(self, after: Cursor | None) -> PicturePage:
        return await self._earlier_pictures(after)
