"""What every Storage promises."""

import os
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lumiku_web.adapters.storage_local import LocalStorage
from lumiku_web.adapters.storage_memory import MemoryStorage
from lumiku_web.domain.storage.keys import image_key
from lumiku_web.domain.storage.ports import Storage
from lumiku_web.domain.storage.schemas import Variant
from lumiku_web.errors import NotFound

KEY = image_key(UUID(int=1), UUID(int=2), Variant.original)
OTHER = image_key(UUID(int=1), UUID(int=3), Variant.original)
HOSTILE = (
    "",
    "/",
    "/dev/null/passwd",  # can be written by nobody, whatever becomes of the check
    "..",
    "a/../../b",
    "a/./b",
    "a//b",
    "a/",
    ".hidden",
    "a/.hidden",
    "a\\b",
    "a b",
    "a\x00b",
    "a\n",
    "é",
    "C:/a",
    "a" * 4096,
    "/".join("a" * 17),
)


def _local(folder: Path) -> Storage:
    return LocalStorage(folder / "files")


def _memory(_: Path) -> Storage:
    return MemoryStorage()


@pytest.fixture(params=[_local, _memory], ids=["local", "memory"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    make: Callable[[Path], Storage] = request.param
    return make(tmp_path)


@pytest.mark.parametrize("content", [b"", b"a", bytes(range(256)) * 1000], ids=["nothing", "one", "much"])
def test_what_was_put_is_read(storage: Storage, content: bytes) -> None:
    storage.put(KEY, content, "image/png")
    assert storage.read(KEY) == content
    assert storage.size(KEY) == len(content)
    assert b"".join(storage.stream(KEY)) == content


def test_put_replaces_the_object_of_the_same_key(storage: Storage) -> None:
    storage.put(KEY, b"the first, which is longer", "image/png")
    storage.put(KEY, b"the second", "image/webp")
    assert storage.read(KEY) == b"the second"
    assert list(storage.keys()) == [KEY]


def test_a_stream_comes_in_chunks(storage: Storage) -> None:
    storage.put(KEY, b"abcdefg", "image/png")
    assert list(storage.stream(KEY, chunk_bytes=3)) == [b"abc", b"def", b"g"]


def test_a_stream_that_has_begun_is_not_mixed_with_its_replacement(storage: Storage) -> None:
    storage.put(KEY, b"aaaa", "image/png")
    begun = storage.stream(KEY, chunk_bytes=2)
    first = next(begun)
    storage.put(KEY, b"bbbb", "image/png")
    assert first + b"".join(begun) == b"aaaa"


def test_what_is_not_there_is_not_found(storage: Storage) -> None:
    storage.put(OTHER, b"a", "image/png")
    for ask in (storage.read, storage.size, storage.stream):
        with pytest.raises(NotFound):
            ask(KEY)
        with pytest.raises(NotFound):
            ask("images")


def test_what_was_deleted_is_forgotten_and_deleting_twice_is_no_error(storage: Storage) -> None:
    storage.put(KEY, b"a", "image/png")
    storage.put(OTHER, b"b", "image/png")
    storage.delete(KEY)
    storage.delete(KEY)
    storage.delete("never/was")
    assert list(storage.keys()) == [OTHER]
    with pytest.raises(NotFound):
        storage.read(KEY)


def test_keys_are_listed_by_prefix(storage: Storage) -> None:
    for key in ("images/a/1", "images/ab/2", "images/b/3", "trash/a"):
        storage.put(key, b"", "image/png")
    assert sorted(storage.keys()) == ["images/a/1", "images/ab/2", "images/b/3", "trash/a"]
    assert sorted(storage.keys("images/a")) == ["images/a/1", "images/ab/2"]
    assert sorted(storage.keys("images/a/")) == ["images/a/1"]
    assert list(storage.keys("nothing/like/it")) == []


def test_an_empty_storage_has_no_keys(storage: Storage) -> None:
    assert list(storage.keys()) == []


@pytest.mark.parametrize("key", HOSTILE)
def test_u5_a_key_that_could_leave_the_storage_is_refused(storage: Storage, key: str) -> None:
    with pytest.raises(ValueError, match="not a storage key"):
        storage.put(key, b"", "image/png")
    for use in (storage.read, storage.size, storage.stream, storage.delete):
        with pytest.raises(ValueError, match="not a storage key"):
            use(key)


@pytest.mark.parametrize("prefix", ["..", "/", "a/../b", "/etc", ".", "a//"])
def test_u5_a_prefix_that_could_leave_the_storage_is_refused(storage: Storage, prefix: str) -> None:
    with pytest.raises(ValueError, match="not a prefix"):
        list(storage.keys(prefix))


def test_addresses_are_signed_or_there_are_none(storage: Storage) -> None:
    storage.put(KEY, b"a", "image/png")
    address = storage.url_for(KEY, timedelta(minutes=5))
    assert address is None or address.startswith("https://")


def test_tidying_up_touches_no_key(storage: Storage) -> None:
    storage.put(KEY, b"a", "image/png")
    assert storage.tidy(timedelta()) == 0
    assert storage.read(KEY) == b"a"


def test_what_a_killed_process_left_half_written_is_tidied_up_when_it_is_old(tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path)
    storage.put(KEY, b"a", "image/png")
    for name, age_seconds in ((".old", 7200), (".new", 60)):
        left = (tmp_path / KEY).with_name(name)
        left.write_bytes(b"half")
        os.utime(left, (time.time() - age_seconds,) * 2)
    assert list(storage.keys()) == [KEY]
    assert storage.tidy(timedelta(hours=1)) == 1
    assert not (tmp_path / KEY).with_name(".old").exists()
    assert (tmp_path / KEY).with_name(".new").exists()


def test_many_threads_may_write_and_delete_beside_each_other(storage: Storage) -> None:
    """Deleting prunes folders that somebody else is about to write in."""
    wrong: list[BaseException] = []

    def churn(name: str) -> None:
        try:
            for turn in range(30):
                storage.put(f"images/shared/{name}", name.encode() * turn, "image/png")
                assert storage.read(f"images/shared/{name}") == name.encode() * turn
                storage.delete(f"images/shared/{name}")
        except BaseException as raised:  # noqa: BLE001 - carried to the test's own thread
            wrong.append(raised)

    threads = [threading.Thread(target=churn, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert list(storage.keys()) == []


@settings(deadline=None)
@given(
    objects=st.dictionaries(
        st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,9}/[A-Za-z0-9][A-Za-z0-9._-]{0,9}", fullmatch=True), st.binary(max_size=64)
    )
)
def test_any_objects_come_back_as_they_were(tmp_path_factory: pytest.TempPathFactory, objects: dict[str, bytes]) -> None:
    for storage in (_local(tmp_path_factory.mktemp("any")), MemoryStorage()):
        for key, content in objects.items():
            storage.put(key, content, "image/png")
        kept = storage.keys()
        assert {key: storage.read(key) for key in kept} == objects
