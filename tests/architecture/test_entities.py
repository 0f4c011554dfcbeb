"""The committed diagram of the tables is the diagram of the tables."""

from lumiku_web.tables import metadata
from tests.architecture.entities import PAGE, page


def test_the_diagram_of_the_entities_is_the_one_of_the_tables() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "the tables have changed: `make entities` writes docs/entities.md anew"


def test_every_table_and_every_reference_is_in_the_diagram() -> None:
    drawn = page().partition("erDiagram\n")[2].partition("```")[0]
    assert len(metadata.tables) >= 12
    for table in metadata.tables.values():
        assert f"    {table.name} {{\n" in drawn
        assert all(f" {column.name}" in drawn.partition(f"    {table.name} {{\n")[2] for column in table.columns)
        for key in table.foreign_keys:
            assert f" {table.name} : {key.parent.name}\n" in drawn
