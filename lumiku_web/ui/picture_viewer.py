"""A list of pictures, one of which can be looked at closely: for every state that shows some."""

import reflex as rx

from lumiku_web.bridge import call
from lumiku_web.domain.gallery import service as gallery
from lumiku_web.errors import NotFound
from lumiku_web.ids import parse_id
from lumiku_web.ui.cards import Picture
from lumiku_web.ui.guard import member
from lumiku_web.ui.showing import picture

NO_PICTURE = Picture("", "", "", "", "", "", 1, 1, is_drawn=False, is_upload=False)


class PictureViewer(rx.State, mixin=True):
    """Mix it into a child of `SessionState`."""

    pictures: list[Picture] = []
    shown: Picture = NO_PICTURE
    is_viewer_open: bool = False

    @rx.event
    @member
    async def open_picture(self, image_id: str) -> None:
        """Look at one of the person's own pictures, in this list or not."""
        self.shown = await self._picture(image_id)
        self.is_viewer_open = True

    @rx.event
    @member
    async def close_viewer(self) -> None:
        """Back to the list; the picture stays until the dialog has faded."""
        self.is_viewer_open = False

    @rx.event
    @member
    async def next_picture(self) -> None:
        """One further in the list, round and round."""
        self._turn(1)

    @rx.event
    @member
    async def previous_picture(self) -> None:
        """One back in the list, round and round."""
        self._turn(-1)

    def _turn(self, steps: int) -> None:
        ids = [p.id for p in self.pictures]
        if not ids:
            return
        at = ids.index(self.shown.id) if self.shown.id in ids else -steps
        self.shown = self.pictures[(at + steps) % len(ids)]

    async def _picture(self, image_id: object) -> Picture:
        key = parse_id(image_id)
        if key is None:
            raise NotFound("picture_not_found")
        return picture(await call(gallery.owned, self._actor, key), self.language)
