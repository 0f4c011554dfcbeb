"""What only the disk can do to us."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from lumiku_web.adapters.storage_local import LocalStorage
from lumiku_web.errors import NotFound, Unavailable


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "files"


def _failing(number: int) -> Callable[[int], None]:
    def fail(_: int) -> None:
        raise OSError(number, os.strerror(number))

    return fail


def test_u5_files_lie_below_the_root_by_their_key_and_not_for_everybody(root: Path) -> None:
    LocalStorage(root).put("images/a/original", b"a", "image/png")
    path = root / "images" / "a" / "original"
    assert path.read_bytes() == b"a"
    assert path.stat().st_mode & 0o007 == 0
    assert path.parent.stat().st_mode & 0o007 == 0


def test_deleting_prunes_empty_folders_up_to_the_root(root: Path) -> None:
    storage = LocalStorage(root)
    storage.put("images/a/1/original", b"a", "image/png")
    storage.put("images/b/2/original", b"b", "image/png")
    storage.delete("images/a/1/original")
    assert [path.name for path in (root / "images").iterdir()] == ["b"]
    storage.delete("images/b/2/original")
    assert list(root.iterdir()) == []


@pytest.mark.parametrize(
    ("number", "key"),
    [(errno.ENOSPC, "storage_full"), (errno.EDQUOT, "storage_full"), (errno.EIO, "storage_unreachable")],
)
def test_l6_a_disk_that_refuses_leaves_the_old_object_and_no_litter(
    root: Path, monkeypatch: pytest.MonkeyPatch, number: int, key: str
) -> None:
    storage = LocalStorage(root)
    storage.put("images/original", b"old", "image/png")
    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", _failing(number))
        with pytest.raises(Unavailable) as refused:
            storage.put("images/original", b"new", "image/png")
    assert refused.value.key == key
    assert storage.read("images/original") == b"old"
    assert [path.name for path in (root / "images").iterdir()] == ["original"]


def test_a_root_that_is_no_folder_is_unreachable(root: Path) -> None:
    root.write_bytes(b"a file")
    with pytest.raises(Unavailable) as refused:
        LocalStorage(root).put("images/original", b"a", "image/png")
    assert refused.value.key == "storage_unreachable"


def test_a_key_can_not_be_the_folder_of_another(root: Path) -> None:
    storage = LocalStorage(root)
    storage.put("a", b"file", "image/png")
    with pytest.raises(Unavailable):
        storage.put("a/b", b"below it", "image/png")
    storage.put("c/d", b"file", "image/png")
    with pytest.raises(Unavailable):
        storage.put("c", b"above it", "image/png")
    assert sorted(storage.keys()) == ["a", "c/d"]


def test_what_was_left_half_written_is_never_listed(root: Path) -> None:
    storage = LocalStorage(root)
    storage.put("images/original", b"a", "image/png")
    (root / "images" / ".0011223344556677").write_bytes(b"half")
    assert list(storage.keys()) == ["images/original"]


def test_an_object_that_goes_while_a_stream_waits_is_not_found(root: Path) -> None:
    storage = LocalStorage(root)
    storage.put("images/original", b"a", "image/png")
    waiting = storage.stream("images/original")
    storage.delete("images/original")
    with pytest.raises(NotFound):
        next(waiting)
