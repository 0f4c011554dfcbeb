"""Members made and signed in by the product's own forms, without a browser."""

from dataclasses import dataclass
from itertools import count
from urllib.parse import urlsplit

import httpx
from playwright.sync_api import BrowserContext

from tests.e2e.product import Product

PASSWORD = "marble otter seventeen"
COOKIE = "lumiku_session"
_numbers = count(1)


@dataclass(frozen=True)
class Person:
    """Somebody with an account; `secret` is the value of the session's cookie."""

    name: str
    email: str
    secret: str


def sign_up(product: Product, name: str = "Ada") -> Person:
    """A new member, signed in."""
    email = f"{name.lower()}{next(_numbers)}@example.test"
    answer = post(product, "/auth/sign-up", name=name, email=email, password=PASSWORD)
    assert urlsplit(answer.headers["location"]).path == "/home", answer.headers["location"]
    return Person(name, email, answer.cookies[COOKIE])


def sign_in(product: Product, person: Person) -> str:
    """The secret of another session of this person."""
    return post(product, "/auth/sign-in", email=person.email, password=PASSWORD).cookies[COOKIE]


def sign_in_window(window: BrowserContext, product: Product, secret: str) -> None:
    """Give the window the cookie of a session, as the answer to the form does."""
    window.add_cookies([{"name": COOKIE, "value": secret, "url": product.address, "httpOnly": True, "sameSite": "Lax"}])


def post(product: Product, path: str, *, cookie: str = "", **form: str) -> httpx.Response:
    """Send a form as a browser would. Redirects are shown, not followed."""
    headers = {"origin": product.address, **({"cookie": f"{COOKIE}={cookie}"} if cookie else {})}
    return httpx.post(
        f"http://127.0.0.1:{product.port}{path}", data=form, headers={**headers, "host": f"localhost:{product.port}"}
    )


def get(product: Product, path: str, *, cookie: str = "") -> httpx.Response:
    """Ask as a browser would. Redirects are shown, not followed."""
    headers = {"host": f"localhost:{product.port}", "accept": "text/html", "accept-language": "en"}
    return httpx.get(
        f"http://127.0.0.1:{product.port}{path}", headers={**headers, **({"cookie": f"{COOKIE}={cookie}"} if cookie else {})}
    )
