"""The Avatar Creator: the form beside what comes of it."""

import reflex as rx

from lumiku_web.apps.avatar_creator.draft import TYPED_MAX
from lumiku_web.apps.avatar_creator.manifest import MANIFEST
from lumiku_web.apps.avatar_creator.prompts import Part
from lumiku_web.apps.avatar_creator.state import AvatarState
from lumiku_web.sdk import COUNT_MAX, LOOKS
from lumiku_web.ui import theme
from lumiku_web.ui.i18n import t
from lumiku_web.ui.kit.button import secondary_button
from lumiku_web.ui.kit.empty_state import empty_state
from lumiku_web.ui.kit.inputs import segmented_field, select_field, text_area, text_field
from lumiku_web.ui.kit.lightbox import viewer
from lumiku_web.ui.kit.order_card import order_card
from lumiku_web.ui.kit.picture_grid import picture_grid
from lumiku_web.ui.kit.price import model_option, price_details, price_label, price_note, price_way_out, why_not
from lumiku_web.ui.kit.price_button import price_button
from lumiku_web.ui.kit.surface import card, form_and_results, form_panel, section, stack
from lumiku_web.ui.live import LiveState
from lumiku_web.ui.page import app_page


@app_page(MANIFEST, on_load=(AvatarState.load_form, AvatarState.load))
def avatar_creator() -> rx.Component:
    """Form 384 px, results beside it; below it on a phone."""
    heading = rx.el.h1(t(MANIFEST.title), style=theme.UNSEEN)  # the top bar shows it to the eye
    return rx.fragment(heading, form_and_results(_form(), _results()), viewer(AvatarState))


def _form() -> rx.Component:
    errors = AvatarState.field_errors
    fields = card(
        rx.el.input(type="hidden", name="key", value=AvatarState.draft_key, read_only=True),
        rx.el.input(type="hidden", name="price", value=AvatarState.price.shown, read_only=True),
        _project(),
        text_area(
            t("avatar_creator.words"),
            control_id="words",
            name="words",
            max_length=TYPED_MAX,
            rows="4",
            placeholder=t("avatar_creator.words_example"),
            error=errors["words"],
            value=AvatarState.words,
            on_change=AvatarState.set_words,
        ),
        _looks(),
        _composed(),
        _model(),
        segmented_field(
            t("avatar_creator.count"),
            control_id="count",
            options=[(str(n), str(n)) for n in range(1, COUNT_MAX + 1)],
            value=AvatarState.count.to_string(),
            on_change=lambda value: AvatarState.set_count(value.to(int)),
        ),
        text_field(
            t("avatar_creator.seed"),
            control_id="seed",
            name="seed",
            help_text=t("avatar_creator.seed_help"),
            error=errors["seed"],
            value=AvatarState.seed,
            on_change=AvatarState.set_seed,
            input_mode="numeric",
            max_length=10,
        ),
    )
    return form_panel(fields, _button(), on_submit=AvatarState.generate, element_id="avatar-form")


def _project() -> rx.Component:
    return select_field(
        t("avatar_creator.project"),
        control_id="project",
        options=AvatarState.projects,
        value=AvatarState.project_id,
        on_change=AvatarState.choose_project,
    )


def _looks() -> rx.Component:
    menus = [
        select_field(
            t(f"look.{control}"),
            control_id=f"look-{control}",
            name=control,
            value=AvatarState.looks[control],
            empty_label=t("look.any"),
            options=[(value, t(f"look.{control}.{value}")) for value in values],
            on_change=lambda value, control=control: AvatarState.set_look(control, value),
        )
        for control, values in LOOKS.items()
    ]
    grid = rx.el.div(
        *menus, style={"display": "grid", "grid_template_columns": "repeat(2, minmax(0, 1fr))", "gap": theme.IN_CARD}
    )
    return rx.el.fieldset(
        rx.el.legend(
            t("avatar_creator.looks"), style={**theme.BODY, "font_weight": theme.STRONG, "padding": f"0 0 {theme.space(2)}"}
        ),
        grid,
        style={
            "border": "0",
            "margin": "0",
            "padding": "0",
            "display": "flex",
            "flex_direction": "column",
            "gap": theme.space(2),
        },
    )


def _composed() -> rx.Component:
    def part(piece: rx.Var[Part]) -> rx.Component:
        tone = rx.match(piece.source, ("looks", theme.ACCENT_TEXT), ("words", theme.TEXT), theme.QUIET)
        return rx.el.span(piece.text, ", ", style={"color": tone})

    return rx.el.details(
        rx.el.summary(t("avatar_creator.composed"), style={**theme.SMALL, "font_weight": theme.MEDIUM, "cursor": "pointer"}),
        rx.el.p(rx.foreach(AvatarState.prompt_parts, part), style={**theme.SMALL, "margin": f"{theme.space(2)} 0 0"}),
    )


def _model() -> rx.Component:
    return select_field(
        t("avatar_creator.model"),
        control_id="model",
        options=rx.foreach(AvatarState.models, lambda model: model_option(model, by_quota=AvatarState.price.has_plan)),
        value=AvatarState.model,
        on_change=AvatarState.choose_model,
        help_text=rx.cond(AvatarState.is_drawn, t("avatar_creator.drawn_help"), ""),
    )


def _button() -> rx.Component:
    price = AvatarState.price
    has_project = AvatarState.project_id != ""
    why_off = rx.cond(has_project, why_not(price), t("avatar_creator.project_first"))
    label = rx.cond(
        AvatarState.is_drawn,
        t("avatar_creator.draw", count=AvatarState.count),
        t("avatar_creator.generate", count=AvatarState.count),
    )
    return price_button(
        price_label(label, price),
        why_off=rx.cond(AvatarState.is_ready, why_off, t("page.loading")),
        note=price_note(price),
        details=price_details(price),
        way_out=rx.cond(has_project, price_way_out(price), rx.fragment()),
        element_id="generate",
    )


def _results() -> rx.Component:
    mine = rx.foreach(
        LiveState.orders,
        lambda order: rx.cond(
            order.project_id == AvatarState.project_id,
            order_card(order, on_open=AvatarState.open_picture),
            rx.fragment(),
        ),
    )
    first = rx.cond(
        AvatarState.projects.length() > 0,
        empty_state(t("avatar_creator.empty"), picture="frames"),
        empty_state(
            t("avatar_creator.no_project"), picture="folder", action=secondary_button(t("projects.new"), href="/projects")
        ),
    )
    earlier = rx.cond(
        ~AvatarState.tail.is_empty,
        section(
            t("avatar_creator.earlier"),
            picture_grid(
                AvatarState.page_0,
                on_open=AvatarState.open_picture,
                on_mark=AvatarState.set_favourite,
                label=t("avatar_creator.earlier"),
                row_height_px=140,
            ),
        ),
        rx.cond(LiveState.orders.length() == 0, first, rx.fragment()),
    )
    return stack(mine, rx.cond(AvatarState.is_ready, earlier, rx.fragment()), gap=theme.BETWEEN_BLOCKS)
