"""Who is here. Filled by the guard before every event; a page reads it and never writes it."""

import reflex as rx


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

    _user_id: str = ""
    _session_id: str = ""

    @rx.event
    def dismiss_notice(self) -> None:
        """The person has read it."""
        self.notice_text = ""

    def _notify(self, text: str, tone: str = "info") -> None:
        self.notice_text, self.notice_tone = text, tone
