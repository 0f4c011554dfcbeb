"""Every piece in every state, on one page that nobody links to. The tests open it in both modes."""

import reflex as rx

from lumiku_web.ui import kit, theme
from lumiku_web.ui.cards import Tail
from lumiku_web.ui.i18n import t
from lumiku_web.ui.kit.connection import connection_bar
from lumiku_web.ui.pages.kit import samples
from lumiku_web.ui.shell import shell

_is_asking = rx._x.client_state("kit_is_asking", default=False)  # noqa: SLF001 - open and close without the server
_is_looking = rx._x.client_state("kit_is_looking", default=False)  # noqa: SLF001


def page() -> rx.Component:
    """Show samples only: nothing here reaches a handler of the product."""
    return shell(
        rx.fragment(
            kit.page_header(t("kit.title"), sub=t("kit.sub"), action=kit.primary_button(t("kit.action"), icon_name="plus")),
            _buttons(),
            _notices(),
            _fields(),
            _tiles(),
            _pictures(),
            _lists(),
            _uploads(),
            _figures(),
            _money(),
        ),
        title=t("kit.title"),
    )


def _nothing(*_arguments: object) -> rx.Var:
    return _is_asking.set_value(False)


def _buttons() -> rx.Component:
    kinds = (kit.primary_button, kit.secondary_button, kit.danger_button, kit.ghost_button)
    names = ("Primary", "Secondary", "Danger", "Ghost")
    return kit.section(
        "Buttons",
        kit.row(*(kind(name) for kind, name in zip(kinds, names, strict=True)), kit.icon_button("ellipsis", "More")),
        kit.row(*(kind(name, disabled=True) for kind, name in zip(kinds, names, strict=True))),
        kit.row(*(kind(name, is_small=True, icon_name="plus") for kind, name in zip(kinds, names, strict=True))),
        kit.row(kit.primary_button("Busy", is_busy=True), kit.secondary_button("A link", href="/kit/")),
        kit.columns(
            kit.price_button("Generate 4", on_click=_nothing, why_off="Describe the person first.", element_id="price-off"),
            *(_price(name, tag) for name, tag in samples.PRICES.items()),
            least=theme.space(80),
        ),
        kit.row(kit.secondary_button("Ask first", on_click=_is_asking.set_value(True))),
        _question(),
    )


def _price(name: str, sample: samples.PriceTag) -> rx.Component:
    tag = rx.Var.create(sample).to(samples.PriceTag)
    return kit.price_button(
        kit.price_label("Generate 4", tag),
        on_click=_nothing,
        why_off=kit.why_not(tag),
        note=kit.price_note(tag),
        details=kit.price_details(tag, element_id=f"{name}-details"),
        way_out=kit.price_way_out(tag),
        element_id=name,
    )


def _question() -> rx.Component:
    return rx.fragment(
        _is_asking,
        kit.confirm_dialog(
            is_open=_is_asking.value,
            title="Put “Summer campaign” in trash?",
            body="Its 12 pictures go with it. You can restore them for 30 days.",
            confirm_label="Put in trash",
            on_confirm=_is_asking.set_value(False),
            on_cancel=_is_asking.set_value(False),
        ),
    )


def _notices() -> rx.Component:
    return kit.section(
        "Notices",
        kit.notice("3 pictures were added to “Summer campaign”.", on_dismiss=_nothing),
        kit.notice("Saved.", tone="success", on_dismiss=_nothing),
        kit.notice("No worker is running. Orders wait; nothing is charged until they are done.", tone="warning"),
        kit.notice(
            "The image service is busy. Nothing was charged; we try again in about 30 s.", tone="danger", on_dismiss=_nothing
        ),
        rx.el.div(connection_bar(), style={"& > div": {"position": "static", "translate": "none"}}),
    )


def _fields() -> rx.Component:
    hair = [("", "Any"), ("short", "Short"), ("bob", "Bob"), ("curly", "Long and curly")]
    return kit.section(
        "Fields",
        kit.columns(
            kit.text_field("Name", control_id="kit-name", placeholder="Summer campaign", help_text="Only you see it."),
            kit.text_field("E-mail", control_id="kit-email", default_value="ana@", error="This is not an e-mail address."),
            kit.select_field("Hair", control_id="kit-hair", options=hair),
            kit.number_field("Seed", control_id="kit-seed", placeholder="Random"),
            kit.text_field("Off", control_id="kit-off", default_value="Only with a plan", disabled=True),
            kit.segmented_field(
                "Size",
                control_id="kit-size",
                options=[("square", "Square"), ("tall", "Tall"), ("wide", "Wide")],
                value="square",
                on_change=_nothing,
            ),
            kit.stepper_field("Pictures", control_id="kit-count", value=rx.Var.create(4), on_change=_nothing),
            kit.text_area("Own words", control_id="kit-words", placeholder="Flour on the apron, warm light from the oven"),
            least=theme.space(70),
        ),
    )


def _tiles() -> rx.Component:
    tiles = rx.Var.create(samples.TILES).to(list[samples.Tile])
    orders = rx.Var.create(samples.ORDERS).to(list[samples.OrderCard])
    grid = {"display": "grid", "grid_template_columns": "repeat(auto-fill, minmax(9rem, 1fr))", "gap": theme.IN_CONTROL}
    return kit.section(
        "Tiles and orders",
        rx.el.div(
            rx.foreach(tiles, lambda tile: kit.tile_view(tile, on_open=_nothing, on_cancel=_nothing, on_again=_nothing)),
            style=grid,
        ),
        rx.foreach(orders, lambda order: kit.order_card(order, on_open=_nothing)),
        rx.el.div(
            rx.foreach(orders, lambda order: kit.order_card(order, is_compact=True)),
            style={"display": "grid", "gap": theme.IN_CONTROL, "max_width": theme.TRAY_WIDTH},
        ),
    )


