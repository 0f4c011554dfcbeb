"""A table of records: sorts by its heads, is filtered by words, and saves what it shows as CSV, all in the browser.

For lists that are in the page as a whole. What is pushed into one stays in the order and behind the filter that was chosen.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import reflex as rx
from reflex_base.vars.function import FunctionStringVar

from lumiku_web.typed_text import FORMULA_MARKS
from lumiku_web.ui import theme
from lumiku_web.ui.i18n import t
from lumiku_web.ui.kit.button import icon_button
from lumiku_web.ui.kit.data_table import Column, cell_style, head_style, row_style, scrolling
from lumiku_web.ui.kit.icon import icon
from lumiku_web.ui.kit.props import Style, Text
from lumiku_web.ui.kit.surface import row, section


@dataclass(frozen=True)
class Record:
    """One row. `cells` are texts in the person's language."""

    id: str
    cells: list[str]
    #: What is sorted and saved in the place of each text: a number, or a time as ISO 8601; an empty text takes the text itself.
    values: list[float | str]
    #: What the actions of the row depend on: a word of the page's own.
    kind: str = ""
    #: Of the cell in a `StateColumn`: `success`, `warning`, `danger`; empty for a quiet one.
    tone: str = ""


@dataclass(frozen=True)
class StateColumn(Column):
    """Its words are marked by the tone of their row."""


#: Stands in a cell where there is nothing to say.
NO_VALUE: Final = "—"
#: The actions of one record.
Actions = Callable[[rx.Var[Record]], rx.Component]

#: (rows, order, words) → those that hold the words, ordered. `order`: "2" by the second column, "-2" backwards, "" as they came.
#: What has no value stands last.
_CHOSEN: Final = FunctionStringVar.create(
    """((rows, order, words) => {
  const wanted = words.trim().toLowerCase();
  const found = wanted ? rows.filter(row => row.cells.join(" ").toLowerCase().includes(wanted)) : rows;
  const place = Math.abs(Number(order)) - 1;
  if (place < 0) return found;
  const of = row => row.values[place] === "" ? row.cells[place] : row.values[place];
  const isNone = value => value === NO_VALUE || value === "";
  const compared = (a, b) => typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b));
  return [...found].sort((a, b) => isNone(of(a)) - isNone(of(b)) || Math.sign(Number(order)) * compared(of(a), of(b)));
})""".replace("NO_VALUE", f'"{NO_VALUE}"')
)
#: (name, heads, rows): saves them by RFC 4180, and by the rule of `no_formula`.
_SAVED: Final = FunctionStringVar.create(
    """((name, heads, rows) => {
  const kept = value => {
    const text = typeof value !== "number" && FORMULA_MARKS.includes(value[0]) ? "'" + value : String(value);
    return /[",\\r\\n]/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text;
  };
  const lines = [heads, ...rows.map(row => row.cells.map((text, place) => row.values[place] === "" ? text : row.values[place]))];
  const content = "\\ufeff" + lines.map(line => line.map(kept).join(",") + "\\r\\n").join("");
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([content], { type: "text/csv;charset=utf-8" }));
  link.download = name + ".csv";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
})""".replace("FORMULA_MARKS", json.dumps(FORMULA_MARKS))
)


def record_table(
    title: Text,
    columns: Sequence[Column],
    rows: rx.Var[list[Record]],
    *,
    name: str,
    nothing: Text,
    actions: Actions | None = None,
    has_filter: bool = True,
) -> rx.Component:
    """A section with its table. `name`: of its element, its file, and its order and filter, which outlive a walk to other pages.

    `nothing` is said where there are no rows. `has_filter`: False where the page searches by itself. On a phone each row is a
    card.
    """
    order = rx._x.client_state(f"{name}_order", default="")  # noqa: SLF001 (its public name is to come)
    words = rx._x.client_state(f"{name}_words", default="")  # noqa: SLF001
    chosen = _CHOSEN.call(rows, order.value, words.value).to(list[Record])
    heads = [_head(column, place, order) for place, column in enumerate(columns, 1)]
    if actions is not None:
        unseen = rx.el.span(t("table.actions"), class_name="lk-unseen")
        heads.append(rx.el.th(unseen, scope="col", style={**head_style(Column("")), "right": "0"}))

    def shown(record: rx.Var[Record]) -> rx.Component:
        cells = [_cell(record, place, column) for place, column in enumerate(columns)]
        does = [rx.el.td(actions(record), style=_ACTIONS)] if actions is not None else []
        return rx.el.tr(*cells, *does, key=record.id, style={**row_style(), "background": theme.SURFACE, theme.PHONE: _CARD})

    table = rx.el.table(
        rx.el.caption(title, class_name="lk-unseen"),
        rx.el.thead(rx.el.tr(*heads), style={theme.PHONE: theme.UNSEEN}),
        rx.el.tbody(rx.foreach(chosen, shown), style={theme.PHONE: {"display": "block"}}),
        style={**theme.BODY, "width": "100%", "border_collapse": "collapse", theme.PHONE: {"display": "block"}},
    )
    saved = rx.run_script(_SAVED.call(name, [column.heading for column in columns], chosen))
    body = rx.cond(
        rows.length() > 0,
        rx.cond(chosen.length() > 0, scrolling(table, title), _quiet(t("table.nothing_fits", words=words.value))),
        _quiet(nothing),
    )
    tools = rx.cond(rows.length() > 0, _tools(title, columns, name, order, words if has_filter else None, saved), rx.fragment())
    return rx.el.div(order, words, section(title, body, action=tools), id=name, style={"min_width": "0"})


