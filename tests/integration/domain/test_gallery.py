"""Pictures: paged without gaps or doubles, put away and brought back by their owner only, deleted with their bytes (T8)."""

import threading
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from lumiku_web import bridge
from lumiku_web.bootstrap import Services
from lumiku_web.clock import utc_now
from lumiku_web.domain.accounts.schemas import Actor
from lumiku_web.domain.audit.models import AuditEvent
from lumiku_web.domain.gallery import service as gallery
from lumiku_web.domain.gallery.models import Image
from lumiku_web.domain.gallery.policy import PAGE, TRASH_KEPT, days_left, is_on
from lumiku_web.domain.gallery.schemas import Cursor, ImageRead, Shelf
from lumiku_web.domain.generations import service as generations
from lumiku_web.domain.notifications.service import sequences
from lumiku_web.domain.storage import service as files
from lumiku_web.domain.storage.models import LooseFiles
from lumiku_web.errors import NotFound
from lumiku_web.ids import new_id
from tests.factories.gallery import hang_pictures
from tests.factories.house import House
from tests.factories.plans import explained
from tests.factories.rows import all_rows

Act = Callable[[Services, Actor, Collection[UUID]], Any]
#: Every use case that changes pictures by their ids.
ACTS: dict[str, Act] = {
    "favourite": lambda s, a, ids: bridge.run(s.gallery.set_favourite, a, ids, is_favourite=True),
    "unmark": lambda s, a, ids: bridge.run(s.gallery.set_favourite, a, ids, is_favourite=False),
    "trash": lambda s, a, ids: bridge.run(s.gallery.trash, a, ids),
    "restore": lambda s, a, ids: bridge.run(s.gallery.restore, a, ids),
}


def hang(house: House, actor: Actor, count: int, project_id: UUID | None = None) -> list[UUID]:
    return bridge.run(hang_pictures, actor.user_id, project_id or house.project(actor).id, count)


def walk(actor: Actor, shelf: Shelf = Shelf.everything, **facts: Any) -> list[ImageRead]:
    """All pages, one after the other."""
    found: list[ImageRead] = []
    after: Cursor | None = None
    while True:
        page = bridge.run(gallery.page, actor, shelf, after=after, **facts)
        found += page.pictures
        if page.following is None:
            return found
        after = page.following


def ids_of(pictures: Collection[ImageRead]) -> list[UUID]:
    return [image.id for image in pictures]


def test_pages_are_complete_newest_first_and_without_doubles(house: House) -> None:
    ada, eve = house.member(), house.member(name="Eve")
    hung = hang(house, ada, 2 * PAGE + 1)
    hang(house, eve, 3)
    first = bridge.run(gallery.page, ada)
    assert len(first.pictures) == PAGE
    assert ids_of(walk(ada)) == hung
    assert len(walk(eve)) == 3


def test_a_full_last_page_promises_no_further_one(house: House) -> None:
    ada = house.member()
    hang(house, ada, PAGE)
    assert bridge.run(gallery.page, ada).following is None