def _pictures() -> rx.Component:
    pictures = rx.Var.create(samples.PICTURES).to(list[samples.Picture])
    picture = rx.Var.create(samples.CLOSEUP).to(samples.Closeup)
    return kit.section(
        "Pictures",
        _is_looking,
        kit.picture_grid(
            pictures, on_open=lambda _: _is_looking.set_value(True), label="Sample pictures", on_mark=_nothing, url_of=_sample_url
        ),
        kit.lightbox(picture, is_open=_is_looking.value, on_close=_is_looking.set_value(False), url_of=_sample_url),
        *(kit.grid_tail(rx.Var.create(tail).to(Tail), on_more=lambda _: rx.noop(), on_older=rx.noop()) for tail in samples.TAILS),
    )


def _sample_url(image_id: rx.Var[str], _variant: object) -> rx.Var[str]:
    return rx.Var.create("/images/portraits/") + image_id


def _lists() -> rx.Component:
    projects = rx.Var.create(samples.PROJECTS).to(list[samples.ProjectCard])
    columns = (
        kit.Column("Day"),
        kit.Column("What"),
        kit.Column("Credits", is_number=True),
        kit.Column("Balance", is_number=True),
    )
    return kit.section(
        "Lists",
        kit.columns(rx.foreach(projects, lambda project: kit.project_card(project, href="/kit/"))),
        kit.columns(kit.app_card(samples.APP), kit.app_card(samples.APP, badge="Coming soon"), least=theme.space(80)),
        kit.data_table(columns, rx.Var.create(samples.ROWS).to(list[list[str]]), caption="Statement"),
        kit.record_table(
            "Routes",
            (kit.Column("Route"), kit.StateColumn("State"), kit.Column("Waiting", is_number=True)),
            rx.Var.create(samples.RECORDS).to(list[kit.Record]),
            name="kit_routes",
            nothing="No provider is set up.",
            actions=lambda record: kit.ghost_button("Pause", icon_name="pause", is_small=True, aria_label=record.cells[0]),
        ),
        kit.columns(
            *(
                kit.card(kit.empty_state("Nothing here yet. The first one is a minute away.", picture=name))
                for name in ("frames", "folder", "upload", "lost", "quiet")
            ),
            least=theme.space(70),
        ),
    )


def _uploads() -> rx.Component:
    words = kit.drop_zone_words("Drop pictures here, paste them, or choose files", "PNG, JPEG or WebP, up to 20 MB each")
    return kit.section(
        "Uploads",
        kit.drop_zone(rx.el.div(words, style=kit.DROP_AREA), error="“scan.tiff” was not taken: only PNG, JPEG and WebP."),
        kit.card(
            kit.progress_row("portrait-of-ana.jpg", percent=40, detail="3.2 of 8 MB", close=_stop()),
            kit.progress_row("market.png", percent=100, detail="Saving", thumb_url=samples.PORTRAITS[1]),
            kit.progress_row(
                "a-file-name-that-never-wants-to-end-and-goes-on-and-on-and-on-and-on.png", detail="Waiting", close=_stop()
            ),
            kit.progress_row("huge.png", error="Larger than 20 MB. Make it smaller and drop it again.", close=_stop()),
            kit.progress_row(
                "teacher.webp",
                note="You have this picture already, in “Summer campaign”.",
                thumb_url=samples.PORTRAITS[3],
                actions=kit.row(
                    kit.ghost_button("Show", on_click=_nothing, is_small=True),
                    kit.secondary_button("Move here", on_click=_nothing, is_small=True),
                ),
                close=_stop(),
            ),
            kit.skeleton(height="40px"),
        ),
    )


def _stop() -> rx.Component:
    return kit.icon_button("x", "Stop", on_click=_nothing, is_small=True)


def _figures() -> rx.Component:
    return kit.section(
        "Figures",
        kit.columns(
            kit.figure_card(
                "Running", "3", change="As many as yesterday", href="/kit/", path="M0 20L20 12L40 16L60 6L80 10L100 4"
            ),
            kit.figure_card("Failed", "0.4 %", change="0.1 points less than yesterday"),
            kit.figure_card("Credits held", "1,240"),
        ),
        kit.card(
            kit.day_chart("Pictures by day", rx.Var.create(samples.CHART).to(kit.Chart), name="kit_chart", nothing="Nothing yet.")
        ),
        kit.card(kit.share_list(rx.Var.create(samples.SHARES).to(list[kit.Share]), label="Models", nothing="Nothing yet.")),
    )


def _money() -> rx.Component:
    purses = [rx.Var.create(purse).to(samples.Purse) for purse in samples.PURSES]
    plans = rx.Var.create(samples.PLANS).to(list[samples.PlanCard])
    entries = rx.Var.create(samples.ENTRIES).to(list[samples.StatementRow])
    return kit.section(
        "Credits",
        kit.row(*(kit.balance_chip(purse, element_id=f"kit-balance-{place}") for place, purse in enumerate(purses))),
        kit.columns(kit.meter(purses[1].day, label="Today", value="3 of 10 left", note="4 used, 3 held · full again at 07:00")),
        kit.columns(rx.foreach(plans, lambda plan: kit.plan_card(plan, is_present=plan.price_minor > 0))),
        kit.statement_table(entries),
        kit.check_field(
            "Use credits when the quota is used up", control_id="kit-check", default_checked=True, help_text="Or not."
        ),
    )
