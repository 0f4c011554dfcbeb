"""The second of two layers that refuse by default: before every event, who it is and whether they may."""

import hashlib
from typing import Any, Final

import reflex as rx
from reflex.state import StateUpdate
from reflex_base.event import Event, resolve_upload_chunk_handler_param
from reflex_base.registry import RegistrationContext
from reflex_base.utils.exceptions import UploadTypeError, UploadValueError

from lumiku_web.bootstrap import services
from lumiku_web.bridge import call
from lumiku_web.domain.accounts.schemas import Actor
from lumiku_web.errors import SignInRequired, Unavailable
from lumiku_web.http.session_cookie import secret_in
from lumiku_web.logs import get_logger
from lumiku_web.ui.guard import Access, access_of
from lumiku_web.ui.presence import presence
from lumiku_web.ui.session import SessionState
from lumiku_web.ui.texts import spoken

log = get_logger(__name__)

#: Names that a browser may use on the socket; `connect` among them would let it forge its own headers.
SOCKET_EVENTS: Final = frozenset({"event", "ping", "client_error"})
#: Handlers of the framework itself, by name: hydration, page loads, browser storage, errors of the page's own code.
FRAMEWORK_HANDLERS: Final = frozenset(
    {
        "hydrate_and_load",
        "hydrate",
        "on_load_internal",
        "update_vars_internal",
        "set_is_hydrated",
        "handle_frontend_exception",
    }
)
#: What a browser sends first on each connection; the answer is everything that the state holds.
_BOOT: Final = frozenset({"hydrate_and_load", "hydrate"})


class Gatekeeper(rx.Middleware):
    """Resolves the session at each event and compares it with what the handler declares."""

    async def preprocess(self, app: rx.App, state: Any, event: Event) -> StateUpdate | None:  # noqa: ARG002 (Reflex's)
        """None lets the event pass; an update is all that the browser gets instead."""
        session: SessionState = await state.get_state(SessionState)
        handler = RegistrationContext.get().event_handlers[event.name].handler
        fn: Any = handler.fn
        session._turn_page()  # noqa: SLF001 (no client can call it)
        ours = not handler.state.__module__.startswith("reflex")
        cookie = state.router.headers.cookie
        try:
            actor = await _actor(cookie)
        except Unavailable as down:
            if not ours:  # without a database only the browser that filled this state may have it
                return None if session._is_of(_digest(cookie)) else StateUpdate()  # noqa: SLF001 (no client can call it)
            session._notify(session._say(f"error.{down.key}"), "danger")  # noqa: SLF001
            return await _only_this(state)
        self._recognise(state, session, actor, is_boot=fn.__name__ in _BOOT)
        digest = _digest(cookie) if actor else ""
        if session._digest != digest:  # noqa: SLF001
            session._digest = digest  # noqa: SLF001
        if not ours:
            return None if fn.__name__ in FRAMEWORK_HANDLERS else StateUpdate()
        access = access_of(fn)
        if access is Access.public or (actor and (access is Access.member or (access is Access.admin and actor.is_admin))):
            return None
        return await _refused(state, session, actor, access)

    def _recognise(self, state: Any, session: SessionState, actor: Actor | None, *, is_boot: bool) -> None:
        tab = state.router.session.client_token
        was = session._user_id  # noqa: SLF001
        if actor is None:
            presence.unregister(tab)
            if was and is_boot:
                state._get_root_state().reset()  # noqa: SLF001 (a page that opens without a session opens empty)
            elif was:
                session.session_ended = True  # what is typed on the open page stays
            session._known = None  # noqa: SLF001
            if is_boot and not session._has_chosen_language:  # noqa: SLF001
                session.language = spoken(state.router.headers.accept_language)
            return
        if was and was != str(actor.user_id):
            state._get_root_state().reset()  # noqa: SLF001 (somebody else's page must not be seen)
        session._recognise(actor)  # noqa: SLF001
        if session.session_ended:
            session.session_ended = False
        presence.register(actor.user_id, actor.session_id, tab)


def _digest(cookie_header: str) -> str:
    """Tells whether two connections came with the same secret; an empty text without one."""
    secret = secret_in(cookie_header, services().settings)
    return hashlib.sha256(secret.encode()).hexdigest() if secret else ""


async def _actor(cookie_header: str) -> Actor | None:
    made = services()
    secret = secret_in(cookie_header, made.settings)
    if not secret:
        return None
    try:
        return await call(made.accounts.actor, secret)
    except SignInRequired:
        return None


async def _refused(state: Any, session: SessionState, actor: Actor | None, access: Access | None) -> StateUpdate:
    log.info("events.not_permitted", declared=str(access), signed_in=actor is not None)
    if actor is not None:
        session._notify(session._say("error.not_permitted"), "danger")  # noqa: SLF001
        return await _only_this(state)
    if session.session_ended:
        return await _only_this(state)
    return StateUpdate(events=Event.from_event_type(rx.redirect("/sign-in")))


async def _only_this(state: Any) -> StateUpdate:
    """What the gatekeeper changed, and nothing else."""
    root = state._get_root_state()  # noqa: SLF001
    delta = await root._get_resolved_delta()  # noqa: SLF001
    root._clean()  # noqa: SLF001
    return StateUpdate(delta=delta)


def upload_handlers() -> frozenset[str]:
    """Names of those that take the chunks of a file and say who may send them. Call it once all states are imported."""
    registered = RegistrationContext.get().event_handlers
    return frozenset(name for name, found in registered.items() if access_of(found.handler.fn) and _takes_chunks(found.handler))


def _takes_chunks(handler: Any) -> bool:
    try:
        resolve_upload_chunk_handler_param(handler)
    except (UploadTypeError, UploadValueError):
        return False
    return handler.is_background


def lock_socket_events(app: rx.App) -> None:
    """Drop every event whose name is not the framework's own."""
    server = app.sio
    if server is None:
        return
    original = server._handle_event  # noqa: SLF001

    async def handle(eio_sid: str, namespace: str, event_id: Any, data: Any) -> None:
        if data and isinstance(data[0], str) and data[0] in SOCKET_EVENTS:
            await original(eio_sid, namespace, event_id, data)
        else:
            log.warning("socket.event_dropped", name=str(data[0])[:40] if data else "")

    server._handle_event = handle  # noqa: SLF001
