"""What is running, in every tab of the person: filled when a page loads, changed by the hub, asked for by nobody."""

from lumiku_web.ui.cards import OrderCard
from lumiku_web.ui.session import SessionState


class LiveState(SessionState):
    """The orders that run or ended lately, newest first, at most 12."""

    orders: list[OrderCard] = []
    running_count: int = 0
    #: A sentence when a part of the house is down (no worker, Redis, …); empty when all is well.
    service_note: str = ""
