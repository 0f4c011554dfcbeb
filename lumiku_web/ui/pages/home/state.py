"""What the dashboard shows beside what is running."""

import reflex as rx

from lumiku_web.bridge import call
from lumiku_web.domain.gallery import service as gallery
from lumiku_web.domain.generations.schemas import MemberFeed
from lumiku_web.ui.guard import member
from lumiku_web.ui.hub import followers
from lumiku_web.ui.picture_viewer import PictureViewer
from lumiku_web.ui.session import SessionState
from lumiku_web.ui.showing import merged, new_pictures, picture

RECENT = 12


class HomeState(PictureViewer, SessionState):
    """The newest pictures of all projects."""

    is_ready: bool = False

    @rx.event
    @member
    async def load(self) -> None:
        """From PostgreSQL."""
        newest = (await call(gallery.page, self._actor)).pictures
        self.pictures = [picture(image, self.language) for image in newest[:RECENT]]
        self.is_ready = True

    def _on_feed(self, feed: MemberFeed) -> None:
        fresh = [picture(image, self.language) for image in new_pictures(feed)]
        if fresh:
            self.pictures = merged(self.pictures, fresh, limit=RECENT)


followers["home"] = HomeState
