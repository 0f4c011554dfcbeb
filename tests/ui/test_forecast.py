"""Who waits is told place and time in every tab: when it changes, at most twice a second, and never what is not asked."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import reflex as rx
from sqlalchemy import event

from lumiku_web import bridge
from lumiku_web.bootstrap import Services
from lumiku_web.domain.accounts.schemas import Actor
from lumiku_web.errors import Permanent
from lumiku_web.ui.forecast import PAUSE_SECONDS, Forecast
from lumiku_web.ui.live import LiveState
from lumiku_web.ui.outlook import OutlookState
from lumiku_web.ui.presence import presence
from lumiku_web.ui.session import SessionState
from tests.factories.house import House
from tests.ui.conftest import Browser


class Tabs:
    """Opens the tabs of a browser as the hub does, and counts."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self.opened: list[str] = []

    @asynccontextmanager
    async def __call__(self, token: str) -> AsyncIterator[Any]:
        self.opened.append(token)
        async with self._browser.manager.modify_state(rx.BaseStateToken(ident=token, cls=LiveState)) as root:
            yield root


@pytest.fixture
def forecast() -> Forecast:
    made = Forecast()
    made.capacity = 1
    return made


@pytest.fixture
def tabs(browser: Browser) -> Tabs:
    return Tabs(browser)


async def studio(browser: Browser, house: House, *, name: str = "Ada", number: int = 1) -> tuple[Browser, Actor]:
    actor, secret = house.sign_in(name=name)
    tab = browser.tab(secret=secret, token=f"tab-{number}")
    await tab.send(LiveState, "load")
    return tab, actor


async def tell(forecast: Forecast, tabs: Tabs) -> None:
    await asyncio.gather(*await forecast.once(tabs))


async def lines(tab: Browser) -> dict[str, str]:
    return dict((await tab.state(OutlookState)).lines)


async def test_each_picture_and_its_order_have_a_line_and_lose_it_at_the_end(
    browser: Browser, house: House, services: Services, forecast: Forecast, tabs: Tabs
) -> None:
    tab, ada = await studio(browser, house)
    order = house.submit(ada, count=2)
    presence.stirred.clear()
    await tab.send(LiveState, "load")
    assert presence.stirred.is_set(), "a page that loads does not wait for the next tick"
    await tell(forecast, tabs)
    first, second = (str(item.id) for item in order.items)
    assert await lines(tab) == {first: "Place 1", second: "Place 2", str(order.id): "Place 1"}
    bridge.run(services.leases.cancel, ada, order.id, order.items[0].id)
    await tell(forecast, tabs)
    assert await lines(tab) == {second: "Place 1", str(order.id): "Place 1"}
    bridge.run(services.leases.cancel, ada, order.id)
    await tell(forecast, tabs)
    assert await lines(tab) == {}
    assert presence.hoping == set(), "nobody is looked for any more"


async def test_a_tab_is_written_to_only_if_its_lines_change(
    browser: Browser, house: House, forecast: Forecast, tabs: Tabs
) -> None:
    tab, ada = await studio(browser, house)
    house.submit(ada)
    other, eve = await studio(browser, house, name="Eve", number=2)
    house.submit(eve)
    await tell(forecast, tabs)
    assert sorted(tabs.opened) == ["tab-1", "tab-2"]
    for _ in range(3):
        await tell(forecast, tabs)
    assert len(tabs.opened) == 2, "nothing new"
    house.submit(ada)
    await tell(forecast, tabs)
    assert tabs.opened[2:] == ["tab-1"], "her second one stands behind Eve's first"
    before = await lines(tab)
    await tab.send(LiveState, "load")
    await tell(forecast, tabs)
    assert tabs.opened[3:] == ["tab-1"], "a page that loads again must be told"
    assert await lines(tab) == before
    assert len(await lines(other)) == 2