def test_pictures_of_one_moment_are_not_lost_between_two_pages(house: House, owner_engine: Any) -> None:
    """The clock alone does not say where a page ends."""
    ada = house.member()
    hung = hang(house, ada, PAGE + 10)
    with owner_engine.begin() as connection:
        connection.execute(text("UPDATE images SET created_at = now()"))
    assert sorted(ids_of(walk(ada)), reverse=True) == ids_of(walk(ada))
    assert set(ids_of(walk(ada))) == set(hung)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    meanwhile=st.lists(
        st.lists(st.tuples(st.sampled_from(["new", "trash", "restore"]), st.integers(0, 99)), max_size=3), max_size=6
    )
)
def test_whatever_happens_between_two_pages_nothing_that_stays_is_missed_or_comes_twice(
    house: House, meanwhile: list[list[tuple[str, int]]]
) -> None:
    services, ada = house.services, house.member()
    project = house.project(ada)
    hung = hang(house, ada, 14, project.id)
    bridge.run(services.gallery.trash, ada, hung[::5])
    stayed = set(hung) - set(hung[::5])
    seen: list[ImageRead] = []
    after: Cursor | None = None
    for changes in [*meanwhile, *([[]] * 14)]:
        page = bridge.run(gallery.page, ada, after=after, limit=3)
        seen += page.pictures
        if page.following is None:
            break
        after = page.following
        for change, number in changes:
            one = hung[number % len(hung)]
            if change == "new":
                hang(house, ada, 1, project.id)
            elif change == "trash":
                bridge.run(services.gallery.trash, ada, [one])
                stayed.discard(one)
            else:
                bridge.run(services.gallery.restore, ada, [one])
    assert len(set(ids_of(seen))) == len(seen)
    assert stayed <= set(ids_of(seen))
    assert [(image.created_at, image.id) for image in seen] == sorted(((i.created_at, i.id) for i in seen), reverse=True)


def test_a_project_shows_its_own_pictures(house: House) -> None:
    ada = house.member()
    here, there = house.project(ada), house.project(ada)
    hung = hang(house, ada, 3, here.id)
    hang(house, ada, 2, there.id)
    assert ids_of(walk(ada, project_id=here.id)) == hung


def test_each_shelf_has_what_belongs_there(house: House, services: Services) -> None:
    ada = house.member()
    first, second, third = hang(house, ada, 3)
    bridge.run(services.gallery.set_favourite, ada, [first, third], is_favourite=True)
    bridge.run(services.gallery.trash, ada, [first])
    assert ids_of(walk(ada)) == [second, third]
    assert ids_of(walk(ada, Shelf.favourites)) == [third]
    assert ids_of(walk(ada, Shelf.trash)) == [first]
    everything = [bridge.run(gallery.owned, ada, image_id) for image_id in (first, second, third)]
    for shelf in Shelf:
        assert {image.id for image in everything if is_on(image, shelf)} == set(ids_of(walk(ada, shelf)))


def test_the_trash_begins_with_what_was_thrown_away_last(house: House, services: Services) -> None:
    ada = house.member()
    hung = hang(house, ada, PAGE + 2)
    for image_id in hung[:3]:
        bridge.run(services.gallery.trash, ada, [image_id])
    bridge.run(services.gallery.trash, ada, hung[3:])
    thrown = ids_of(walk(ada, Shelf.trash))
    assert thrown[-3:] == [hung[2], hung[1], hung[0]]
    assert set(thrown) == set(hung)


def test_doing_it_again_changes_nothing(house: House, services: Services) -> None:
    ada = house.member()
    hung = hang(house, ada, 2)
    for act in ACTS.values():
        act(services, ada, hung)
        before = bridge.run(sequences, [ada.user_id]), len(all_rows(AuditEvent))
        assert act(services, ada, hung) == []
        assert (bridge.run(sequences, [ada.user_id]), len(all_rows(AuditEvent))) == before


def test_what_comes_back_from_the_trash_stands_where_it_was(house: House, services: Services) -> None:
    ada = house.member()
    hung = hang(house, ada, 4)
    bridge.run(services.gallery.set_favourite, ada, [hung[1]], is_favourite=True)
    bridge.run(services.gallery.trash, ada, [hung[1], hung[2]])
    bridge.run(services.gallery.restore, ada, [hung[1], hung[2]])
    assert ids_of(walk(ada)) == hung
    assert ids_of(walk(ada, Shelf.favourites)) == [hung[1]]


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_t8_nobody_touches_somebody_elses_pictures(house: House, services: Services, act: Act) -> None:
    """Not even together with own ones: then nothing happens to those either."""
    ada, eve = house.member(), house.member(name="Eve")
    shown, thrown = hang(house, ada, 2)
    bridge.run(services.gallery.trash, ada, [thrown])
    (own,) = hang(house, eve, 1)
    before = sorted(all_rows(Image), key=lambda row: row.id)
    for ids in ([shown], [thrown], [own, shown], [own, thrown], [new_id()]):
        with pytest.raises(NotFound):
            act(services, eve, ids)
    assert sorted(all_rows(Image), key=lambda row: row.id) == before


