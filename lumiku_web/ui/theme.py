"""The look in numbers: the only place that names a colour, a size or a duration.

Python uses the constants; what CSS itself needs (`assets/lumiku.css`, Radix) reads the same values as `--lk-*` variables,
which `head_components` writes into every page.
"""

from typing import Final

import reflex as rx

# ---- Colour: roles on the Radix scales (gray slate, accent iris, success jade, warning amber, danger tomato).

#: name → (light, dark). `var(--slate-3)` and its like change by themselves between the modes.
_COLOURS: Final[dict[str, tuple[str, str]]] = {
    "canvas": ("var(--slate-2)", "var(--slate-1)"),
    "surface": ("white", "var(--slate-2)"),
    "raised": ("white", "var(--slate-3)"),
    "sunken": ("var(--slate-3)", "var(--slate-3)"),
    "hover": ("var(--slate-3)", "var(--slate-4)"),
    "pressed": ("var(--slate-4)", "var(--slate-5)"),
    "line": ("var(--slate-5)", "var(--slate-5)"),
    "control-line": ("var(--slate-9)", "var(--slate-9)"),
    "text": ("var(--slate-12)", "var(--slate-12)"),
    "quiet": ("var(--slate-11)", "var(--slate-11)"),
    "accent": ("var(--iris-9)", "var(--iris-9)"),
    "accent-hover": ("var(--iris-10)", "var(--iris-10)"),
    "accent-text": ("var(--iris-11)", "var(--iris-11)"),
    "accent-tint": ("var(--iris-3)", "var(--iris-3)"),
    "on-accent": ("white", "white"),
    "focus": ("var(--iris-9)", "var(--iris-10)"),
    "success-text": ("var(--jade-11)", "var(--jade-11)"),
    "success-tint": ("var(--jade-3)", "var(--jade-3)"),
    "success-line": ("var(--jade-6)", "var(--jade-6)"),
    "warning-text": ("var(--amber-11)", "var(--amber-11)"),
    "warning-tint": ("var(--amber-2)", "var(--amber-3)"),
    "warning-line": ("var(--amber-6)", "var(--amber-6)"),
    "danger-text": ("var(--tomato-11)", "var(--tomato-11)"),
    "danger-tint": ("var(--tomato-2)", "var(--tomato-3)"),
    "danger-line": ("var(--tomato-7)", "var(--tomato-7)"),
    # White on tomato 9 is 3.9:1; these two pairs pass AA.
    "danger-solid": ("var(--tomato-11)", "var(--tomato-7)"),
    "danger-solid-hover": ("var(--tomato-10)", "var(--tomato-8)"),
    # What a chart tells apart: not the colours of success, warning and danger; each 3:1 against the surface.
    "series-1": ("var(--iris-9)", "var(--iris-10)"),
    "series-2": ("var(--cyan-10)", "var(--cyan-10)"),
    "series-3": ("var(--gold-9)", "var(--gold-10)"),
    "series-4": ("var(--plum-9)", "var(--plum-10)"),
    "series-5": ("var(--grass-10)", "var(--grass-10)"),
    "series-rest": ("var(--slate-9)", "var(--slate-9)"),
    "on-picture": ("white", "white"),
    "scrim": ("var(--black-a9)", "var(--black-a9)"),
}


def _colour(name: str) -> str:
    if name not in _COLOURS:
        raise KeyError(name)
    return f"var(--lk-{name})"


