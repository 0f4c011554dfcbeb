"""Rows and columns, numbers at the right, the head in sight."""

from collections.abc import Sequence
from dataclasses import dataclass

import reflex as rx

from lumiku_web.ui import theme
from lumiku_web.ui.kit.props import Style, Text


@dataclass(frozen=True)
class Column:
    """A column: its heading, and whether it holds numbers."""

    heading: Text
    is_number: bool = False
    #: Sentences: they break, where other cells stay on one line.
    is_long: bool = False


def data_table(columns: Sequence[Column], rows: rx.Var[list[list[str]]], *, caption: Text) -> rx.Component:
    """`rows` are texts, formatted already in the person's locale. Scrolls inside itself on a phone."""
    head = [rx.el.th(column.heading, scope="col", style=head_style(column)) for column in columns]
    body = rx.foreach(
        rows, lambda row: rx.el.tr(*[rx.el.td(row[i], style=cell_style(c)) for i, c in enumerate(columns)], style=row_style())
    )
    table = rx.el.table(
        rx.el.caption(caption, class_name="lk-unseen"),
        rx.el.thead(rx.el.tr(*head)),
        rx.el.tbody(body),
        style={**theme.BODY, "width": "100%", "border_collapse": "collapse"},
    )
    return scrolling(table, caption)


def scrolling(table: rx.Component, caption: Text) -> rx.Component:
    """Give the table a frame in which it scrolls, by the keyboard too."""
    return rx.el.div(
        table,
        tab_index=0,
        role="region",
        aria_label=caption,
        style={"overflow": "auto", "background": theme.SURFACE, "border": theme.HAIRLINE, "border_radius": theme.RADIUS_CARD},
    )


def _side(column: Column) -> Style:
    return {"text_align": "right", **theme.TABULAR} if column.is_number else {"text_align": "left"}


def head_style(column: Column) -> Style:
    """Style a heading: it stays in sight."""
    return {
        **theme.CAPTION,
        **_side(column),
        "font_weight": theme.MEDIUM,
        "color": theme.QUIET,
        "padding": f"{theme.space(2)} {theme.IN_CARD}",
        "position": "sticky",
        "top": "0",
        "background": theme.SURFACE,
        "border_bottom": theme.HAIRLINE,
        "white_space": "nowrap",
    }


def cell_style(column: Column) -> Style:
    """Style a cell."""
    wide: Style = {"white_space": "normal", "min_width": theme.space(50)} if column.is_long else {"white_space": "nowrap"}
    return {**_side(column), **wide, "padding": f"{theme.space(2.5)} {theme.IN_CARD}"}


def row_style() -> Style:
    """Style a row."""
    return {"&:not(:last-child) td": {"border_bottom": theme.HAIRLINE}, "&:hover": {"background": theme.HOVER}}
