"""What the pages for visitors know: what the last form post came back with, and whether there is any account yet."""

from typing import Final

import reflex as rx

from lumiku_web.bridge import call
from lumiku_web.domain.accounts.policy import EMAIL_MAX, NAME_MAX
from lumiku_web.domain.accounts.service import has_accounts
from lumiku_web.errors import LumikuError
from lumiku_web.ui.guard import public
from lumiku_web.ui.session import SessionState

_PATH_MAX: Final = 300


class AccountPageState(SessionState):
    """Read from the address: the form posts go to a route of their own, which sends the browser back here."""

    #: A code of `pages.account.problems`, or empty.
    problem: str = ""
    typed_email: str = ""
    typed_name: str = ""
    #: Where to go afterwards; the route that gets it checks it again.
    next_path: str = ""
    is_first_visit: bool = False

    @rx.event
    @public
    async def load(self) -> None:
        """Fill the page. Without a database the forms still stand; the route they post to says what is wrong."""
        query = self.router.url.query_parameters
        self.problem = query.get("error", "")[:40]
        self.typed_email = query.get("email", "")[:EMAIL_MAX]
        self.typed_name = query.get("name", "")[:NAME_MAX]
        self.next_path = query.get("next", "")[:_PATH_MAX]
        try:
            self.is_first_visit = not await call(has_accounts)
        except LumikuError:
            self.is_first_visit = False
