"""What leaves this package: plans, what a member has, and how an order is paid."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID


class Tier(StrEnum):
    """Which models somebody may use: those of this tier and of the ones before it."""

    free = "free"
    basic = "basic"
    pro = "pro"
    enterprise = "enterprise"

    @property
    def rank(self) -> int:
        return list(Tier).index(self)

    def covers(self, other: "Tier") -> bool:
        """Whether what needs `other` is open to who has this."""
        return self.rank >= other.rank


class Cycle(StrEnum):
    """How long one payment lasts."""

    month = "month"
    year = "year"


class SubscriptionStatus(StrEnum):
    """Where a subscription stands. `active`, `canceled` and `grace` give what the plan gives."""

    active = "active"
    #: Ends with its period.
    canceled = "canceled"
    #: The period is over and nobody has renewed it: for 7 days nothing changes.
    grace = "grace"
    suspended = "suspended"
    ended = "ended"

    @property
    def gives(self) -> bool:
        return self in {SubscriptionStatus.active, SubscriptionStatus.canceled, SubscriptionStatus.grace}


class Step(StrEnum):
    """What happens to a subscription."""

    subscribed = "subscribed"
    changed = "changed"
    #: To a plan that begins with the next period.
    change_planned = "change_planned"
    change_dropped = "change_dropped"
    canceled = "canceled"
    resumed = "resumed"
    renewed = "renewed"
    grace = "grace"
    suspended = "suspended"
    ended = "ended"


class AllowanceKind(StrEnum):
    """What a window counts."""

    #: Quota units of a UTC day.
    day = "day"
    #: Quota units of a UTC month.
    month = "month"
    #: Credits of a UTC month: what the member's own cap bounds.
    spending = "spending"


class PaidWith(StrEnum):
    """By what one picture is paid."""

    quota = "quota"
    credits = "credits"
    #: An admin gave it.
    house = "house"


@dataclass(frozen=True)
class PlanRead:
    """A plan, as people see it."""

    key: str
    title: str
    tier: Tier
    #: In the smallest unit of `currency` (rupiah have none smaller).
    price_minor: int
    currency: str
    cycle: Cycle
    #: Quota units.
    daily_quota: int
    monthly_quota: int
    #: Turns where one of weight 1 gets one.
    weight: int


@dataclass(frozen=True)
class Window:
    """What was used of a bound, and what is set aside; both count against it."""

    limit: int
    used: int = 0
    held: int = 0

    @property
    def left(self) -> int:
        return max(0, self.limit - self.used - self.held)


@dataclass(frozen=True)
class Standing:
    """What a member has at one moment: credits, plan, quota, and the bounds the member has set."""

    user_id: UUID
    available: int = 0
    held: int = 0
    owed: int = 0
    #: None: pays as they go.
    plan: PlanRead | None = None
    status: SubscriptionStatus | None = None
    #: End of the period that is paid, or of the grace.
    until: datetime | None = None
    #: The plan that follows, after a change to a smaller one.
    next_plan_key: str = ""
    day: Window = Window(0)
    month: Window = Window(0)
    #: The UTC day that `day` is of.
    on: date | None = None
    #: When a new day begins.
    resets_at: datetime | None = None
    #: The member's own bound of credits in a UTC month; None: none.
    spending_cap: int | None = None
    spent: int = 0
    #: Whether credits pay what the quota does not.
    uses_credits: bool = False

    @property
    def has_plan(self) -> bool:
        return self.plan is not None and self.status is not None and self.status.gives

    @property
    def tier(self) -> Tier:
        """Who pays as they go, and whose plan is suspended, has the free models."""
        return self.plan.tier if self.plan and self.has_plan else Tier.free

    @property
    def weight(self) -> int:
        return self.plan.weight if self.plan and self.has_plan else 1

    @property
    def quota_left(self) -> int:
        """Units that an order may still take today."""
        return min(self.day.left, self.month.left) if self.has_plan else 0


@dataclass(frozen=True)
class Price:
    """Of one picture, in credits and in quota units: one of the two is paid. Frozen on the order at submission (L12)."""

    credits: int
    quota: int


@dataclass(frozen=True)
class Quote:
    """How an order of so many pictures would be paid: the first ones by the quota, the rest with credits."""

    price: Price
    count: int
    by_quota: int
    by_credits: int

    @property
    def credits(self) -> int:
        return self.by_credits * self.price.credits

    @property
    def quota(self) -> int:
        return self.by_quota * self.price.quota


@dataclass(frozen=True)
class Share:
    """One item of an order, as far as it is paid: everything that ends its hold."""

    order_id: UUID
    item_id: UUID
    user_id: UUID
    paid_with: PaidWith
    #: Credits or quota units.
    amount: int
    #: The UTC day on whose quota, and in whose month, it was held.
    held_on: date


@dataclass(frozen=True)
class SubscriptionState:
    """A subscription at one moment; `policy.elapsed` says what time makes of it."""

    plan: PlanRead
    status: SubscriptionStatus
    #: The period that is paid: from its start until just before its end.
    period_start: datetime
    period_end: datetime
    #: Periods begin on this day of the month, or on its last one.
    anchor_day: int
    #: Takes its place at the end of the period.
    next_plan: PlanRead | None = None
    #: What the running period was worth when it began.
    paid_minor: int = 0
    #: Paid, and more than the running period costs: it counts for the next one.
    balance_minor: int = 0
    grace_until: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True)
class Elapsed:
    """What time did to a subscription, when, and how it was afterwards."""

    what: Step
    at: datetime
    after: SubscriptionState


@dataclass(frozen=True)
class SubscriptionRead:
    """One subscription of a member's history."""

    id: UUID
    user_id: UUID
    plan_key: str
    status: SubscriptionStatus
    started_at: datetime
    period_start: datetime
    period_end: datetime
    next_plan_key: str
    ended_at: datetime | None


@dataclass(frozen=True)
class ChangeRead:
    """One step of a member's subscriptions."""

    at: datetime
    what: Step
    #: The plan that it was about: of a planned change the one to come.
    plan_key: str
    #: What was to be paid for it, and what counted as paid already.
    due_minor: int
    credit_minor: int
    #: None: time did it.
    actor_id: UUID | None


@dataclass(frozen=True)
class Proration:
    """What a change of plan, or a renewal, costs. Written down in docs/money.md; `policy.prorate` makes it."""

    #: What counts as paid: of the old period, and what was left from before.
    credit_minor: int
    due_minor: int
    #: When the new plan begins: now for a dearer one, the end of the period for a cheaper one.
    at: datetime
