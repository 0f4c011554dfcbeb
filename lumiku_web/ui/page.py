"""Pages: each declares its route, its title and what it loads; the entrance of the web process adds them to the app."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import reflex as rx

from lumiku_web.sdk import AppManifest
from lumiku_web.ui.app_state import AppState
from lumiku_web.ui.hub import watchers
from lumiku_web.ui.i18n import t
from lumiku_web.ui.live import LiveState
from lumiku_web.ui.shell import shell
from lumiku_web.ui.texts import DEFAULT_LANGUAGE, say

Content = Callable[[], rx.Component]


@dataclass(frozen=True)
class Page:
    """One route of the front end."""

    route: str
    #: Text catalogue key.
    title: str
    component: Content
    on_load: tuple[Any, ...]


PAGES: Final[list[Page]] = []


def member_page(route: str, *, title: str, active: str = "", on_load: tuple[Any, ...] = ()) -> Callable[[Content], Content]:
    """A page in the shell, for signed-in people. Declare its route in `http.rules` too: an undeclared one is refused."""

    def declare(content: Content) -> Content:
        def framed() -> rx.Component:
            return shell(content(), title=t(title), active=active)

        PAGES.append(Page(route, title, framed, (LiveState.load, *on_load)))
        return content

    return declare


def app_page(app: AppManifest, *, on_load: tuple[Any, ...] = ()) -> Callable[[Content], Content]:
    """The page of an app: route, frame, title and sign-in come from its manifest. Its prices follow what the person has."""
    watchers[app.route.strip("/")] = AppState
    return member_page(app.route, title=app.title, active=app.slug, on_load=on_load)


def window_title(key: str) -> str:
    """What the browser's tab says; built in, so in one language."""
    return f"{say(DEFAULT_LANGUAGE, key)} · Lumiku"
