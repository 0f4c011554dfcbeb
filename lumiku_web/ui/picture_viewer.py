"""Pictures in a grid that grows as somebody scrolls, one of them looked at closely: for every state that shows some.

A state says by `_read_page` and `_takes` which pictures are its own, and begins by `_show_first`.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

import reflex as rx

from lumiku_web.bootstrap import services
from lumiku_web.bridge import call
from lumiku_web.domain.gallery import service as gallery
from lumiku_web.domain.gallery.policy import PAGE, is_on
from lumiku_web.domain.gallery.schemas import Cursor, ImageRead, PicturePage, Shelf
from lumiku_web.domain.generations.schemas import MemberFeed
from lumiku_web.errors import NotFound, Unavailable
from lumiku_web.ids import parse_id
from lumiku_web.logs import get_logger
from lumiku_web.ui.cards import Closeup, Picture, Tail, TailKind
from lumiku_web.ui.guard import member
from lumiku_web.ui.picture_window import PAGES, Row, Window
from lumiku_web.ui.session import SessionState
from lumiku_web.ui.showing import closeup, picture

log = get_logger(__name__)

NO_PICTURE: Final = Closeup(Picture("", "", "", 1, 1))


class Undo(SessionState):
    """Takes back what the notice speaks of."""

    _trashed: tuple[UUID, ...] = ()

    @rx.event
    @member
    async def bring_back(self) -> None:
        """Out of the trash; the feed shows them where they were. Raises: NotFound if they were deleted meanwhile."""
        ids, self._trashed = self._trashed, ()
        self._notify("")
        await call(services().gallery.restore, self._actor, ids)


class PictureList(rx.State, mixin=True):
    """A bounded window on a list, newest first. Reflex sends a list whole when one row of it changes, so each page is a var."""

    page_0: list[Picture] = []
    page_1: list[Picture] = []
    page_2: list[Picture] = []
    page_3: list[Picture] = []
    page_4: list[Picture] = []
    page_5: list[Picture] = []
    page_6: list[Picture] = []
    page_7: list[Picture] = []
    tail: Tail = Tail()

    _window: Window = Window()

    @rx.event
    @member
    async def load_more(self, after: str) -> AsyncIterator[None]:
        """The page that follows the picture `after`. Asked for it again, nothing happens."""
        if after != self.tail.after or self.tail.kind not in (TailKind.more, TailKind.failed):
            return
        self.tail = replace(self._window.tail(), kind=TailKind.loading.value)
        yield
        try:
            await self._load_more()
        except Unavailable as away:
            log.info("pictures.not_loaded", reason=away.key)  # said below the grid
        finally:
            if self.tail.kind == TailKind.loading:
                self.tail = replace(self._window.tail(), kind=TailKind.failed.value)

    @rx.event
    @member
    async def show_older(self) -> None:
        """Older pictures in the place of these."""
        await self._show_older()

    @rx.event
    @member
    async def show_newest(self) -> None:
        """Back to the beginning of the list."""
        await self._show_first()

    async def _read_page(self, after: Cursor | None) -> PicturePage:  # noqa: ARG002 (for those who have pictures)
        """The pictures that come after `after`, or the first ones. Of this person, whoever asks."""
        return PicturePage((), None)

    def _shelf(self) -> Shelf:
        return Shelf.everything

    def _takes(self, image: ImageRead) -> bool:
        """Whether this picture of the person belongs into the list, as it is now."""
        return is_on(image, self._shelf())

    def _cut(self, window: Window) -> Window:
        """As much of the window as fits."""
        return window.cut(PAGE)

    async def _show_first(self) -> None:
        self._show(self._with_page(Window(), await self._read_page(None)))

    async def _show_again(self) -> None:
        """The same list anew, as far as it was shown: a page loads again whenever a connection comes back."""
        shown = 1 if self._window.before else len(self._window.pages)
        window = self._with_page(Window(), await self._read_page(None))
        while len(window.pages) < shown and window.following:
            window = self._with_page(window, await self._read_page(window.following))
        self._show(window)

    async def _load_more(self) -> None:
        """Raises: Unavailable; the window stays as it was."""
        self._show(self._with_page(self._window, await self._read_page(self._window.following)))

    async def _show_older(self) -> None:
        after = self._window.following
        if after:
            self._show(self._with_page(Window(before=after), await self._read_page(after)))

    def _with_page(self, window: Window, page: PicturePage) -> Window:
        return window.extended([self._row(image) for image in page.pictures], page.following)

    def _row(self, image: ImageRead) -> Row:
        return Row(gallery.cursor(image, self._shelf()), picture(image, self.language))

    def _apply(self, changed: Iterable[ImageRead]) -> None:
        """Show what happened to these pictures; nothing of it may be news."""
        window = self._window
        for image in changed:
            window = window.with_row(self._row(image)) if self._takes(image) else window.without(str(image.id))
        self._show(self._cut(window))

    def _forget(self, picture_id: str) -> None:
        """A picture that is not there any more."""
        self._show(self._window.without(picture_id))

    def _show(self, window: Window) -> None:
        """Write what differs from what is shown."""
        shown, self._window = self._window, window
        for number in range(PAGES):
            if window.page(number) is not shown.page(number) and window.page(number) != shown.page(number):
                setattr(self, f"page_{number}", [row.picture for row in window.page(number)])
        if self.tail != window.tail():
            self.tail = window.tail()


class PictureViewer(PictureList, mixin=True):
    """The list, its lightbox, and what can be done with a picture in both."""

    shown: Closeup = NO_PICTURE
    is_viewer_open: bool = False

    #: Where the picture in the lightbox stands in the list, or stood.
    _place: Cursor | None = None

    @rx.event
    @member
    async def open_picture(self, image_id: str) -> None:
        """Look at one of the person's own pictures, in this list or not."""
        await self._look_at(image_id)
        self.is_viewer_open = True

    @rx.event
    @member
    async def close_viewer(self) -> None:
        """Back to the list; the picture stays until the dialog has faded."""
        self.is_viewer_open = False

    @rx.event
    @member
    async def next_picture(self) -> None:
        """One further in the list, and on into what is not loaded yet."""
        await self._go_on()

    @rx.event
    @member
    async def previous_picture(self) -> None:
        """One back in the list."""
        await self._go_back()

    @rx.event
    @member
    async def press_key(self, key: str) -> None:
        """The keys of the lightbox."""
        if not self.is_viewer_open:
            return
        if key == "ArrowRight":
            await self._go_on()
        elif key == "ArrowLeft":
            await self._go_back()
        elif key == "Delete":
            await self._trash(self.shown.picture.id)
        elif key in ("f", "F"):  # a tuple: whatever a browser sends can be looked for in it
            await self._mark(self.shown.picture.id, is_favourite=not self.shown.picture.is_favourite)

    @rx.event
    @member
    async def set_favourite(self, image_id: str, is_favourite: bool) -> None:
        """Mark or unmark a picture."""
        await self._mark(image_id, is_favourite=is_favourite is True)

    @rx.event
    @member
    async def put_in_trash(self, image_id: str) -> None:
        """Put away; the notice offers to bring it back."""
        await self._trash(image_id)

    @rx.event
    @member
    async def restore(self, image_id: str) -> None:
        """Out of the trash."""
        restored = await self._act(services().gallery.restore, image_id)
        if self._shelf() is Shelf.trash:
            await self._leave(str(image_id), restored)
        else:
            self._refresh(restored)

    async def _mark(self, image_id: object, *, is_favourite: bool) -> None:
        self._refresh(await self._act(services().gallery.set_favourite, image_id, is_favourite=is_favourite))

    async def _trash(self, image_id: object) -> None:
        put_away = await self._act(services().gallery.trash, image_id)
        if put_away:
            undo = await self.get_state(Undo)
            undo._trashed = tuple(image.id for image in put_away)  # noqa: SLF001 (underscored: no client can call it)
            self._notify(self._say("trash.put_there"), action=self._say("trash.undo"))
        await self._leave(str(image_id), put_away)

    async def _act(self, use_case: Callable[..., list[ImageRead]], image_id: object, **facts: object) -> list[ImageRead]:
        """Raises: NotFound; such a picture is in no list any more."""
        try:
            return await call(use_case, self._actor, [_id(image_id)], **facts)
        except NotFound:
            self._forget(str(image_id))
            raise

    async def _leave(self, picture_id: str, changed: Iterable[ImageRead] = ()) -> None:
        """The picture has left the list: in the lightbox the next one comes, or the one before, or it closes."""
        self._apply(changed)
        self._forget(picture_id)
        if self.is_viewer_open and self.shown.picture.id == picture_id:
            self.is_viewer_open = await self._go_on() or await self._go_back()

    async def _go_on(self) -> bool:
        if self._place and not self._window.next(self._place) and self._window.following:
            await (self._show_older() if self._window.is_full else self._load_more())
        after = self._window.next(self._place) if self._place else None
        return await self._turn_to(after)

    async def _go_back(self) -> bool:
        return await self._turn_to(self._window.previous(self._place) if self._place else None)

    async def _turn_to(self, row: Row | None) -> bool:
        if row is None:
            return False
        try:
            await self._look_at(row.place.image_id, place=row.place)
        except NotFound:
            self._forget(row.picture.id)
            raise
        return True

    async def _owned(self, image_id: object) -> ImageRead:
        """Raises: NotFound, also for somebody else's."""
        return await call(gallery.owned, self._actor, _id(image_id))

    async def _look_at(self, image_id: object, *, place: Cursor | None = None) -> None:
        image = await self._owned(image_id)
        self._place = place or gallery.cursor(image, self._shelf())
        self._show_closely(image)

    def _show_closely(self, image: ImageRead) -> None:
        window, place = self._window, self._place
        self.shown = closeup(
            image,
            self.language,
            position=window.position(str(image.id)),
            has_previous=place is not None and window.previous(place) is not None,
            has_next=place is not None and (window.next(place) is not None or window.following is not None),
        )

    def _refresh(self, changed: Sequence[ImageRead]) -> None:
        """In the list and in the lightbox."""
        self._apply(changed)
        for image in changed:
            if self.is_viewer_open and self.shown.picture.id == str(image.id):
                self._show_closely(image)

    def _on_feed(self, feed: MemberFeed) -> None:
        """For the hub only."""
        self._refresh(feed.pictures)


def _id(text: object) -> UUID:
    """Raises: NotFound, for whatever is no id."""
    key = parse_id(text)
    if key is None:
        raise NotFound("picture_not_found")
    return key