async def test_two_tabs_of_a_person_have_their_own_words(browser: Browser, house: House, forecast: Forecast, tabs: Tabs) -> None:
    tab, ada = await studio(browser, house)
    second = tab.tab(token="tab-2")
    await second.send(LiveState, "load")
    async with browser.manager.modify_state(rx.BaseStateToken(ident="tab-2", cls=LiveState)) as root:
        (await root.get_state(SessionState)).language = "id"
    item = str(house.submit(ada).items[0].id)
    await tell(forecast, tabs)
    assert ((await lines(tab))[item], (await lines(second))[item]) == ("Place 1", "Urutan 1")


async def test_t8_nobody_is_told_of_somebody_elses_orders(browser: Browser, house: House, forecast: Forecast, tabs: Tabs) -> None:
    tab, ada = await studio(browser, house)
    _, eve = await studio(browser, house, name="Eve", number=2)
    hers, mine = house.submit(eve), house.submit(ada)
    await tell(forecast, tabs)
    assert set(await lines(tab)) == {str(mine.id), str(mine.items[0].id)}
    assert str(hers.items[0].id) not in str(presence.told["tab-1"])


async def test_a_tab_that_could_not_be_written_to_is_told_by_the_next_look(
    browser: Browser, house: House, forecast: Forecast, tabs: Tabs, monkeypatch: pytest.MonkeyPatch
) -> None:
    tab, ada = await studio(browser, house)
    item = house.submit(ada).items[0]
    with monkeypatch.context() as broken:
        broken.setattr(OutlookState, "_tell", None)
        await tell(forecast, tabs)
    await tell(forecast, tabs)
    assert (await lines(tab))[str(item.id)] == "Place 1"


async def test_nobody_is_looked_for_who_waits_for_nothing_or_is_not_here(
    browser: Browser, house: House, services: Services, forecast: Forecast, tabs: Tabs
) -> None:
    _, ada = await studio(browser, house)
    await tell(forecast, tabs)
    house.submit(house.member(name="Eve"))
    asked: list[str] = []

    def hear(*facts: Any) -> None:
        asked.append(facts[2])

    event.listen(services.engine, "before_cursor_execute", hear)
    await tell(forecast, tabs)
    house.submit(ada)
    presence.unregister("tab-1")
    asked.clear()
    await tell(forecast, tabs)
    event.remove(services.engine, "before_cursor_execute", hear)
    assert (asked, tabs.opened) == ([], ["tab-1"])


class Clock:
    """Time goes on while somebody sleeps, and while a look takes its time."""

    def __init__(self) -> None:
        self.now = 0.0
        self.looks: list[float] = []
        self.takes_seconds = 0.0
        self.enough = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)


class Counted(Forecast):
    """Looks at nothing, notes when, and is stirred without end."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock=lambda: clock.now, sleep=clock.sleep)
        self._of = clock
        presence.stirred = asyncio.Event()
        presence.stirred.set()

    async def once(self, _: object) -> list[asyncio.Task[None]]:
        self._of.looks.append(self._of.now)
        self._of.now += self._of.takes_seconds
        presence.stirred.set()
        if len(self._of.looks) > 20:
            self._of.enough.set()
        if len(self._of.looks) == 5:
            raise Permanent("bug")
        return []


@pytest.mark.parametrize(("takes_seconds", "apart"), [(0.0, PAUSE_SECONDS), (0.2, 2.0)])
async def test_looks_are_twice_a_second_at_most_and_a_tenth_of_the_time(takes_seconds: float, apart: float) -> None:
    clock = Clock()
    clock.takes_seconds = takes_seconds
    running = asyncio.create_task(Counted(clock).run(lambda _: None))  # pyright: ignore[reportArgumentType]  (no tab is opened)
    await asyncio.wait_for(clock.enough.wait(), 30)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    gaps = [after - before for before, after in zip(clock.looks, clock.looks[1:], strict=False)]
    assert min(gaps) >= apart - 1e-9
    assert max(gaps) <= apart + 1e-9, "a look that fails is no reason to stop"
