"""Settings of Reflex. What an operator may change is in `lumiku_web/settings.py`."""

from pathlib import Path

import reflex as rx

from lumiku_web.local_stack.page_address import PLACEHOLDER, follow_the_page_address
from lumiku_web.settings import load_settings
from lumiku_web.ui.theme import radix_theme


class OneBuildForEveryAddress(rx.plugins.Plugin):
    """Lets the built pages call the address that they were loaded from, where Reflex would bake one in."""

    def post_build(self, **context: object) -> None:
        follow_the_page_address(Path(str(context["static_dir"])))


def _allowed_origins() -> list[str]:
    """Whose pages may open the socket: our own address, and unless it is set, both names of this machine."""
    settings = load_settings()
    if settings.public_origin:
        return [settings.public_origin]
    return [settings.origin, settings.origin.replace("//localhost", "//127.0.0.1")]


config = rx.Config(
    app_name="lumiku_web",
    api_url=PLACEHOLDER,
    telemetry_enabled=False,
    show_built_with_reflex=False,
    # One process, its states in memory. Reflex's own `redis_url` stays unset: it would move the socket registry to Redis.
    state_manager_mode=rx.constants.StateManagerMode.MEMORY,
    redis_token_expiration=12 * 60 * 60,
    cors_allowed_origins=_allowed_origins(),
    trusted_proxy_hops=load_settings().trusted_proxy_hops,
    plugins=[
        rx.plugins.RadixThemesPlugin(theme=radix_theme()),
        OneBuildForEveryAddress(),
    ],
    disable_plugins=[rx.plugins.SitemapPlugin],
)
