"""Charts of sums, drawn as SVG out of data: bars by day in parts, and a list of bars.

Colours tell parts apart, and never do so alone: what a pointer rests on, or the arrow keys reach, is said in words.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Final

import reflex as rx
from reflex_base.vars.function import FunctionStringVar

from lumiku_web.ui import theme
from lumiku_web.ui.i18n import t
from lumiku_web.ui.kit.props import Style, Text


@dataclass(frozen=True)
class Part:
    """One colour of a bar; its place in percent of the chart's height."""

    colour: str
    top: float
    height: float


@dataclass(frozen=True)
class Bar:
    """One day; its place in percent of the chart's width."""

    #: Everything that the bar tells, in words.
    words: str
    left: float
    width: float
    parts: list[Part]


@dataclass(frozen=True)
class Tick:
    """A word at an axis, in percent from the left or the top."""

    place: float
    text: str


@dataclass(frozen=True)
class Share:
    """What stands in a legend or in a list of bars."""

    name: str
    value: str
    colour: str = theme.SERIES[0]
    #: In percent of the longest bar of a list.
    percent: float = 0.0


@dataclass(frozen=True)
class Chart:
    """What `day_chart` draws; without bars there is nothing to draw."""

    bars: list[Bar] = field(default_factory=list[Bar])
    legend: list[Share] = field(default_factory=list[Share])
    lines: list[Tick] = field(default_factory=list[Tick])
    ticks: list[Tick] = field(default_factory=list[Tick])
    #: What is said while no bar is chosen.
    words: str = ""


#: Of a bar's room, the part that it fills.
_FILLED: Final = 0.72
_TICKS: Final = 5
_GRID: Final = 4


def day_bars(
    days: Sequence[str], series: Sequence[tuple[str, Sequence[int]]], *, words: str, rest: str, say: Callable[[float], str]
) -> Chart:
    """Lay out a chart. `series`: name and one number a day of each, the greatest first; what has no colour of its own is `rest`.

    `say` writes a number in the person's language.
    """
    shown = [*series[: len(theme.SERIES)]]
    if others := series[len(theme.SERIES) :]:
        shown.append((rest, [sum(numbers) for numbers in zip(*(numbers for _, numbers in others), strict=True)]))
    top = _nice(max((sum(numbers[place] for _, numbers in shown) for place in range(len(days))), default=0))
    if not top:
        return Chart()
    colours = [*theme.SERIES, theme.SERIES_REST]
    named = [(name, numbers, colours[place]) for place, (name, numbers) in enumerate(shown)]
    room = 100 / len(days)
    step = ceil(len(days) / _TICKS)
    return Chart(
        bars=[_bar(place, day, named, room, top, say) for place, day in enumerate(days)],
        legend=[Share(name, say(sum(numbers)), colour) for name, numbers, colour in named],
        lines=[Tick(100 - 100 * number / _GRID, say(top * number / _GRID)) for number in range(_GRID + 1)],
        ticks=[Tick((place + 0.5) * room, days[place]) for place in range(len(days) - 1, -1, -step)],
        words=words,
    )


def shares(rows: Sequence[tuple[str, int]], *, say: Callable[[float], str]) -> list[Share]:
    """Lay out a list of bars: name and number of each."""
    most = max((number for _, number in rows), default=0) or 1
    return [Share(name, say(number), percent=100 * number / most) for name, number in rows]


def _bar(
    place: int, day: str, named: Sequence[tuple[str, Sequence[int], str]], room: float, top: float, say: Callable[[float], str]
) -> Bar:
    parts: list[Part] = []
    filled = 0.0
    for _, numbers, colour in named:
        height = 100 * numbers[place] / top
        filled += height
        if height:
            parts.append(Part(colour, round(100 - filled, 3), round(height, 3)))
    told = [f"{name} {say(numbers[place])}" for name, numbers, _ in named if numbers[place]]
    words = " · ".join([f"{day}: {say(sum(numbers[place] for _, numbers, _ in named))}", *(told if len(told) > 1 else [])])
    return Bar(words, round(place * room + room * (1 - _FILLED) / 2, 3), round(room * _FILLED, 3), parts)


