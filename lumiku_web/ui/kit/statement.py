"""A statement: what happened to credits, line by line, with the balance after each."""

from typing import Final

import reflex as rx
from reflex_base.vars.function import FunctionStringVar

from lumiku_web.domain.ledger.schemas import EventKind
from lumiku_web.ui import theme
from lumiku_web.ui.cards import StatementRow
from lumiku_web.ui.i18n import moment, number, t
from lumiku_web.ui.kit.data_table import Column, cell_style, head_style, row_style, scrolling
from lumiku_web.ui.kit.link import text_link
from lumiku_web.ui.kit.props import Style
from lumiku_web.ui.session import SessionState

#: The sign always stands there: colour alone says nothing.
_SIGNED: Final = FunctionStringVar.create(
    "((value, language) => value ? value.toLocaleString(language, { signDisplay: 'always' }).replace('-', '\u2212') : '\u2013')"
)


def statement_table(rows: rx.Var[list[StatementRow]]) -> rx.Component:
    """Show a page of lines, newest first. On a phone each is a card of two columns."""
    heads = [
        Column(t("statement.what")),
        Column(t("statement.for"), is_long=True),
        Column(t("statement.when")),
        Column(t("statement.available"), is_number=True),
        Column(t("statement.held"), is_number=True),
        Column(t("statement.balance"), is_number=True),
    ]
    table = rx.el.table(
        rx.el.caption(t("statement.title"), class_name="lk-unseen"),
        rx.el.thead(
            rx.el.tr(*(rx.el.th(head.heading, scope="col", style=head_style(head)) for head in heads)),
            style={theme.PHONE: theme.UNSEEN},
        ),
        rx.el.tbody(rx.foreach(rows, lambda one: _line(one, heads)), style={theme.PHONE: {"display": "block"}}),
        style={**theme.BODY, "width": "100%", "border_collapse": "collapse", theme.PHONE: {"display": "block"}},
    )
    return scrolling(table, t("statement.title"))


def _line(entry: rx.Var[StatementRow], heads: list[Column]) -> rx.Component:
    cells = [
        rx.el.span(_kind(entry.kind), style={"font_weight": theme.MEDIUM}),
        _what_for(entry),
        rx.el.time(moment(entry.at), date_time=entry.at, style={"color": theme.QUIET}),
        rx.el.span(_signed(entry.available), style={"color": rx.cond(entry.available > 0, theme.SUCCESS_TEXT, theme.TEXT)}),
        rx.el.span(_signed(entry.held), style={"color": theme.QUIET}),
        _balance(entry),
    ]
    places = ("what", "for", "when", "available", "held", "balance")
    return rx.el.tr(
        *(_cell(entry, cell, head, place) for cell, head, place in zip(cells, heads, places, strict=True)),
        key=entry.id,
        style={**row_style(), theme.PHONE: _CARD},
    )


def _cell(entry: rx.Var[StatementRow], content: rx.Component, head: Column, place: str) -> rx.Component:
    """On a phone the heads are out of sight; the numbers that need one get it back."""
    label = rx.el.span(
        head.heading, aria_hidden="true", style={**theme.CAPTION, "color": theme.QUIET, theme.NOT_PHONE: {"display": "none"}}
    )
    has_label = place in {"held", "balance"}
    broken: Style = {"overflow_wrap": "anywhere", "max_width": theme.space(90)} if head.is_long else {}
    return rx.el.td(
        label if has_label else rx.fragment(),
        content,
        style={
            **cell_style(head),
            **broken,
            "vertical_align": "top",
            theme.PHONE: {
                "padding": "0",
                "grid_area": place,
                "max_width": "none",
                "min_width": "0",
                **(_PAIR if has_label else {}),
                **({"display": rx.cond(entry.held == 0, "none", "flex")} if place == "held" else {}),
            },
        },
    )


def _kind(kind: rx.Var[str]) -> rx.Var[str]:
    return rx.match(kind, *((one.value, t(f"entry.{one.value}")) for one in EventKind), kind)


def _what_for(entry: rx.Var[StatementRow]) -> rx.Component:
    words = rx.cond(entry.href != "", text_link(entry.what_for, href=entry.href), rx.el.span(entry.what_for))
    return rx.el.span(words, dir="auto")


def _signed(value: rx.Var[int]) -> rx.Var[str]:
    return _SIGNED.call(value, SessionState.language).to(str)


def _balance(entry: rx.Var[StatementRow]) -> rx.Component:
    owed: Style = {**theme.CAPTION, "color": theme.DANGER_TEXT, "display": "block"}
    return rx.el.span(
        number(entry.balance),
        rx.cond(
            entry.owed_then > 0, rx.el.span(t("statement.owed_then", count=number(entry.owed_then)), style=owed), rx.fragment()
        ),
    )


_CARD: Final[Style] = {
    "display": "grid",
    "grid_template_columns": "minmax(0, 1fr) auto",
    "grid_template_areas": '"what available" "for held" "when balance"',
    "column_gap": theme.IN_CARD,
    "row_gap": theme.space(0.5),
    "padding": theme.IN_CARD,
    "&:not(:last-child)": {"border_bottom": theme.HAIRLINE},
    "&:not(:last-child) td": {"border": "0"},
}
_PAIR: Final[Style] = {"display": "flex", "align_items": "baseline", "justify_content": "end", "gap": theme.IN_CONTROL}
