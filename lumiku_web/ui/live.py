"""What is running, in every tab of the person: filled when a page loads, changed by the hub, asked for by nobody."""

from collections.abc import Sequence
from typing import Final

import reflex as rx

from lumiku_web.bridge import call
from lumiku_web.domain.generations import service as generations
from lumiku_web.domain.generations.schemas import GenerationRead, MemberFeed
from lumiku_web.ui.cards import OrderCard
from lumiku_web.ui.guard import member
from lumiku_web.ui.presence import presence
from lumiku_web.ui.session import SessionState
from lumiku_web.ui.showing import order_card

#: As many cards as a page shows at once.
CARDS: Final = 12


class LiveState(SessionState):
    """The orders that run or ended lately, newest first, at most `CARDS`."""

    orders: list[OrderCard] = []
    running_count: int = 0
    #: A sentence when a part of the house is down (no worker, Redis, …); empty when all is well.
    service_note: str = ""

    #: The member's number that these orders are of: what is not newer is not applied.
    _sequence: int = -1

    @rx.event
    @member
    async def load(self) -> None:
        """The truth from PostgreSQL: when a page loads, and after a connection was lost."""
        sequence, orders = await call(generations.recent, self._actor)
        self._sequence = sequence
        self._show_orders(orders, known=[])
        presence.loaded(self._actor.user_id, sequence)
        self._show_note(presence.note)

    def _follow(self, feed: MemberFeed) -> bool:
        """Apply what changed; False for what is not newer than what is shown. For the hub only."""
        if feed.sequence <= self._sequence:
            return False
        self._sequence = feed.sequence
        if feed.orders:
            self._show_orders(feed.orders, known=self.orders)
        return True

    def _add_order(self, order: GenerationRead) -> None:
        """The person's own click is shown at once; the feed brings it again."""
        self._show_orders([order], known=self.orders)

    def _show_orders(self, changed: Sequence[GenerationRead], known: Sequence[OrderCard]) -> None:
        cards = {card.id: card for card in known}
        cards.update({str(order.id): order_card(order, self.language) for order in changed})
        self.orders = sorted(cards.values(), key=lambda card: card.id, reverse=True)[:CARDS]
        self.running_count = sum(card.is_running for card in self.orders)

    def _show_note(self, key: str) -> None:
        text = self._say(f"note.{key}") if key else ""
        if text != self.service_note:
            self.service_note = text