def _nice(most: int) -> float:
    """The top of the axis: not much above the highest bar, and its quarters are whole numbers."""
    power = 10 ** (len(str(most)) - 1)
    tops = (step * power * more / 10 for more in (1, 10) for step in (10, 12, 16, 20, 24, 32, 40, 60, 80))
    return next(top for top in tops if top >= most and top % _GRID == 0) if most else 0


_SAID: Final = FunctionStringVar.create("((bars, place, words) => bars[place]?.words ?? words)")
#: What a slider says, of which 0 is no bar.
_PLACE: Final = FunctionStringVar.create("(text => Number(text) - 1)")


def day_chart(title: Text, chart: rx.Var[Chart], *, name: str, nothing: Text) -> rx.Component:
    """Bars side by side, each in parts, with a legend. `name`: of its element. `nothing`: said where there is nothing to draw.

    One stop for the keyboard: a slider that nobody sees, by which the arrow keys go from day to day.
    """
    chosen = rx._x.client_state(f"{name}_chosen", default=-1)  # noqa: SLF001 (the browser alone knows it)
    said = _SAID.call(chart.bars, chosen.value, chart.words).to(str)
    walk = rx.el.input(
        type="range",
        min=0,
        max=chart.bars.length(),
        value=chosen.value + 1,
        on_change=lambda text: chosen.set_value(_PLACE.call(text)),
        on_blur=chosen.set_value(-1),
        id=f"{name}-walk",
        aria_label=title,
        custom_attrs={"aria-valuetext": said},
        style=theme.UNSEEN,
    )
    plot = rx.el.div(
        rx.foreach(chart.lines, _line),
        rx.el.svg(
            rx.foreach(chart.bars, lambda bar, place: _drawn(bar, place, chosen)),
            width="100%",
            height="100%",
            style={"position": "absolute", "inset": "0", "overflow": "visible"},
            custom_attrs={"aria-hidden": "true"},
        ),
        walk,
        on_mouse_leave=chosen.set_value(-1),
        style={
            "position": "relative",
            "height": theme.CHART_HEIGHT,
            "border_radius": theme.RADIUS_TILE,
            "&:has(:focus-visible)": {"outline": theme.ring(theme.FOCUS), "outline_offset": theme.space(1)},
        },
    )
    drawn = rx.el.figure(
        rx.el.p(said, id=f"{name}-said", style={**theme.SMALL, **theme.TABULAR, "margin": "0", "min_height": theme.space(10)}),
        rx.el.div(
            _axis(chart.lines),
            rx.el.div(plot, rx.el.div(rx.foreach(chart.ticks, _tick), aria_hidden="true", style=_DAYS), style={"min_width": "0"}),
            style={"display": "grid", "grid_template_columns": "auto minmax(0, 1fr)", "gap": theme.IN_CONTROL},
        ),
        _legend(chart.legend),
        style={"margin": "0", "display": "flex", "flex_direction": "column", "gap": theme.IN_CARD, "min_width": "0"},
    )
    return rx.el.div(chosen, rx.cond(chart.bars.length() > 0, drawn, _quiet(nothing)), id=name)


def share_list(rows: rx.Var[list[Share]], *, label: Text, nothing: Text) -> rx.Component:
    """Names, each with a bar and its number, in the order of the rows."""
    listed = rx.el.ul(
        rx.foreach(rows, _share),
        aria_label=label,
        style={"list_style": "none", "margin": "0", "padding": "0", "display": "grid", "gap": theme.IN_CARD},
    )
    return rx.cond(rows.length() > 0, listed, _quiet(nothing))


def _drawn(bar: rx.Var[Bar], place: rx.Var[int], chosen: rx.Var) -> rx.Component:
    """Its column is what the pointer meets; dimmed while another one is chosen."""
    parts = rx.foreach(
        bar.parts,
        lambda part: rx.el.rect(
            x=_percent(bar.left),
            width=_percent(bar.width),
            y=_percent(part.top),
            height=_percent(part.height),
            fill=part.colour,
            stroke=theme.SURFACE,
            stroke_width="0.5",
        ),
    )
    meets = rx.el.rect(
        rx.el.title(bar.words),
        x=_percent(bar.left),
        width=_percent(bar.width),
        y="0",
        height="100%",
        fill="transparent",
        on_mouse_enter=chosen.set_value(place),
        on_click=chosen.set_value(place),
    )
    is_dim = (chosen.value >= 0) & (chosen.value != place)
    return rx.el.g(parts, meets, style={"opacity": rx.cond(is_dim, "0.45", "1")})


