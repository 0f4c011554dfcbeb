"""What a page holds of orders and pictures: small frozen rows, ready to show. Never ORM rows, never growing lists."""

from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True)
class Tile:
    """One picture of an order. `status`: queued running succeeded failed canceled; trashed deleted, once it was made."""

    id: str
    status: str
    #: px; known before the picture, so that nothing moves when it arrives.
    width_px: int = 1024
    height_px: int = 1024
    image_id: str = ""
    thumb_url: str = ""
    preview_url: str = ""
    blur: str = ""
    #: A sentence in the person's language: why it failed, or why it waits.
    reason: str = ""
    #: What support needs to find a failure in the log; empty unless failed.
    reference: str = ""
    #: It failed, and no other order has taken it up.
    can_be_tried: bool = False


@dataclass(frozen=True)
class OrderCard:
    """One generation with its tiles."""

    id: str
    project_id: str
    project_name: str
    app: str
    #: The person's own words, shortened.
    title: str
    model: str
    is_drawn: bool
    is_running: bool
    #: "2 of 4", "4 pictures", in the person's language.
    summary: str
    tiles: list[Tile] = field(default_factory=list[Tile])
    #: How many of its pictures failed and were not tried again; 0 while it runs.
    left_to_try: int = 0


@dataclass(frozen=True)
class Fact:
    """A label and a value of a picture's recipe."""

    label: str
    value: str


@dataclass(frozen=True)
class Picture:
    """A picture in a grid: slim, because a page holds hundreds. Its addresses follow from its id: see `kit.picture`."""

    id: str
    #: Shortened.
    title: str
    blur: str
    width_px: int
    height_px: int
    is_drawn: bool = False
    is_favourite: bool = False
    #: When the trash deletes it, in the person's language; empty outside the trash.
    leaves: str = ""


@dataclass(frozen=True)
class Closeup:
    """The picture in the lightbox, with what a grid need not know."""

    picture: Picture
    title: str = ""
    facts: list[Fact] = field(default_factory=list[Fact])
    is_trashed: bool = False
    #: "12 of 40"; empty unless the list is there from its first picture to its last.
    position: str = ""
    has_previous: bool = False
    has_next: bool = False


class TailKind(StrEnum):
    """What stands below a grid."""

    #: More is there, and comes when somebody gets near.
    more = "more"
    loading = "loading"
    failed = "failed"
    #: The page holds no more: older pictures take the place of these.
    full = "full"
    end = "end"


@dataclass(frozen=True)
class Tail:
    """Where a grid ends, and where it begins."""

    kind: str = TailKind.end
    #: The picture that the next page comes after: a page is asked for by it, so that none is loaded twice.
    after: str = ""
    #: The grid begins with the newest picture.
    is_newest: bool = True
    #: There is no picture at all.
    is_empty: bool = True


@dataclass(frozen=True)
class ProjectCard:
    """A project in a list."""

    id: str
    name: str
    #: "12 pictures", in the person's language.
    summary: str
    cover_url: str = ""
    cover_blur: str = ""


@dataclass(frozen=True)
class AppCard:
    """An app on the dashboard."""

    slug: str
    title: str
    summary: str
    icon: str
    route: str
