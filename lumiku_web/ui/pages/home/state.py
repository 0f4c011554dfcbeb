"""What the dashboard shows beside what is running."""

import reflex as rx

from lumiku_web.bridge import call
from lumiku_web.domain.gallery import service as gallery
from lumiku_web.domain.gallery.policy import PAGE
from lumiku_web.domain.gallery.schemas import Cursor, PicturePage
from lumiku_web.ui.guard import member
from lumiku_web.ui.hub import followers
from lumiku_web.ui.picture_viewer import PictureViewer
from lumiku_web.ui.picture_window import Window
from lumiku_web.ui.session import SessionState

RECENT = 12


class HomeState(PictureViewer, SessionState):
    """The newest pictures of all projects. The grid shows the first page; the lightbox goes on into the next ones."""

    is_ready: bool = False

    @rx.event
    @member
    async def load(self) -> None:
        """From PostgreSQL."""
        self.is_viewer_open = False
        await self._show_first()
        self.is_ready = True

    async def _read_page(self, after: Cursor | None) -> PicturePage:
        return await call(gallery.page, self._actor, after=after, limit=PAGE if after else RECENT)

    def _cut(self, window: Window) -> Window:
        return window if self.is_viewer_open else window.cut(RECENT, pages=1)


followers["home"] = HomeState
