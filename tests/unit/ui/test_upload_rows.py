"""The list of files on their way: who starts, who stays, what counts."""

from lumiku_web.ui.pages.project.upload_rows import AT_ONCE, ROWS, FileFacts, Rows, Step, UploadRow, megabytes


def row(number: int, step: Step = Step.waiting) -> UploadRow:
    return UploadRow(f"row-{number}", "project", "Studio", f"{number}.jpg", "image/jpeg", 1_000, number, step.value)


def some(count: int, *, after: int = 0) -> list[UploadRow]:
    return [row(number) for number in range(after, after + count)]


def steps(rows: Rows) -> list[str]:
    return [one.step for one in rows.rows]


def test_only_so_many_are_under_way_and_the_next_one_starts_when_one_ends() -> None:
    rows = Rows().add(some(AT_ONCE + 2))
    assert steps(rows) == ["starting"] * AT_ONCE + ["waiting"] * 2
    rows = rows.change("row-0", step=Step.saving.value)
    assert steps(rows)[1:] == ["starting"] * (AT_ONCE - 1) + ["waiting"] * 2
    assert steps(rows.keep("row-0")) == ["starting"] * AT_ONCE + ["waiting"]
    assert steps(rows.refuse(["row-1"], "broken"))[3:] == ["starting", "waiting"]
    assert steps(rows.remove(["row-1"])) == ["saving", *["starting"] * (AT_ONCE - 1), "waiting"]


def test_an_end_is_the_end() -> None:
    rows = Rows().add(some(1)).refuse(["row-0"], "first")
    assert rows.refuse(["row-0"], "second") == rows
    assert rows.change("row-0", step=Step.saving.value) == rows
    assert rows.rows[0].reason == "first"


def test_what_is_being_saved_can_not_be_stopped_any_more() -> None:
    rows = Rows().add(some(2)).change("row-0", step=Step.saving.value)
    assert [one.id for one in rows.remove(["row-0", "row-1"]).rows] == ["row-0"]


def test_counts_are_of_what_came_since_nothing_was_on_its_way() -> None:
    rows = Rows().add(some(3)).keep("row-0").remove(["row-1"])
    assert (rows.kept_count, rows.all_count, rows.open_count) == (1, 2, 1)
    rows = rows.add(some(1, after=3))
    assert (rows.kept_count, rows.all_count) == (1, 3)
    rows = rows.keep("row-2").refuse(["row-3"], "broken")
    assert (rows.kept_count, rows.all_count, rows.open_count) == (2, 3, 0)
    rows = rows.add(some(1, after=4))
    assert (rows.kept_count, rows.all_count) == (0, 1)
    assert rows.keep("row-9") == rows


def test_a_list_is_bounded_and_what_has_ended_makes_room() -> None:
    rows = Rows().add(some(ROWS + 10))
    assert len(rows.rows) == ROWS
    rows = rows.refuse([f"row-{number}" for number in range(5)], "broken").add(some(10, after=100))
    assert len(rows.rows) == ROWS
    assert [one.id for one in rows.rows[-5:]] == [f"row-{number}" for number in range(100, 105)]
    assert rows.rows[0].id == "row-5"


def test_what_a_browser_says_of_a_file_may_be_anything() -> None:
    said: list[object] = [{"name": {"a": 1}, "type": 7, "size": "9"}, None, "name", {"name": "n" * 4096, "size": -1}]
    assert [(len(file.name), file.media_type, file.size_bytes) for file in FileFacts.read_all(said)] == [
        (0, "", 0),
        (0, "", 0),
        (0, "", 0),
        (200, "", 0),
    ]
    assert [FileFacts.read_all(odd) for odd in (None, "abc", {"0": {}}, 7)] == [[], [], [], []]


def test_a_pasted_picture_gets_a_name_that_says_something() -> None:
    (pasted, copied) = FileFacts.read_all([{"name": "image.png"}, {"name": "beach.png"}])
    assert (pasted.named("Pasted picture").name, copied.named("Pasted picture").name) == ("Pasted picture.png", "beach.png")


def test_sizes_are_in_megabytes_as_the_language_writes_them() -> None:
    assert [megabytes(size, "en") for size in (0, 3_240_000, 8_000_000, 25_000_000)] == ["0", "3.2", "8", "25"]
    assert megabytes(3_240_000, "id") == "3,2"
