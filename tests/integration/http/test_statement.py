"""The statement as a file: all of it, one's own, and harmless in a spreadsheet (T8)."""

import csv
import io
from collections.abc import Callable

import httpx
import pytest

from lumiku_web import bridge
from lumiku_web.bootstrap import Services
from lumiku_web.clock import utc_now
from lumiku_web.http import statement
from lumiku_web.ids import new_id
from tests.factories.cells import HOSTILE_CELLS
from tests.factories.house import House

Headers = Callable[[str], dict[str, str]]
PATH = "/credits/statement.csv"


def lines(answer: httpx.Response) -> list[dict[str, str]]:
    """Its rows by the names of the head."""
    assert answer.status_code == 200
    assert answer.content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("page", [2, 500])
async def test_all_of_it_comes_however_many_pages_it_has(
    browser: httpx.AsyncClient,
    house: House,
    services: Services,
    signed_in: Headers,
    monkeypatch: pytest.MonkeyPatch,
    page: int,
) -> None:
    monkeypatch.setattr(statement, "_PAGE", page)
    ada, secret = house.sign_in()
    for number in range(1, 6):
        bridge.run(services.treasury.grant, ada, ada.user_id, number, key=new_id(), reason=f"gift {number}")
    answer = await browser.get(PATH, headers=signed_in(secret))
    found = lines(answer)
    assert [row["for"] for row in found] == [*(f"gift {number}" for number in range(5, 0, -1)), ""]
    assert [row["kind"] for row in found] == ["grant"] * 5 + ["sign_up"]
    assert [int(row["entry"]) for row in found] == [6, 5, 4, 3, 2, 1]
    assert [(row["available"], row["available_afterwards"]) for row in found[:2]] == [("5", "1000015"), ("4", "1000010")]
    assert answer.headers["content-disposition"] == 'attachment; filename="lumiku-credits.csv"'
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"


async def test_the_filter_of_the_page_is_that_of_the_file(browser: httpx.AsyncClient, house: House, signed_in: Headers) -> None:
    ada, secret = house.sign_in()
    made = house.submit(ada, title="a florist")
    month = utc_now().strftime("%Y-%m")
    asked = await browser.get(f"{PATH}?show=held&month={month}", headers=signed_in(secret))
    assert [(row["kind"], row["for"], row["order"]) for row in lines(asked)] == [("hold", "a florist", str(made.id))]
    assert f"lumiku-credits-held-{month}.csv" in asked.headers["content-disposition"]
    assert lines(await browser.get(f"{PATH}?month=2020-12", headers=signed_in(secret))) == []


@pytest.mark.parametrize("query", ["show=everything", "month=2026-13", "month=2026", "month=../etc", "show=&month=x"])
async def test_what_can_not_be_asked_for_is_not_found(
    browser: httpx.AsyncClient, house: House, signed_in: Headers, query: str
) -> None:
    _, secret = house.sign_in()
    assert (await browser.get(f"{PATH}?{query}", headers=signed_in(secret))).status_code == 404


async def test_words_are_no_formulas(browser: httpx.AsyncClient, house: House, signed_in: Headers) -> None:
    ada, secret = house.sign_in()
    for title in HOSTILE_CELLS:
        house.submit(ada, title=title)
    holds = lines(await browser.get(f"{PATH}?show=held", headers=signed_in(secret)))
    assert [hold["for"] for hold in reversed(holds)] == list(HOSTILE_CELLS.values())
    assert {hold["available"] for hold in holds} == {"-1"}, "a number stays a number"


async def test_t8_it_is_ones_own_and_nobody_elses(browser: httpx.AsyncClient, house: House, signed_in: Headers) -> None:
    ada, _ = house.sign_in()
    house.submit(ada, title="her secret")
    eve, secret = house.sign_in(name="Eve")
    answer = await browser.get(f"{PATH}?user_id={ada.user_id}", headers=signed_in(secret))
    assert [row["kind"] for row in lines(answer)] == ["sign_up"]
    assert "her secret" not in answer.text
    assert str(eve.user_id) not in answer.text
    assert (await browser.get(PATH)).status_code == 401
