"""Writes `docs/entities.md` from the tables as they are: `make entities`. A test compares the two."""

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Column, ForeignKey, Table, UniqueConstraint
from sqlalchemy.dialects import postgresql
from sqlmodel import SQLModel

from lumiku_web.tables import metadata

PAGE = Path(__file__).parents[2] / "docs" / "entities.md"

HEAD = """# Entities

Every table and what it refers to, generated from the models of the packages of `lumiku_web/domain/` by `make entities`. What
happens to these rows is in [Architecture](architecture.md); their words are in the [glossary](glossary.md).
"""

#: PostgreSQL's own short names, where the long ones have spaces, which Mermaid does not take.
SHORT = {"TIMESTAMP WITH TIME ZONE": "timestamptz", "VARCHAR": "text", "FLOAT": "float8"}


def page() -> str:
    """The whole file."""
    tables = sorted(metadata.tables.values(), key=lambda table: table.name)
    return "\n".join([HEAD, "```mermaid", "erDiagram", *diagram(tables), "```", "", *legend(tables), ""])


def diagram(tables: list[Table]) -> Iterator[str]:
    """Relations first, then the columns of each table in the order in which its class declares them."""
    for table in tables:
        for key in sorted(table.foreign_keys, key=lambda key: key.parent.name):
            yield f"    {key.column.table.name} {relation(key)} {table.name} : {key.parent.name}"
    for table in tables:
        yield f"    {table.name} {{"
        yield from (f"        {line(column)}" for column in table.columns)
        yield "    }"


def relation(key: ForeignKey) -> str:
    """One or none above; below any number, or one at most where the column alone is unique."""
    above = "|o" if key.parent.nullable else "||"
    return f"{above}--{'o|' if is_unique(key.parent) else 'o{'}"


def line(column: Column[object]) -> str:
    """Type, name, keys, and whether the value may be missing."""
    kind = column.type.compile(dialect=postgresql.dialect())
    signs = {"PK": column.primary_key, "FK": bool(column.foreign_keys), "UK": is_unique(column) and not column.primary_key}
    keys = ", ".join(sign for sign, holds in signs.items() if holds)
    missing = '"may be missing"' if column.nullable else ""
    return " ".join(filter(None, [SHORT.get(kind, kind.lower()), column.name, keys, missing]))


def is_unique(column: Column[object]) -> bool:
    """Whether no two rows have the same value."""
    alone = [
        *(rule.columns for rule in column.table.constraints if isinstance(rule, UniqueConstraint)),
        *(index.columns for index in column.table.indexes if index.unique and index.dialect_kwargs["postgresql_where"] is None),
        column.table.primary_key.columns,
    ]
    return any(list(columns) == [column] for columns in alone)


def legend(tables: list[Table]) -> Iterator[str]:
    """What a row is, in the words of its class."""
    classes = {mapper.local_table: mapper.class_ for mapper in SQLModel._sa_registry.mappers}
    yield "| table | class | a row is |"
    yield "| --- | --- | --- |"
    for table in tables:
        model = classes[table]
        words = (model.__doc__ or "").partition("\n")[0]
        yield f"| `{table.name}` | `{model.__module__}.{model.__name__}` | {words} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
