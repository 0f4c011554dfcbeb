"""Who is here. Filled by the gatekeeper before every event; a page reads it and never writes it."""

from typing import Any

import reflex as rx

from lumiku_web.bridge import call
from lumiku_web.domain.accounts import service as accounts
from lumiku_web.domain.accounts.schemas import Actor
from lumiku_web.errors import SignInRequired
from lumiku_web.ui.guard import public
from lumiku_web.ui.texts import LANGUAGES, say


class SessionState(rx.State):
    """Parent of every state of the product: always loaded with them, so it stays small."""

    is_signed_in: bool = False
    is_admin: bool = False
    user_name: str = ""
    user_email: str = ""
    #: One or two letters for the badge.
    user_initials: str = ""
    language: str = "en"
    #: The session ended while this page was open: a dialog asks to sign in again, nothing typed is lost.
    session_ended: bool = False
    #: The notice that the shell shows: `info`, `success`, `warning`, `danger`; an empty text hides it.
    notice_tone: str = "info"
    notice_text: str = ""
    #: What its button says, which takes back what the text speaks of; empty for none. See `picture_viewer.Undo`.
    notice_action: str = ""

    _notice_page: str = ""
    _has_chosen_language: bool = False
    _known: Actor | None = None
    _user_id: str = ""
    #: SHA-256 of the secret that this state was filled for.
    _digest: str = ""

    @property
    def _actor(self) -> Actor:
        """The person, as of this very event. Raises: SignInRequired."""
        if self._known is None:
            raise SignInRequired
        return self._known

    @property
    def _page(self) -> str:
        return self.router.url.path.rstrip("/")

    @rx.event
    @public
    def dismiss_notice(self) -> None:
        """The person has read it."""
        self.notice_text = ""

    @rx.event
    @public
    async def set_language(self, language: str) -> None:
        """Speak this language from now on; for a signed-in person on every device."""
        if self._known is not None:
            self.language = await call(accounts.set_language, self._actor, language)
        elif language in LANGUAGES:
            self.language, self._has_chosen_language = language, True

    @rx.event
    @public
    async def resume(self) -> None:
        """The person says to have signed in again: a new connection brings the new cookie, and everything typed stays."""
        await _reconnect(self.router.session.client_token)

    def _is_of(self, digest: str) -> bool:
        """Whether this state was filled for the secret with this digest, or for nobody."""
        return self._digest in {"", digest}

    def _notify(self, text: str, tone: str = "info", *, action: str = "", on_page: str = "") -> None:
        """Say something on this page, or on the one that comes next."""
        self.notice_text, self.notice_tone, self.notice_action = text, tone, action
        self._notice_page = on_page or self._page

    def _turn_page(self) -> None:
        """What was said on another page has been read by now; what can be taken back stays in sight."""
        if self.notice_text and not self.notice_action and self._notice_page != self._page:
            self.notice_text = ""

    def _say(self, key: str, **facts: object) -> str:
        return say(self.language, key, **facts)

    def _recognise(self, actor: Actor | None) -> None:
        """Set who is here. For the gatekeeper only.

        Nothing is set that was so already: the tab would get all that is computed from it, at every event.
        """
        known: dict[str, Any] = {
            "_known": actor,
            "_user_id": str(actor.user_id) if actor else "",
            "is_signed_in": actor is not None,
            "is_admin": actor is not None and actor.is_admin,
            "user_name": actor.name if actor else "",
            "user_email": actor.email if actor else "",
            "user_initials": _initials(actor.name) if actor else "",
            "language": actor.language if actor else self.language,
        }
        for name, value in known.items():
            if getattr(self, name) != value:
                setattr(self, name, value)


def _initials(name: str) -> str:
    words = name.split()
    return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()


async def _reconnect(token: str) -> None:
    """Close the tab's transport; the browser opens another one by itself.

    Engine.IO only says goodbye, which a browser ignores on a WebSocket; the end of its queue makes it hang up as well.
    """
    app = rx.utils.prerequisites.get_and_validate_app().app  # the running app, known only by now
    namespace = app.event_namespace
    record = namespace._token_manager.token_to_socket.get(token) if namespace else None  # noqa: SLF001 (the framework asks it so itself)
    if app.sio is None or record is None:
        return
    socket_id = app.sio.manager.eio_sid_from_sid(record.sid, namespace.namespace)
    connection = app.sio.eio.sockets.get(socket_id)
    await app.sio.eio.disconnect(socket_id)
    if connection is not None:
        await connection.queue.put(None)
