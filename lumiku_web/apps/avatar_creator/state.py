"""The form of the Avatar Creator."""

import reflex as rx

from lumiku_web.apps.avatar_creator.manifest import MANIFEST, PORTRAIT
from lumiku_web.apps.avatar_creator.params import WORDS_MAX, avatar_params
from lumiku_web.apps.avatar_creator.prompts import Part, compose
from lumiku_web.sdk import COUNT_MAX, LOOKS, InvalidInput, many_lines
from lumiku_web.ui.app_state import AppState
from lumiku_web.ui.guard import member
from lumiku_web.ui.picture_viewer import PictureViewer


class AvatarState(PictureViewer, AppState):
    """Own words stay in the browser and come with the form; looks and words are mirrored here for the composed prompt."""

    words: str = ""
    looks: dict[str, str] = {}
    count: int = 2
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
        """For the composed prompt; bounded as the order will be."""
        self.field_errors = {"words": "", "seed": ""}
        self.words = many_lines(words, field="words", limit=WORDS_MAX)

    @rx.event
    @member
    async def set_look(self, control: str, value: str) -> None:
        """For the composed prompt. An empty value leaves it open."""
        if control not in LOOKS or (value and value not in LOOKS[control]):
            raise InvalidInput("look_unknown")
        self.looks = {**{c: v for c, v in self.looks.items() if c != control}, **({control: value} if value else {})}

    @rx.event
    @member
    async def set_count(self, count: int) -> None:
        """How many pictures one click makes."""
        if isinstance(count, bool) or not 1 <= int(count) <= COUNT_MAX:
            raise InvalidInput("count_out_of_range", field="count", maximum=COUNT_MAX)
        self.count = int(count)

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
        )

    @rx.var
    def prompt_parts(self) -> list[Part]:
        """The composed prompt, by where each part comes from."""
        return compose(avatar_params(words=self.words, looks=dict(self.looks)))

    async def _show_project(self, project_id: str) -> None:
        if not project_id:
            self.pictures = []
            return
        images = await self._pictures_of_project(project_id)
        in_cards = await self._image_ids_in_orders()
        self.project_id = project_id
        self.pictures = self._show([image for image in images if str(image.id) not in in_cards])
