"""What a page holds of orders, pictures and credits: small frozen rows, ready to show. Never ORM rows, never growing lists."""

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
    #: "Your 8 credits are back.", in the person's language; empty while there is nothing to give back.
    back: str = ""


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
    #: "32 credits", "4 of the daily quota", "free": of what is there or still to come, in the person's language.
    price: str = ""


@dataclass(frozen=True)
class Gauge:
    """What was used of a bound, in quota units or credits."""

    limit: int = 0
    used: int = 0
    #: Set aside for what is being made.
    held: int = 0
    left: int = 0
    #: When it begins anew, ISO 8601.
    ends_at: str = ""


@dataclass(frozen=True)
class Purse:
    """What the person has right now."""

    #: "96 credits", "7 of 10 today · 96"; shorter, for a phone; and whole, for who hovers or listens. In the person's language,
    #: empty until the server has said it.
    words: str = ""
    figures: str = ""
    sentence: str = ""
    #: `danger`: something is owed; `warning`: nothing is left to order with.
    tone: str = ""
    #: Credits.
    available: int = 0
    held: int = 0
    owed: int = 0
    #: Of a plan that gives something; what a suspended one would give is not counted.
    has_plan: bool = False
    plan_key: str = ""
    plan_title: str = ""
    #: `SubscriptionStatus`; empty for who pays as they go.
    status: str = ""
    #: End of the paid period or of the grace, ISO 8601.
    until: str = ""
    next_plan_key: str = ""
    #: Quota units that an order may still take now.
    quota_left: int = 0
    day: Gauge = Gauge()
    month: Gauge = Gauge()
    #: Credits in a month by the person's own bound, if there is one.
    has_cap: bool = False
    cap: int = 0
    spent: int = 0
    uses_credits: bool = False


@dataclass(frozen=True)
class PlanCard:
    """A plan beside others."""

    key: str
    title: str
    #: In the smallest unit of the currency.
    price_minor: int
    currency: str
    is_yearly: bool
    daily_quota: int
    monthly_quota: int
    #: Turns where one without a plan gets one.
    weight: int
    #: Titles of the models that it opens, the best first.
    models: str


@dataclass(frozen=True)
class StatementRow:
    """One entry of a statement, in credits; numbers and moments are written by the page."""

    id: str
    #: ISO 8601.
    at: str
    #: `EventKind`.
    kind: str
    #: The person's own words of the order, or the reason that somebody gave.
    what_for: str
    #: Where the order's pictures are; empty if there is nothing any more.
    href: str
    #: What the entry did.
    available: int
    held: int
    #: The balances afterwards.
    balance: int
    owed_then: int


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
class ModelChoice:
    """A model in the menu of a form."""

    key: str
    title: str
    #: Of one picture.
    credits: int
    quota: int
    #: `Tier`: the least plan that has it.
    tier: str
    #: The person's plan has it.
    is_open: bool
    is_beta: bool


@dataclass(frozen=True)
class PriceTag:
    """What the order in a form would cost, and how it would be paid. In numbers, which the page writes."""

    #: The server has said it.
    is_known: bool = False
    #: Comes back with the form: the order is taken at this price, or refused.
    shown: str = ""
    model: str = ""
    count: int = 0
    #: Of one picture.
    credits_each: int = 0
    quota_each: int = 0
    #: Pictures that the quota and that credits pay.
    by_quota: int = 0
    by_credits: int = 0
    #: What they take in all.
    quota: int = 0
    credits: int = 0
    has_plan: bool = False
    #: Quota units of a day, and what would be left of what may still be taken today.
    quota_limit: int = 0
    quota_after: int = 0
    balance: int = 0
    balance_after: int = 0
    #: Key of the refusal that an order would get now; empty: it can be ordered.
    why_not: str = ""
    #: Credits that are missing, that are owed, and the person's own bound of a month.
    missing: int = 0
    owed: int = 0
    cap: int = 0
    #: The plan that would be needed.
    tier: str = ""
    #: When there is quota again, ISO 8601.
    ends_at: str = ""


@dataclass(frozen=True)
class AppCard:
    """An app on the dashboard."""

    slug: str
    title: str
    summary: str
    icon: str
    route: str
