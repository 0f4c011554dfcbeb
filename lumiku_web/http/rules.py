"""Who may call which address. What is not listed here is refused: a test walks every route and finds none without a rule."""

from enum import StrEnum
from typing import Final


class Rule(StrEnum):
    """What an address asks of its caller."""

    #: Anybody.
    public = "public"
    #: Anybody, but only so many at once from one network address: see `edge`.
    socket = "socket"
    #: A signed-in person; a page sends others to sign in.
    member = "member"
    #: A signed-in person; others get a bare 401.
    member_api = "member_api"
    #: Nobody: a route of the framework that Lumiku does not use.
    nobody = "nobody"


#: Exact addresses.
EXACT: Final[dict[str, Rule]] = {
    "/": Rule.public,
    "/sign-in": Rule.public,
    "/sign-up": Rule.public,
    "/404": Rule.public,
    "/auth/sign-in": Rule.public,
    "/auth/sign-up": Rule.public,
    "/auth/sign-out": Rule.public,
    "/healthz": Rule.public,
    "/ping": Rule.public,
    "/favicon.svg": Rule.public,
    "/favicon.ico": Rule.public,
    "/lumiku.css": Rule.public,
    "/_health": Rule.nobody,
    "/_all_routes": Rule.nobody,
    "/auth-codespace": Rule.nobody,
    "/_upload": Rule.member_api,
    "/home": Rule.member,
    "/gallery": Rule.member,
    "/credits": Rule.member,
    "/credits/statement.csv": Rule.member_api,
    "/projects": Rule.member,
    "/admin": Rule.member,
    "/admin/jobs": Rule.member,
    "/admin/models": Rule.member,
    "/admin/people": Rule.member,
    "/admin/usage": Rule.member,
    "/admin/credits": Rule.member,
    "/kit": Rule.member,
}

#: Everything below; the longest one that fits decides.
PREFIXES: Final[dict[str, Rule]] = {
    "/_event": Rule.socket,
    "/_upload/": Rule.nobody,
    "/files/": Rule.member_api,
    "/assets/": Rule.public,
    "/fonts/": Rule.public,
    "/images/": Rule.public,
    "/projects/": Rule.member,
    "/admin/people/": Rule.member,
    "/apps/": Rule.member,
}


def rule_of(path: str) -> Rule | None:
    """The rule of an address, or None if it has none: then it is refused."""
    bare = path.rstrip("/") or "/"
    if bare in EXACT:
        return EXACT[bare]
    fitting = [prefix for prefix in PREFIXES if path.startswith(prefix)]
    return PREFIXES[max(fitting, key=len)] if fitting else None
