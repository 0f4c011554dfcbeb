"""Invented orders and pictures in every state, for the page of pieces and the tests that open it."""

# ruff: noqa: RUF001  (texts as a person sees them, with real dashes and signs)

from dataclasses import replace

from lumiku_web.ui.cards import (
    AppCard,
    Closeup,
    Fact,
    Gauge,
    OrderCard,
    Picture,
    PlanCard,
    PriceTag,
    ProjectCard,
    Purse,
    StatementRow,
    Tail,
    TailKind,
    Tile,
)
from lumiku_web.ui.kit.chart import day_bars, shares
from lumiku_web.ui.kit.record_table import Record

#: A blur, as the rows of real pictures carry one.
BLUR = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E"
    "%3Crect width='16' height='16' fill='%23b8c4d6'/%3E%3Ccircle cx='8' cy='9' r='6' fill='%23c98f6b'/%3E%3C/svg%3E"
)

PORTRAITS = tuple(f"/images/portraits/{name}.svg" for name in ("baker", "florist", "pilot", "teacher"))


def _done(number: int) -> Tile:
    url = PORTRAITS[number % len(PORTRAITS)]
    return Tile(id=f"done-{number}", status="succeeded", image_id=f"image-{number}", thumb_url=url, preview_url=url, blur=BLUR)


def _tile(status: str, number: int = 0, reason: str = "", reference: str = "") -> Tile:
    return Tile(id=f"{status}-{number}", status=status, reason=reason, reference=reference, can_be_tried=status == "failed")


TILES = [
    _tile("queued", reason="3 pictures are before it · about 20–35 s"),
    _tile("running"),
    _tile("saving"),
    _done(0),
    _tile("failed", reason="The image service refused this prompt. Your 10 credits are back.", reference="7F3K-20QD"),
    _tile("canceled"),
    _tile("trashed"),
    _tile("deleted"),
]

_RUNNING = OrderCard(
    id="order-1",
    project_id="project-1",
    project_name="Summer campaign",
    app="avatar-creator",
    title="Baker, 34, warm light",
    model="FLUX.1 schnell",
    is_drawn=False,
    is_running=True,
    summary="2 of 4 · about 20–35 s",
    tiles=[_done(0), _done(1), _tile("running"), _tile("queued", reason="Waits for the picture before it")],
)
ORDERS = [
    _RUNNING,
    replace(
        _RUNNING,
        id="order-2",
        title="A florist who has been awake since four and whose own words are much longer than one line of a card",
        model="Illustrator",
        is_drawn=True,
        is_running=False,
        summary="2 of 3 made",
        tiles=[_done(2), _done(3), TILES[4]],
        left_to_try=1,
    ),
    replace(
        _RUNNING,
        id="order-3",
        title="Pilot before take-off",
        is_running=False,
        summary="1 of 4 made · 1 cancelled",
        tiles=[_done(2), TILES[4], _tile("canceled"), _tile("failed", 1, "The image service is busy. Nothing was charged.")],
        left_to_try=2,
    ),
]


def _picture(number: int, width_px: int, height_px: int, *, is_drawn: bool) -> Picture:
    return Picture(
        id=f"{('baker', 'florist', 'pilot', 'teacher')[number % 4]}.svg?{number}",
        title=("Baker, 34, warm light", "Florist at the market", "Pilot before take-off", "Teacher, first day")[number % 4],
        blur=BLUR,
        width_px=width_px,
        height_px=height_px,
        is_drawn=is_drawn,
        is_favourite=number == 1,
    )


_SIZES = [(1024, 1024), (832, 1216), (1216, 832), (1024, 1024), (832, 1216), (1024, 1024), (1216, 832)]
PICTURES = [_picture(i, w, h, is_drawn=i % 3 == 0) for i, (w, h) in enumerate(_SIZES)]
CLOSEUP = Closeup(
    PICTURES[1],
    PICTURES[1].title,
    [
        Fact("Model", "FLUX.1 schnell"),
        Fact("Size", "832 × 1216"),
        Fact("Seed", "4 102 882 137"),
        Fact("Prompt", "Portrait of a baker, 34, flour on the apron, warm light from the oven, 85 mm, shallow depth of field"),
    ],
    position="2 of 7",
)
TAILS = [Tail(kind.value) for kind in TailKind if kind is not TailKind.more]

