"""The dashboard: the apps, what is running, what came of it lately."""

import reflex as rx

from lumiku_web.discovery import find_apps
from lumiku_web.sdk import AppManifest
from lumiku_web.ui import theme
from lumiku_web.ui.cards import AppCard
from lumiku_web.ui.i18n import t
from lumiku_web.ui.kit.button import ghost_button, primary_button
from lumiku_web.ui.kit.empty_state import empty_state
from lumiku_web.ui.kit.lightbox import viewer
from lumiku_web.ui.kit.order_card import order_card
from lumiku_web.ui.kit.picture_grid import picture_grid
from lumiku_web.ui.kit.project_card import app_card
from lumiku_web.ui.kit.skeleton import skeleton
from lumiku_web.ui.kit.surface import columns, page_header, section, stack
from lumiku_web.ui.live import LiveState
from lumiku_web.ui.page import member_page
from lumiku_web.ui.pages.home.state import HomeState
from lumiku_web.ui.session import SessionState


@member_page("/home", title="nav.home", active="home", on_load=(HomeState.load,))
def home() -> rx.Component:
    """Apps, running orders, recent pictures."""
    return rx.fragment(
        page_header(t("home.greeting", name=SessionState.user_name), sub=t("home.sub")),
        section(t("home.apps"), columns(*[_app(app) for app in find_apps().values()], least="280px")),
        rx.cond(
            HomeState.is_ready,
            stack(_running(), section(t("home.recent"), _recent(), action=_all()), gap=theme.BETWEEN_SECTIONS),
            skeleton(height=theme.space(60)),
        ),
        viewer(HomeState),
    )


def _app(app: AppManifest) -> rx.Component:
    """An app that is switched off is there for admins only."""
    mark = HomeState.app_marks[app.slug]
    badge = rx.match(
        mark,
        ("beta", t("home.app_beta")),
        ("coming_soon", t("home.app_coming_soon")),
        ("off", t("home.app_off")),
        ("locked", t("home.app_locked")),
        "",
    )
    shown = app_card(AppCard(app.slug, t(app.title), t(app.summary), app.icon, app.route), badge=badge)
    return rx.cond((mark == "off") & ~SessionState.is_admin, rx.fragment(), shown)


def _running() -> rx.Component:
    cards = rx.foreach(
        LiveState.orders,
        lambda order: rx.cond(
            order.is_running | (order.left_to_try > 0), order_card(order, on_open=HomeState.open_picture), rx.fragment()
        ),
    )
    return rx.cond(LiveState.open_count > 0, section(t("home.running"), stack(cards)), rx.fragment())


def _all() -> rx.Component:
    link = ghost_button(t("home.all"), href="/gallery", icon_name="images", is_small=True)
    return rx.cond(HomeState.tail.is_empty, rx.fragment(), link)


def _recent() -> rx.Component:
    nothing = empty_state(t("home.empty"), picture="frames", action=primary_button(t("projects.new"), href="/projects"))
    grid = picture_grid(
        HomeState.page_0,
        on_open=HomeState.open_picture,
        on_mark=HomeState.set_favourite,
        label=t("home.recent"),
        row_height_px=160,
    )
    return rx.cond(HomeState.tail.is_empty, nothing, grid)
