"""Controls in their fields: text, long text, choice, a few choices side by side, a number, a count."""

from typing import Any, Final, TypedDict, Unpack

import reflex as rx

from lumiku_web.ui import theme
from lumiku_web.ui.i18n import t
from lumiku_web.ui.kit.button import icon_button
from lumiku_web.ui.kit.field import described, field
from lumiku_web.ui.kit.icon import icon
from lumiku_web.ui.kit.props import Flag, Handler, Style, Text

_CONTROL: Final[Style] = {
    **theme.CONTROL,
    "width": "100%",
    "margin": "0",
    "&::placeholder": {"color": theme.QUIET, "opacity": "1"},
    "&:disabled": {"background": theme.SUNKEN, "color": theme.QUIET, "cursor": "not-allowed"},
    "&[aria-invalid='true']": {"border_color": theme.DANGER_TEXT},
    theme.PHONE: {"font_size": theme.TOUCH_INPUT_SIZE},
    theme.TOUCH: {"font_size": theme.TOUCH_INPUT_SIZE},
}
_PAUSE_MS: Final = 200


class FieldProps(TypedDict, total=False):
    """What every field takes, by name. With `value` and `on_change` it is held by a state, after a short pause of typing."""

    help_text: Text
    error: Text
    aside: rx.Component
    name: str
    value: object
    default_value: Text
    on_change: Handler
    on_blur: Handler
    on_key_down: Handler
    placeholder: Text
    disabled: Flag
    required: bool
    type: str
    auto_complete: str
    auto_focus: bool
    input_mode: str
    max_length: int
    min_length: int
    min: int
    max: int
    step: int
    rows: str
    spell_check: bool


def text_field(label: Text, *, control_id: str, **props: Unpack[FieldProps]) -> rx.Component:
    """One line."""
    return _with_field(label, control_id, rx.el.input, props, _CONTROL)


def text_area(label: Text, *, control_id: str, **props: Unpack[FieldProps]) -> rx.Component:
    """Several lines; grows by its own handle."""
    style = {**_CONTROL, "padding": f"{theme.space(2)} {theme.IN_CARD}", "resize": "vertical", "min_height": theme.space(22)}
    return _with_field(label, control_id, rx.el.textarea, props, style)


def number_field(label: Text, *, control_id: str, **props: Unpack[FieldProps]) -> rx.Component:
    """Take a number that is typed; its `on_change` gets a text."""
    typed: FieldProps = {"type": "number", "input_mode": "numeric", **props}
    return _with_field(label, control_id, rx.el.input, typed, {**_CONTROL, **theme.TABULAR})


def select_field(
    label: Text, *, control_id: str, options: Any, empty_label: Text = "", **props: Unpack[FieldProps]
) -> rx.Component:
    """One of many, by the list of the browser or the phone.

    `options`: pairs (value, label) as a sequence, or a Var of `list[tuple[str, str]]` / `list[list[str]]`; or the options
    themselves, where one of them is more than that.
    With an `empty_label` nothing chosen is an option too.
    """
    words, error = _split(props, control_id)
    first = [rx.el.option(empty_label, value="")] if isinstance(empty_label, rx.Var) or empty_label else []
    if isinstance(options, rx.Component):
        rest = [options]
    elif isinstance(options, rx.Var):
        rest = [rx.foreach(options, lambda pair: rx.el.option(pair[1], value=pair[0]))]
    else:
        rest = [rx.el.option(text, value=value) for value, text in options]
    style = {**_CONTROL, "appearance": "none", "padding_right": theme.space(9), "cursor": "pointer", "text_overflow": "ellipsis"}
    control = rx.el.div(
        rx.el.select(*first, *rest, id=control_id, style=style, **described(control_id, error), **props),
        icon(
            "chevron-down", style={"position": "absolute", "right": theme.IN_CARD, "top": theme.IN_CARD, "pointer_events": "none"}
        ),
        style={"position": "relative", "color": theme.QUIET},
    )
    return field(label, control, control_id=control_id, error=error, **words)


def segmented_field(
    label: Text, *, control_id: str, options: Any, value: object, on_change: Handler, help_text: Text = ""
) -> rx.Component:
    """One of two to five, all in sight. `options` as for `select_field`."""
    return rx.el.div(
        rx.el.span(label, id=f"{control_id}-label", style={**theme.SMALL, "font_weight": theme.MEDIUM}),
        segmented(options, value=value, on_change=on_change, control_id=control_id, aria_labelledby=f"{control_id}-label"),
        rx.el.p(help_text, style={**theme.SMALL, "color": theme.QUIET, "margin": "0"}) if help_text != "" else rx.fragment(),
        style={"display": "flex", "flex_direction": "column", "gap": theme.space(1)},
    )


def segmented(options: Any, *, value: object, on_change: Handler, control_id: str, **props: object) -> rx.Component:
    """Show the bare control, for bars and menus; give it an `aria_label`."""
    item = rx.segmented_control.item
    items = (
        [rx.foreach(options, lambda pair: item(pair[1], value=pair[0]))]
        if isinstance(options, rx.Var)
        else [item(text, value=key) for key, text in options]
    )
    return rx.segmented_control.root(
        *items,
        value=value,
        on_change=lambda chosen: on_change(chosen.to(str)),  # Radix types it as a text or a list
        id=control_id,
        style={
            "min_height": theme.CONTROL_HEIGHT,
            "width": "100%",
            "min_width": "0",
            "& .rt-SegmentedControlItemLabel": {
                "white_space": "nowrap",
                theme.PHONE: {"padding_left": theme.space(1), "padding_right": theme.space(1)},
            },
        },
        **props,
    )


def stepper_field(
    label: Text,
    *,
    control_id: str,
    value: rx.Var[int],
    on_change: Handler,
    minimum: int = 1,
    maximum: int = 8,
    help_text: Text = "",
) -> rx.Component:
    """Take a small count by minus and plus; `on_change` gets the new number."""
    number = rx.el.output(
        value,
        id=control_id,
        aria_live="polite",
        style={**theme.BODY, **theme.TABULAR, "font_weight": theme.MEDIUM, "min_width": theme.space(8), "text_align": "center"},
    )
    row = rx.el.div(
        icon_button("minus", t("field.less"), on_click=on_change(value - 1), disabled=value <= minimum),
        number,
        icon_button("plus", t("field.more"), on_click=on_change(value + 1), disabled=value >= maximum),
        role="group",
        style={
            "display": "inline-flex",
            "align_items": "center",
            "justify_content": "space-between",
            "border": theme.CONTROL_BORDER,
            "border_radius": theme.RADIUS_CONTROL,
            "background": theme.SURFACE,
        },
    )
    return field(label, row, control_id=control_id, help_text=help_text)


def _split(props: FieldProps, control_id: str) -> tuple[dict[str, object], Text]:
    # Without a name, a form would collect the control by its id, which Reflex deprecates.
    props.setdefault("name", control_id)
    words = {name: props.pop(name) for name in ("help_text", "aside") if name in props}
    return words, props.pop("error", "")


def _with_field(label: Text, control_id: str, element: Handler, props: FieldProps, style: Style) -> rx.Component:
    words, error = _split(props, control_id)
    control = element(id=control_id, dir="auto", style=style, **described(control_id, error), **props)
    if "value" in props and "on_change" in props:
        control = rx.debounce_input(control, debounce_timeout=_PAUSE_MS)
    return field(label, control, control_id=control_id, error=error, **words)