_BY_CREDITS = PriceTag(
    is_known=True,
    model="FLUX.1 dev",
    count=4,
    credits_each=8,
    quota_each=1,
    by_credits=4,
    credits=32,
    balance=1_240,
    balance_after=1_208,
)
_BY_BOTH = {"by_quota": 3, "by_credits": 1, "quota": 9, "credits": 15, "quota_limit": 50, "quota_after": 1}
PRICES = {
    "price-credits": _BY_CREDITS,
    "price-quota": replace(
        _BY_CREDITS, model="FLUX.2 pro", credits_each=15, quota_each=3, has_plan=True, balance_after=1_225, **_BY_BOTH
    ),
    "price-short": replace(_BY_CREDITS, balance=5, balance_after=0, missing=27, why_not="credits_short"),
}

PROJECTS = [
    ProjectCard("project-1", "Summer campaign", "12 pictures", PORTRAITS[1], BLUR),
    ProjectCard("project-2", "A project whose name is really rather long for a card", "1 picture", PORTRAITS[2], BLUR),
    ProjectCard("project-3", "Empty", "No pictures yet"),
]

APP = AppCard("avatar-creator", "Avatar Creator", "Realistic portraits of invented people", "user-round", "/apps/avatar-creator")

ROWS = [
    ["22 Nov 2026", "Baker, 34, warm light", "−40", "1,240"],
    ["21 Nov 2026", "Pack of 500 credits", "+500", "1,280"],
    ["20 Nov 2026", "Returned: refused prompt", "+10", "780"],
]

RECORDS = [
    Record("a", ["illustrator · dicebear", "Open", "12"], ["", "", 12], tone="success"),
    Record("b", ["bfl · flux-2-pro", "Rests for 20 s", "3"], ["", "", 3], tone="warning"),
    Record("c", ["huggingface · black-forest-labs/FLUX.1-dev", "Refuses our key", "0"], ["", "", 0], tone="danger"),
    Record("d", ["huggingface · black-forest-labs/FLUX.1-schnell", "Limited", "—"], ["", "", ""]),
]

PURSES = [
    Purse(words="1,240 credits", figures="1,240", sentence="You have 1,240 credits."),
    Purse(
        words="3 of 10 today · 96",
        figures="3/10 · 96",
        sentence="You have 96 credits. 3 of 10 of today's quota are left.",
        day=Gauge(limit=10, used=4, held=3, left=3),
    ),
    Purse(words="0 credits", figures="0", sentence="You have 0 credits.", tone="warning"),
    Purse(words="0 credits", figures="0", sentence="You have 0 credits. You owe 20 credits.", tone="danger"),
]

PLANS = [
    PlanCard("free", "Free", 0, "IDR", is_yearly=False, daily_quota=10, monthly_quota=300, weight=1, models="FLUX.1 dev"),
    PlanCard(
        "pro-yearly",
        "Pro yearly",
        2_870_000,
        "IDR",
        is_yearly=True,
        daily_quota=100,
        monthly_quota=3_000,
        weight=3,
        models="FLUX.2 pro",
    ),
]

ENTRIES = [
    StatementRow("e4", "2026-11-22T09:14:00+00:00", "chargeback", "The bank took it back", "", -40, 0, 0, 20),
    StatementRow("e3", "2026-11-22T09:12:00+00:00", "release", "Baker, 34, warm light", "/kit/", 8, -8, 40, 0),
    StatementRow("e2", "2026-11-22T09:10:00+00:00", "capture", "Baker, 34, warm light", "/kit/", 0, -8, 32, 0),
    StatementRow("e1", "2026-11-22T09:09:00+00:00", "sign_up", "", "", 100, 0, 100, 0),
]

_SERIES = [(name, [place * step % 9 for place in range(14)]) for step, name in enumerate("ABCDEFG", 2)]
CHART = day_bars(
    [f"{day} Nov" for day in range(9, 23)], _SERIES, words="Pictures, 9–22 Nov", rest="All others", say="{:g}".format
)
SHARES = shares([("FLUX.1 dev", 1240), ("A model whose name is really rather long for a list", 420), ("Illustrator", 0)], say=str)