def test_t8_nobody_deletes_moves_or_reads_somebody_elses_pictures(house: House, services: Services) -> None:
    ada, eve = house.member(), house.member(name="Eve")
    hung = hang(house, ada, 2)
    bridge.run(services.gallery.trash, ada, hung)
    assert bridge.run(services.gallery.delete, eve, hung) == 0
    assert bridge.run(services.gallery.empty_trash, eve, utc_now() + timedelta(days=1)) == 0
    assert bridge.run(gallery.in_trash, eve).pictures == 0
    with pytest.raises(NotFound):
        bridge.run(services.gallery.move, eve, hung, house.project(eve).id)
    with pytest.raises(NotFound):
        bridge.run(services.gallery.move, ada, hung, house.project(eve).id)
    with pytest.raises(NotFound):
        bridge.run(gallery.owned, eve, hung[0])
    with pytest.raises(NotFound):
        bridge.run(gallery.page, eve, project_id=bridge.run(gallery.owned, ada, hung[0]).project_id)
    assert len(walk(ada, Shelf.trash)) == 2


def test_only_what_is_in_the_trash_can_be_deleted(house: House, services: Services) -> None:
    ada = house.member()
    shown, thrown = hang(house, ada, 2)
    bridge.run(services.gallery.trash, ada, [thrown])
    assert bridge.run(services.gallery.delete, ada, [shown, thrown]) == 1
    assert bridge.run(services.gallery.delete, ada, [thrown]) == 0
    assert ids_of(walk(ada)) == [shown]
    assert walk(ada, Shelf.trash) == []
    with pytest.raises(NotFound):
        bridge.run(services.gallery.restore, ada, [thrown])


def test_what_is_deleted_counts_no_more_and_its_files_go(house: House, services: Services) -> None:
    ada = house.member()
    kept, gone = house.photo(ada, house.project(ada).id), house.photo(ada, house.project(ada).id)
    used = bridge.run(files.used_bytes, ada)
    (row,) = (row for row in all_rows(Image) if row.id == gone)
    bridge.run(services.gallery.trash, ada, [gone])
    assert bridge.run(files.used_bytes, ada) == used, "the trash counts"
    bridge.run(services.gallery.delete, ada, [gone])
    assert bridge.run(files.used_bytes, ada) == used - row.stored_bytes
    assert [(note.image_id, note.user_id) for note in all_rows(LooseFiles)] == [(gone, ada.user_id)]
    assert ids_of(walk(ada)) == [kept]


def test_emptying_deletes_what_was_counted_and_not_what_came_later(
    house: House, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gallery, "EMPTIED_AT_ONCE", 3)
    ada = house.member()
    hung = hang(house, ada, 8)
    bridge.run(services.gallery.trash, ada, hung[:7])
    seen = bridge.run(gallery.in_trash, ada)
    bridge.run(services.gallery.trash, ada, hung[7:])
    assert seen.pictures == 7
    assert seen.until is not None
    done = []
    while some := bridge.run(services.gallery.empty_trash, ada, seen.until):
        done.append(some)
    assert done == [3, 3, 1]
    assert ids_of(walk(ada, Shelf.trash)) == hung[7:]