def _tools(title: Text, columns: Sequence[Column], name: str, order: rx.Var, words: rx.Var | None, saved: object) -> rx.Component:
    """Filter, order (where no heads are to be seen), save."""
    small: Style = {
        **theme.CONTROL,
        **theme.SMALL,
        "min_height": theme.CONTROL_HEIGHT_SMALL,
        "padding": f"0 {theme.space(2)}",
        theme.PHONE: {"min_height": theme.CONTROL_HEIGHT, "font_size": theme.TOUCH_INPUT_SIZE, "flex": "1"},
        theme.TOUCH: {"min_height": theme.CONTROL_HEIGHT, "font_size": theme.TOUCH_INPUT_SIZE},
    }
    field = (
        rx.fragment()
        if words is None
        else rx.el.input(
            type="search",
            value=words.value,
            on_change=words.set,
            placeholder=t("table.filter"),
            aria_label=t("table.filter_of", title=title),
            name=f"{name}_filter",
            style={**small, "width": theme.space(45), "&::placeholder": {"color": theme.QUIET, "opacity": "1"}},
        )
    )
    choices = [
        option
        for place, column in enumerate(columns, 1)
        for option in (
            rx.el.option(t("table.by_up", heading=column.heading), value=str(place)),
            rx.el.option(t("table.by_down", heading=column.heading), value=str(-place)),
        )
    ]
    by = rx.el.select(
        rx.el.option(t("table.by_none"), value=""),
        *choices,
        value=order.value,
        on_change=order.set,
        aria_label=t("table.order_of", title=title),
        name=f"{name}_by",
        style={**small, theme.NOT_PHONE: {"display": "none"}},
    )
    save = icon_button("download", t("table.save", title=title), on_click=saved, is_small=True)
    return row(field, by, save, style={theme.PHONE: {"width": "100%", "flex_wrap": "nowrap"}})


def _head(column: Column, place: int, order: rx.Var) -> rx.Component:
    up, down = str(place), str(-place)
    is_up, is_down = order.value == up, order.value == down
    mark = rx.cond(
        is_down, icon("arrow-down"), rx.cond(is_up, icon("arrow-up"), icon("arrow-up", style={"visibility": "hidden"}))
    )
    button = rx.el.button(
        column.heading,
        mark,
        type="button",
        on_click=order.set_value(rx.cond(is_up, down, rx.cond(is_down, "", up))),
        style={
            "font": "inherit",
            "color": "inherit",
            "display": "inline-flex",
            "align_items": "center",
            "gap": theme.space(1),
            "flex_direction": "row-reverse" if column.is_number else "row",
            "min_height": theme.space(6),
            "padding": "0",
            "border": "0",
            "border_radius": theme.RADIUS_TILE,
            "background": "transparent",
            "cursor": "pointer",
            "&:hover": {"color": theme.TEXT},
        },
    )
    sorted_by = rx.cond(is_up, "ascending", rx.cond(is_down, "descending", "none"))
    return rx.el.th(button, scope="col", custom_attrs={"aria-sort": sorted_by}, style=head_style(column))


def _cell(record: rx.Var[Record], place: int, column: Column) -> rx.Component:
    text = record.cells[place]
    shown = state_mark(text, record.tone) if isinstance(column, StateColumn) else text
    return rx.el.td(
        rx.el.span(column.heading, aria_hidden="true", style={"color": theme.QUIET, theme.NOT_PHONE: {"display": "none"}}),
        rx.el.span(
            shown, dir="auto", style={theme.PHONE: {"text_align": "right", "overflow_wrap": "anywhere", "min_width": "0"}}
        ),
        style={
            **cell_style(column),
            **({} if column.is_number or isinstance(column, StateColumn) else _BREAKING),
            theme.PHONE: {**_LINE, "display": rx.cond(text == NO_VALUE, "none", "flex")},
        },
    )


def state_mark(text: Text, tone: rx.Var[str]) -> rx.Component:
    """A word about a state, marked by its tone: see `Record.tone`."""
    colour = rx.match(tone, *((name, text) for name, text, _ in _TONES), theme.QUIET)
    tint = rx.match(tone, *((name, tint) for name, _, tint in _TONES), theme.SUNKEN)
    look: Style = {
        **theme.SMALL,
        "color": colour,
        "background": tint,
        "padding": f"{theme.space(0.5)} {theme.space(2)}",
        "border_radius": theme.RADIUS_TILE,
        "display": "inline-block",
    }
    return rx.el.span(text, style=look)


def _quiet(text: Text) -> rx.Component:
    return rx.el.p(text, role="status", style={**theme.BODY, "color": theme.QUIET, "margin": "0"})


_TONES: Final = (
    ("success", theme.SUCCESS_TEXT, theme.SUCCESS_TINT),
    ("warning", theme.WARNING_TEXT, theme.WARNING_TINT),
    ("danger", theme.DANGER_TEXT, theme.DANGER_TINT),
)
_BREAKING: Final[Style] = {"white_space": "normal", "overflow_wrap": "break-word", "max_width": theme.space(70)}
#: On a phone: a row, a cell of it, its actions.
_CARD: Final[Style] = {
    "display": "grid",
    "gap": theme.space(1),
    "padding": theme.IN_CARD,
    "&:not(:last-child)": {"border_bottom": theme.HAIRLINE},
    "&:not(:last-child) td": {"border": "0"},
}
_LINE: Final[Style] = {
    "justify_content": "space-between",
    "gap": theme.IN_CARD,
    "padding": "0",
    "white_space": "normal",
    "min_width": "0",
    "max_width": "none",
}
_ACTIONS: Final[Style] = {
    "padding": f"{theme.space(1)} {theme.space(2)}",
    "white_space": "nowrap",
    "text_align": "right",
    "position": "sticky",
    "right": "0",
    "background": "inherit",
    theme.PHONE: {"position": "static", "padding": f"{theme.space(1)} 0 0"},
}
