"""What runs and what the person has, in every tab: filled when a page loads, changed by the hub, asked for by nobody."""

from collections.abc import Callable, Sequence
from typing import Final

import reflex as rx

from lumiku_web.bootstrap import services
from lumiku_web.bridge import call
from lumiku_web.domain.billing.schemas import Standing
from lumiku_web.domain.generations import service as generations
from lumiku_web.domain.generations.schemas import GenerationRead, MemberFeed
from lumiku_web.errors import NotFound
from lumiku_web.ids import parse_id
from lumiku_web.ui.cards import OrderCard, Purse
from lumiku_web.ui.guard import member
from lumiku_web.ui.presence import presence
from lumiku_web.ui.session import SessionState
from lumiku_web.ui.showing import order_card, purse

#: As many cards as a page shows at once.
CARDS: Final = 12


class LiveState(SessionState):
    """The orders that run or ended lately, newest first, at most `CARDS`."""

    orders: list[OrderCard] = []
    running_count: int = 0
    #: How many of them run, or wait for somebody to try again what failed.
    open_count: int = 0
    #: A sentence when a part of the house is down (no worker, Redis, …); empty when all is well.
    service_note: str = ""
    #: What the person has, as of `_sequence`.
    purse: Purse = Purse()

    #: The same whole, its language, and the purse once more: in a tuple, as `_cards` is.
    _seen: tuple[()] | tuple[Standing, str, Purse] = ()
    #: The member's number that these orders are of: what is not newer is not applied.
    _sequence: int = -1
    #: `orders` once more, in a tuple: Reflex wraps whatever is read from a list, which costs more than all the rest of a push.
    _cards: tuple[OrderCard, ...] = ()

    @rx.event
    @member
    async def load(self) -> None:
        """The truth from PostgreSQL: when a page loads, and after a connection was lost."""
        found = await call(generations.present, self._actor)
        self._sequence = found.sequence
        self._show_cards(made_cards(found.orders, self.language), known=())
        self._show_purse(found.standing)
        presence.loaded(self._actor.user_id, found.sequence)
        presence.hopes(self._actor.user_id, self.router.session.client_token)
        self._show_note(presence.note)

    @rx.event
    @member
    async def try_again(self, order_id: str, item_id: str = "") -> None:
        """Order what failed in this order once more, or this picture of it.

        Raises: NotFound, Conflict, InvalidInput, LimitReached, Unavailable.
        """
        await self._act(services().generations.try_again, order_id, item_id)

    @rx.event
    @member
    async def cancel(self, order_id: str, item_id: str = "") -> None:
        """End what has not ended of this order, or this picture of it.

        Nobody is asked whether they are sure: nothing is charged, the wish stays in the form, and a picture that is done while
        a question stands there would make the answer untrue. Raises: NotFound.
        """
        await self._act(services().leases.cancel, order_id, item_id)

    async def _act(self, use_case: Callable[..., GenerationRead], order_id: str, item_id: str) -> None:
        order, item = parse_id(order_id), parse_id(item_id)
        if order is None or (item is None and item_id != ""):
            raise NotFound("order_not_found")
        self._add_order(await call(use_case, self._actor, order, item))

    def _follow(self, feed: MemberFeed, made: dict[str, list[OrderCard]] | None = None) -> bool:
        """Apply what changed; False for what is not newer than what is shown. For the hub only.

        `made` keeps the cards of this feed by language, so that the next tab of the person need not make them again.
        """
        if feed.sequence <= self._sequence:
            return False
        self._sequence = feed.sequence
        self._show_purse(feed.standing)
        if feed.orders:
            made = {} if made is None else made
            if self.language not in made:
                made[self.language] = made_cards(feed.orders, self.language)
            self._show_cards(made[self.language], known=self._cards)
        return True

    def _renew(self, standing: Standing) -> None:
        """What the person has on a new UTC day; nothing where the news of that day are there already. For the hub only."""
        shown = self._standing()
        if shown is None or shown.on is None or standing.on is None or standing.on > shown.on:
            self._show_purse(standing)

    def _add_order(self, order: GenerationRead) -> None:
        """The person's own click is shown at once; the feed brings it again."""
        self._show_cards(made_cards([order], self.language), known=self._cards)

    def _show_cards(self, changed: Sequence[OrderCard], known: Sequence[OrderCard]) -> None:
        cards = {card.id: card for card in (*known, *changed)}
        self._cards = tuple(sorted(cards.values(), key=lambda card: card.id, reverse=True)[:CARDS])
        self.orders = list(self._cards)
        self.running_count = sum(card.is_running for card in self._cards)
        self.open_count = sum(card.is_running or card.left_to_try > 0 for card in self._cards)

    def _show_purse(self, standing: Standing | None) -> None:
        if standing is None or self._seen[:2] == (standing, self.language):
            return
        shown = purse(standing, self.language)
        if self._seen[2:] != (shown,):
            self.purse = shown
        self._seen = (standing, self.language, shown)

    def _standing(self) -> Standing | None:
        """What the person has, as of `_sequence`, for what other states compute from it."""
        return self._seen[0] if self._seen else None

    def _show_note(self, key: str) -> None:
        text = self._say(f"note.{key}") if key else ""
        if text != self.service_note:
            self.service_note = text


def made_cards(orders: Sequence[GenerationRead], language: str) -> list[OrderCard]:
    """Each order as its card."""
    return [order_card(order, language) for order in orders]