def test_the_trash_deletes_by_itself_what_was_in_it_for_thirty_days(house: House, services: Services, owner_engine: Any) -> None:
    ada, eve = house.member(), house.member(name="Eve")
    old, recent = hang(house, ada, 2)
    hers = hang(house, eve, 1)
    bridge.run(services.gallery.trash, ada, [old, recent])
    bridge.run(services.gallery.trash, eve, hers)
    with owner_engine.begin() as connection:
        long_ago = text("UPDATE images SET trashed_at = now() - make_interval(days => :days) WHERE id = ANY(:ids)")
        connection.execute(long_ago, {"days": TRASH_KEPT.days + 1, "ids": [old, *hers]})
    assert bridge.run(gallery.delete_ended_trash, 10) == 2
    assert bridge.run(gallery.delete_ended_trash, 10) == 0
    assert ids_of(walk(ada, Shelf.trash)) == [recent]
    assert {note.image_id for note in all_rows(LooseFiles)} == {old, *hers}


def test_a_picture_says_how_long_the_trash_keeps_it() -> None:
    thrown = utc_now()
    assert days_left(thrown, thrown) == 30
    assert days_left(thrown, thrown + timedelta(hours=1)) == 30
    assert days_left(thrown, thrown + timedelta(days=29)) == 1
    assert days_left(thrown, thrown + timedelta(days=31)) == 0


def test_q8_other_tabs_hear_of_it_and_the_card_of_its_order_too(house: House, services: Services) -> None:
    ada = house.member()
    order = house.submit(ada)
    item = order.items[0].id
    assert house.deliver(house.claim(item))
    for act, is_trashed in ((ACTS["trash"], True), (ACTS["restore"], False)):
        mark = bridge.run(sequences, [ada.user_id])
        act(services, ada, [item])
        (news,) = bridge.run(generations.feed, mark)
        assert [(image.id, image.trashed_at is not None) for image in news.pictures] == [(item, is_trashed)]
        (shown,) = (one.items[0].image for one in news.orders)
        assert shown is not None
        assert (shown.trashed_at is not None) == is_trashed


def test_two_tabs_that_do_everything_at_once_never_wait_for_each_other_forever(house: House, services: Services) -> None:
    """In different orders, beside an upload that counts its bytes."""
    ada = house.member()
    project = house.project(ada)
    hung = hang(house, ada, 12, project.id)
    at_once = threading.Barrier(4)

    def tab(number: int) -> None:
        mine = hung if number % 2 else hung[::-1]
        at_once.wait()
        for turn in range(6):
            act = list(ACTS.values())[(number + turn) % len(ACTS)]
            try:
                act(services, ada, mine)
                bridge.run(services.gallery.delete, ada, [mine[turn]])
            except NotFound:
                mine = ids_of(walk(ada)) + ids_of(walk(ada, Shelf.trash))

    def uploads() -> None:
        at_once.wait()
        for number in range(6):
            house.photo(ada, project.id, f"beach {number}")

    with ThreadPoolExecutor(4) as pool:
        for done in [*(pool.submit(tab, number) for number in range(3)), pool.submit(uploads)]:
            done.result(timeout=60)
    rows = all_rows(Image)
    assert bridge.run(files.used_bytes, ada) == sum(row.stored_bytes for row in rows)
    assert {row.id for row in rows} & {note.image_id for note in all_rows(LooseFiles)} == set()


@pytest.mark.parametrize("shelf", Shelf)
def test_the_first_page_of_a_thousand_pictures_is_read_in_the_order_of_an_index(
    house: House, services: Services, owner_engine: Any, shelf: Shelf
) -> None:
    ada, eve = house.member(), house.member(name="Eve")
    hung = hang(house, ada, 1000)
    bridge.run(services.gallery.trash, eve, hang(house, eve, 1000)[:500])
    bridge.run(services.gallery.set_favourite, ada, hung[::2], is_favourite=True)
    bridge.run(services.gallery.trash, ada, hung[1::4])
    with owner_engine.begin() as connection:
        connection.execute(text("ANALYZE images"))  # as autovacuum does by itself, sooner or later
    page = bridge.run(gallery.page, ada, shelf)
    for after in (None, page.following):
        plan = explained(services, lambda after=after: bridge.run(gallery.page, ada, shelf, after=after))[-1]
        assert "Index Scan Backward" in plan, plan
        assert "Sort" not in plan, plan
