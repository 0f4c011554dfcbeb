"""Identifiers, in one place."""

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """A UUID version 7 (RFC 9562): sorts by the time of its making."""
    return uuid7()


def parse_id(text: object) -> UUID | None:
    """The UUID that `text` spells, or None: what comes from a browser may be anything."""
    try:
        return UUID(str(text))
    except ValueError:
        return None