CANVAS: Final = _colour("canvas")
SURFACE: Final = _colour("surface")
RAISED: Final = _colour("raised")
SUNKEN: Final = _colour("sunken")
HOVER: Final = _colour("hover")
PRESSED: Final = _colour("pressed")
LINE: Final = _colour("line")
CONTROL_LINE: Final = _colour("control-line")
TEXT: Final = _colour("text")
QUIET: Final = _colour("quiet")
ACCENT: Final = _colour("accent")
ACCENT_HOVER: Final = _colour("accent-hover")
ACCENT_TEXT: Final = _colour("accent-text")
ACCENT_TINT: Final = _colour("accent-tint")
ON_ACCENT: Final = _colour("on-accent")
SUCCESS_TEXT: Final = _colour("success-text")
SUCCESS_TINT: Final = _colour("success-tint")
SUCCESS_LINE: Final = _colour("success-line")
WARNING_TEXT: Final = _colour("warning-text")
WARNING_TINT: Final = _colour("warning-tint")
WARNING_LINE: Final = _colour("warning-line")
DANGER_TEXT: Final = _colour("danger-text")
DANGER_TINT: Final = _colour("danger-tint")
DANGER_LINE: Final = _colour("danger-line")
DANGER_SOLID: Final = _colour("danger-solid")
DANGER_SOLID_HOVER: Final = _colour("danger-solid-hover")
SERIES: Final = tuple(_colour(f"series-{number}") for number in range(1, 6))
SERIES_REST: Final = _colour("series-rest")
ON_PICTURE: Final = _colour("on-picture")
FOCUS: Final = _colour("focus")
SCRIM: Final = _colour("scrim")

#: The browser's own bar: slate 2 light, slate 1 dark. A meta tag can't read a variable.
_BROWSER_BAR: Final = {"light": "#f9f9fb", "dark": "#111113"}

# ---- Type

FONT: Final = "'Inter Variable', ui-sans-serif, system-ui, sans-serif"
FONT_MONO: Final = "ui-monospace, 'SF Mono', 'Cascadia Mono', Menlo, monospace"

CAPTION: Final = {"font_size": "12px", "line_height": "16px"}
SMALL: Final = {"font_size": "13px", "line_height": "20px"}
BODY: Final = {"font_size": "14px", "line_height": "20px"}
LEAD: Final = {"font_size": "16px", "line_height": "24px"}
TITLE: Final = {"font_size": "20px", "line_height": "28px", "font_weight": "600", "letter_spacing": "-0.01em"}
DISPLAY: Final = {"font_size": "28px", "line_height": "36px", "font_weight": "600", "letter_spacing": "-0.01em"}
#: Below 16 px, a phone zooms into the field that was touched.
TOUCH_INPUT_SIZE: Final = "16px"
MEDIUM: Final = "500"
STRONG: Final = "600"
TABULAR: Final = {"font_variant_numeric": "tabular-nums"}
#: For a screen reader only. `class_name="lk-unseen"` does the same outside a style.
UNSEEN: Final = {"position": "absolute", "width": "1px", "height": "1px", "overflow": "hidden", "clip_path": "inset(50%)"}
ONE_LINE: Final = {"overflow": "hidden", "text_overflow": "ellipsis", "white_space": "nowrap", "min_width": "0"}

# ---- Space, size, radius, motion


def space(steps: float) -> str:
    """Return `steps` of the 4-px grid; a half step only to align a line of text with an icon."""
    return f"{4 * steps:g}px"


def line(colour: str, kind: str = "solid") -> str:
    """Return a hairline for `border`."""
    return f"1px {kind} {colour}"


def ring(colour: str) -> str:
    """Return an outline as strong as the focus ring."""
    return f"{FOCUS_WIDTH} solid {colour}"


IN_CONTROL: Final = space(2)
IN_CARD: Final = space(3)
BETWEEN_BLOCKS: Final = space(4)
BETWEEN_SECTIONS: Final = space(6)

FOCUS_WIDTH: Final = "2px"
RADIUS_CONTROL: Final = "8px"
RADIUS_CARD: Final = "12px"
RADIUS_TILE: Final = "6px"
RADIUS_ROUND: Final = "999px"

