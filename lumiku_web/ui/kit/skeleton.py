"""What stands where something is about to be, in its size."""

import reflex as rx

from lumiku_web.ui import theme


def skeleton(*, height: str, width: str = "100%", is_tile: bool = False) -> rx.Component:
    """Show a quiet block that breathes."""
    return rx.el.div(
        aria_hidden="true",
        style={
            "height": height,
            "width": width,
            "background": theme.SUNKEN,
            "border_radius": theme.RADIUS_TILE if is_tile else theme.RADIUS_CONTROL,
            "animation": f"lk-breathe {theme.BREATH} infinite",
        },
    )