def _line(line: rx.Var[Tick]) -> rx.Component:
    style: Style = {"position": "absolute", "left": "0", "right": "0", "top": _percent(line.place), "border_top": theme.HAIRLINE}
    return rx.el.div(aria_hidden="true", style=style)


def _axis(lines: rx.Var[list[Tick]]) -> rx.Component:
    """As wide as its longest number; each stands in the middle of its line."""
    number = {"display": "flex", "height": "0", "align_items": "center", "justify_content": "end"}
    return rx.el.div(
        rx.foreach(lines, lambda line: rx.el.span(line.text, style=number)),
        aria_hidden="true",
        style={
            **theme.CAPTION,
            **theme.TABULAR,
            "display": "flex",
            "flex_direction": "column-reverse",
            "justify_content": "space-between",
            "height": theme.CHART_HEIGHT,
            "color": theme.QUIET,
        },
    )


def _tick(tick: rx.Var[Tick]) -> rx.Component:
    style: Style = {"position": "absolute", "left": _percent(tick.place), "translate": "-50%", "white_space": "nowrap"}
    return rx.el.span(tick.text, style=style)


def _legend(keys: rx.Var[list[Share]]) -> rx.Component:
    def key(one: rx.Var[Share]) -> rx.Component:
        return rx.el.li(
            _swatch(one.colour),
            rx.el.span(one.name, style={"overflow_wrap": "anywhere"}),
            rx.el.span(one.value, style={**theme.TABULAR, "color": theme.QUIET}),
            style={"display": "flex", "align_items": "center", "gap": theme.space(1.5), "min_width": "0"},
        )

    style: Style = {
        **theme.SMALL,
        "list_style": "none",
        "margin": "0",
        "padding": "0",
        "display": "flex",
        "flex_wrap": "wrap",
        "gap": f"{theme.space(1)} {theme.space(4)}",
    }
    return rx.el.ul(rx.foreach(keys, key), aria_label=t("chart.legend"), style=style)


def _swatch(colour: rx.Var[str]) -> rx.Component:
    size = theme.space(2.5)
    look: Style = {"background": colour, "width": size, "height": size, "border_radius": theme.space(0.5), "flex": "none"}
    return rx.el.span(aria_hidden="true", style=look)


def _share(one: rx.Var[Share]) -> rx.Component:
    bar = rx.el.div(
        rx.el.div(
            style={
                "width": _percent(one.percent),
                "height": "100%",
                "background": one.colour,
                "border_radius": theme.RADIUS_ROUND,
            }
        ),
        aria_hidden="true",
        style={
            "grid_column": "1 / -1",
            "height": theme.space(1.5),
            "background": theme.SUNKEN,
            "border_radius": theme.RADIUS_ROUND,
            "overflow": "hidden",
        },
    )
    return rx.el.li(
        rx.el.span(one.name, style={"overflow_wrap": "anywhere", "min_width": "0"}),
        rx.el.span(one.value, style={**theme.TABULAR, "text_align": "right"}),
        bar,
        style={
            **theme.SMALL,
            "display": "grid",
            "grid_template_columns": "minmax(0, 1fr) auto",
            "gap": f"{theme.space(1)} {theme.IN_CARD}",
        },
    )


def _percent(value: rx.Var[float]) -> rx.Var[str]:
    return value.to_string() + "%"


def _quiet(text: Text) -> rx.Component:
    return rx.el.p(text, role="status", style={**theme.BODY, "color": theme.QUIET, "margin": "0"})


_DAYS: Final[Style] = {
    **theme.CAPTION,
    **theme.TABULAR,
    "position": "relative",
    "height": theme.space(5),
    "margin_top": theme.space(1),
    "color": theme.QUIET,
}