CONTROL_HEIGHT: Final = "40px"
CONTROL_HEIGHT_SMALL: Final = "32px"
SIDEBAR_WIDTH: Final = "232px"
RAIL_WIDTH: Final = "64px"
TOP_BAR_HEIGHT: Final = "56px"
BOTTOM_BAR_HEIGHT: Final = "60px"
FORM_WIDTH: Final = "384px"
PAGE_WIDTH: Final = "1200px"
READING_WIDTH: Final = "640px"
DIALOG_WIDTH: Final = "440px"
ACCOUNT_WIDTH: Final = "400px"
WELCOME_WIDTH: Final = "1080px"
LIGHTBOX_WIDTH: Final = "1120px"
LIGHTBOX_SIDE: Final = "320px"
LIGHTBOX_HEIGHT: Final = "calc(100dvh - 64px)"
#: The picture beside its facts, and above them where the window is narrow.
STAGE_HEIGHT: Final = "min(calc(100dvh - 64px), 720px)"
STAGE_HEIGHT_NARROW: Final = "48dvh"
#: How far outside the window the next page of pictures is asked for.
AHEAD: Final = "2000px"
CHART_HEIGHT: Final = "220px"
TRAY_WIDTH: Final = "400px"
MENU_WIDTH: Final = "280px"
BLUR: Final = "12px"

HAIRLINE: Final = line(LINE)
CONTROL_BORDER: Final = line(CONTROL_LINE)
#: What can be typed into or chosen from.
CONTROL: Final = {
    **BODY,
    "font_family": "inherit",
    "color": TEXT,
    "background": SURFACE,
    "border": CONTROL_BORDER,
    "border_radius": RADIUS_CONTROL,
    "min_height": CONTROL_HEIGHT,
    "padding": f"0 {IN_CARD}",
    "min_width": "0",
}
FLOAT_SHADOW: Final = "0 12px 32px -8px var(--black-a6), 0 2px 8px var(--black-a3)"

MOVE: Final = "160ms ease-out"
#: One breath of a running tile.
BREATH: Final = "2000ms ease-in-out"

PHONE: Final = "@media (max-width: 719px)"
NOT_PHONE: Final = "@media (min-width: 720px)"
MEDIUM_WIDTH: Final = "@media (min-width: 720px) and (max-width: 1099px)"
NARROW: Final = "@media (max-width: 1099px)"
TOUCH: Final = "@media (pointer: coarse)"

LAYER_NOTICE: Final = "10"
LAYER_BAR: Final = "20"
LAYER_BANNER: Final = "60"

ICON: Final = 16
ICON_LARGE: Final = 20
ICON_STROKE: Final = 1.5

# ---- What the page needs of all this

#: What `assets/lumiku.css` reads beside the colours.
_SHARED: Final = {
    "font": FONT,
    "font-mono": FONT_MONO,
    "radius-control": RADIUS_CONTROL,
    "radius-card": RADIUS_CARD,
    "radius-tile": RADIUS_TILE,
    "focus-width": FOCUS_WIDTH,
    "move": MOVE,
    "breath-low": "0.45",
    "scroll-gap": TOP_BAR_HEIGHT,
}

STYLESHEETS: Final = ["lumiku.css"]
FONT_FILE: Final = "/fonts/inter/inter-latin-wght-normal.woff2"


def css_variables() -> str:
    """Return the tokens as `--lk-*`, once for each mode."""
    light = "".join(f"--lk-{name}:{pair[0]};" for name, pair in _COLOURS.items())
    dark = "".join(f"--lk-{name}:{pair[1]};" for name, pair in _COLOURS.items())
    shared = "".join(f"--lk-{name}:{value};" for name, value in _SHARED.items())
    return f":root{{{shared}{light}}}.dark{{{dark}}}"


def radix_theme() -> rx.Component:
    """For `rx.plugins.RadixThemesPlugin(theme=radix_theme())`."""
    return rx.theme(accent_color="iris", gray_color="slate", panel_background="solid", radius="medium", scaling="100%")


def head_components() -> list[rx.Component]:
    """For `rx.App(head_components=head_components())`: tokens, the mark, the font ahead of its stylesheet."""
    return [
        rx.el.style(css_variables()),
        rx.el.link(rel="icon", href="/favicon.svg", type="image/svg+xml"),
        rx.el.link(rel="preload", href=FONT_FILE, type="font/woff2", custom_attrs={"as": "font"}, cross_origin="anonymous"),
        *(
            rx.el.meta(name="theme-color", content=colour, media=f"(prefers-color-scheme: {mode})")
            for mode, colour in _BROWSER_BAR.items()
        ),
    ]
