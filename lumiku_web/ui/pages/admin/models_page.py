"""Admin: models and apps. The registry with its prices, and who may use what."""

import reflex as rx

from lumiku_web.domain.billing.schemas import Tier
from lumiku_web.domain.catalog.policy import CREDITS_MAX, QUOTA_MAX
from lumiku_web.domain.catalog.schemas import AppState
from lumiku_web.ui import theme
from lumiku_web.ui.i18n import t
from lumiku_web.ui.kit.button import ghost_button, primary_button, secondary_button
from lumiku_web.ui.kit.confirm import dialog_frame
from lumiku_web.ui.kit.data_table import Column
from lumiku_web.ui.kit.empty_state import empty_state
from lumiku_web.ui.kit.inputs import number_field, select_field
from lumiku_web.ui.kit.link import plain_link
from lumiku_web.ui.kit.record_table import Record, StateColumn, record_table
from lumiku_web.ui.kit.skeleton import skeleton
from lumiku_web.ui.kit.surface import page_header, row, stack
from lumiku_web.ui.page import member_page
from lumiku_web.ui.pages.admin.models_state import AdminModelsState
from lumiku_web.ui.session import SessionState


@member_page("/admin/models", title="models.title", active="admin", on_load=(AdminModelsState.load,))
def models() -> rx.Component:
    """For others there is nothing here: its data is loaded for admins only."""
    return rx.cond(SessionState.is_admin, _everything(), empty_state(t("error.not_permitted"), picture="lost"))


def _everything() -> rx.Component:
    back = plain_link(t("nav.admin"), href="/admin", style={**theme.SMALL, "color": theme.QUIET})
    lists = stack(_apps(), _models(), gap=theme.BETWEEN_SECTIONS)
    return rx.fragment(
        stack(back, page_header(t("models.title"), sub=t("models.sub")), gap=theme.space(1)),
        rx.cond(AdminModelsState.is_ready, lists, skeleton(height=theme.space(50))),
        _question("model", t("models.ask_model", name=AdminModelsState.asked_name), _model_form()),
        _question("app", t("models.ask_app", name=AdminModelsState.asked_name), _app_form()),
    )


def _apps() -> rx.Component:
    heads = [Column(t("models.app")), StateColumn(t("models.state")), Column(t("models.plan"))]

    def actions(app: rx.Var[Record]) -> rx.Component:
        return _edit(app, AdminModelsState.ask_app)

    return record_table(t("models.apps"), heads, AdminModelsState.apps, name="apps", nothing=t("models.no_apps"), actions=actions)


def _models() -> rx.Component:
    heads = [
        Column(t("models.model")),
        StateColumn(t("models.state")),
        Column(t("models.app")),
        Column(t("models.plan")),
        Column(t("models.credits"), is_number=True),
        Column(t("models.quota"), is_number=True),
        Column(t("models.can"), is_long=True),
        Column(t("models.routes")),
        Column(t("models.why_not"), is_long=True),
    ]

    def actions(model: rx.Var[Record]) -> rx.Component:
        return _edit(model, AdminModelsState.ask_model)

    return record_table(
        t("models.models"), heads, AdminModelsState.models, name="models", nothing=t("models.no_models"), actions=actions
    )


def _edit(record: rx.Var[Record], ask: rx.EventHandler) -> rx.Component:
    return ghost_button(
        t("models.edit"),
        icon_name="pencil",
        is_small=True,
        aria_label=t("models.edit_one", name=record.cells[0]),
        on_click=ask(record.id),
    )


def _question(kind: str, title: rx.Var[str], form: rx.Component) -> rx.Component:
    return dialog_frame(
        title,
        t("models.ask_body"),
        form,
        is_open=AdminModelsState.question == kind,
        on_open_change=AdminModelsState.keep,
    )


def _model_form() -> rx.Component:
    return _form(
        row(
            _number("credits", t("models.credits_field"), CREDITS_MAX),
            _number("quota", t("models.quota_field"), QUOTA_MAX),
            style={"flex_wrap": "nowrap", "align_items": "start", "gap": theme.IN_CARD},
        ),
        _tier(),
        _state(AppState.on, AppState.beta, AppState.off),
        on_submit=AdminModelsState.change_model,
    )


def _app_form() -> rx.Component:
    return _form(_state(*AppState), _tier(), on_submit=AdminModelsState.switch_app)


def _form(*fields: rx.Component, on_submit: rx.EventHandler) -> rx.Component:
    buttons = row(
        secondary_button(t("confirm.cancel"), on_click=AdminModelsState.keep),
        primary_button(t("models.save"), type="submit"),
        style={"justify_content": "end", "margin_top": theme.IN_CARD},
    )
    return rx.el.form(*fields, buttons, on_submit=on_submit, style={"display": "grid", "gap": theme.IN_CARD})


def _number(name: str, label: rx.Var[str], maximum: int) -> rx.Component:
    field = number_field(
        label,
        control_id=f"model-{name}",
        name=name,
        default_value=AdminModelsState.asked[name],
        error=AdminModelsState.field_errors[name],
        min=1,
        max=maximum,
        required=True,
    )
    return rx.el.div(field, style={"flex": "1", "min_width": "0"})


def _tier() -> rx.Component:
    return _choice("tier", t("models.plan_field"), [(tier.value, t(f"tier.{tier.value}")) for tier in Tier])


def _state(*states: AppState) -> rx.Component:
    return _choice("state", t("models.state"), [(state.value, t(f"models.state.{state.value}")) for state in states])


def _choice(name: str, label: rx.Var[str], options: list[tuple[str, rx.Var[str]]]) -> rx.Component:
    return select_field(
        label,
        control_id=f"model-{name}",
        name=name,
        options=options,
        default_value=AdminModelsState.asked[name],
        error=AdminModelsState.field_errors[name],
    )
