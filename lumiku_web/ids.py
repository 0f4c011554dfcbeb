"""Identifiers, in one place."""

from uuid import UUID, uuid5

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """A UUID version 7 (RFC 9562): sorts by the time of its making."""
    return uuid7()


def derived_id(parent: UUID, purpose: str) -> UUID:
    """Always the same one for this parent and purpose (RFC 9562, version 5): for what must not be made twice."""
    return uuid5(parent, purpose)


def parse_id(text: object) -> UUID | None:
    """The UUID that `text` spells, or None: what comes from a browser may be anything."""
    try:
        return UUID(str(text))
    except ValueError:
        return None
