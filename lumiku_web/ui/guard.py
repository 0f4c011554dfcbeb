"""The rule of every event handler, declared below `@rx.event`; a handler without one is refused.

Also where refusals become words.

@rx.event
@member
async def rename(self, name: str) -> None: ...
"""

import functools
import inspect
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from enum import StrEnum
from typing import Any, Final, TypeVar

from lumiku_web.errors import InvalidInput, LumikuError
from lumiku_web.logs import correlated, get_logger
from lumiku_web.ui.texts import say

log = get_logger(__name__)

Handler = TypeVar("Handler", bound=Callable[..., Any])

_MARK: Final = "_lumiku_access"


class Access(StrEnum):
    """Who may send an event."""

    public = "public"
    member = "member"
    admin = "admin"


def public(handler: Handler) -> Handler:
    """Anybody, signed in or not."""
    return _declared(handler, Access.public)


def member(handler: Handler) -> Handler:
    """Whoever is signed in. The handler finds the person in `self._actor`."""
    return _declared(handler, Access.member)


def admin(handler: Handler) -> Handler:
    """Admins only."""
    return _declared(handler, Access.admin)


def access_of(handler: Callable[..., Any]) -> Access | None:
    """What the handler declares, or None: then nobody may send it."""
    return getattr(handler, _MARK, None)


def _declared(handler: Handler, access: Access) -> Handler:
    wrapped: Any
    if inspect.isasyncgenfunction(handler):
        wrapped = _in_steps(handler)
    elif inspect.iscoroutinefunction(handler):
        wrapped = _at_once(handler)
    else:
        wrapped = handler
    setattr(wrapped, _MARK, access)
    return wrapped


def _at_once(handler: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(handler)
    async def run(self: Any, *args: Any, **kwargs: Any) -> Any:
        async with _in_words(self, handler):
            return await handler(self, *args, **kwargs)

    return run


def _in_steps(handler: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(handler)
    async def run(self: Any, *args: Any, **kwargs: Any) -> AsyncIterator[Any]:
        async with _in_words(self, handler):
            async for step in handler(self, *args, **kwargs):
                yield step

    return run


@asynccontextmanager
async def _in_words(state: Any, handler: Callable[..., Any]) -> AsyncIterator[None]:
    """One correlation id for everything that the event causes; what goes wrong becomes a sentence on the page."""
    with correlated(event=handler.__qualname__, user_id=state._user_id) as reference:  # noqa: SLF001 (sent to no client)
        try:
            yield
        except LumikuError as refused:
            log.info("events.refused", reason=refused.key, facts=refused.facts)
            await _tell(state, refused)
        except Exception:
            log.exception("events.bug")
            await _tell(state, LumikuError("bug", reference=reference[:8]))


async def _tell(state: Any, refused: LumikuError) -> None:
    sentence = say(state.language, f"error.{refused.key}", **refused.facts)
    if hasattr(state, "_self_mutable"):  # a background handler must take the state's lock first
        async with state:
            _show(state, refused, sentence)
    else:
        _show(state, refused, sentence)


def _show(state: Any, refused: LumikuError, sentence: str) -> None:
    """Beside its field where the page has a place for it, else in the shell."""
    if isinstance(refused, InvalidInput) and refused.field and hasattr(state, "field_errors"):
        state.field_errors = {**state.field_errors, refused.field: sentence}
    else:
        state._notify(sentence, "danger")  # noqa: SLF001
