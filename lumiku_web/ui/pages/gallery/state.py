"""The shelves of the gallery, and what only happens in the trash."""

import reflex as rx

from lumiku_web.bootstrap import services
from lumiku_web.bridge import call
from lumiku_web.domain.gallery import service as gallery
from lumiku_web.domain.gallery.schemas import Cursor, PicturePage, Shelf, Trash
from lumiku_web.ui.cards import Picture
from lumiku_web.ui.guard import member
from lumiku_web.ui.hub import followers
from lumiku_web.ui.picture_viewer import NO_PICTURE, PictureViewer
from lumiku_web.ui.session import SessionState
from lumiku_web.ui.showing import picture

ROUTE = "gallery"


class GalleryState(PictureViewer, SessionState):
    """One shelf at a time."""

    shelf: str = Shelf.everything.value
    is_ready: bool = False
    #: Of the question that is open: about `asked_about`, or about the whole trash.
    is_asking_one: bool = False
    is_asking_all: bool = False
    asked_about: Picture = NO_PICTURE.picture
    trash_count: int = 0

    #: What the question about the whole trash speaks of.
    _counted: Trash = Trash(0, None)

    @rx.event
    @member
    async def load(self) -> None:
        """From PostgreSQL; `?shelf=` chooses one."""
        await self._open(self.router.url.query_parameters.get("shelf", ""))

    @rx.event
    @member
    async def choose_shelf(self, shelf: str) -> rx.event.EventSpec:
        """Show another one at once; the address follows, so that it is the same one when the page loads again."""
        await self._open(shelf)
        return rx.redirect(f"/{ROUTE}?shelf={self.shelf}")

    @rx.event
    @member
    async def ask_delete(self, image_id: str) -> None:
        """Name what would be deleted for good."""
        image = await self._owned(image_id)
        self.asked_about, self.is_asking_one, self.is_viewer_open = picture(image, self.language), True, False

    @rx.event
    @member
    async def ask_empty(self) -> None:
        """Count what would be deleted for good."""
        self._counted = await call(gallery.in_trash, self._actor)
        self.trash_count, self.is_asking_all = self._counted.pictures, self._counted.pictures > 0

    @rx.event
    @member
    async def keep(self) -> None:
        """Nothing is deleted."""
        self.is_asking_one = self.is_asking_all = False

    @rx.event
    @member
    async def delete(self) -> None:
        """The picture that was asked about, for good."""
        self.is_asking_one = False
        image = await self._owned(self.asked_about.id)
        if await call(services().gallery.delete, self._actor, [image.id]):
            self._notify(self._say("trash.deleted_one"), "success")
        self._forget(str(image.id))

    @rx.event
    @member
    async def empty_trash(self) -> None:
        """What was counted, for good; what came into the trash since then stays there."""
        self.is_asking_all = False
        until, deleted = self._counted.until, 0
        while until and (some := await call(services().gallery.empty_trash, self._actor, until)):
            deleted += some
        if deleted:
            self._notify(self._say("trash.deleted_many", count=deleted), "success")
        await self._show_first()

    async def _open(self, shelf: object) -> None:
        before, self.shelf = self.shelf, str(shelf) if shelf in tuple(Shelf) else Shelf.everything.value
        self.is_viewer_open = self.is_asking_one = self.is_asking_all = False
        await (self._show_again() if self.is_ready and self.shelf == before else self._show_first())
        self.is_ready = True

    async def _read_page(self, after: Cursor | None) -> PicturePage:
        return await call(gallery.page, self._actor, self._shelf(), after=after)

    def _shelf(self) -> Shelf:
        return Shelf(self.shelf)


followers[ROUTE] = GalleryState
