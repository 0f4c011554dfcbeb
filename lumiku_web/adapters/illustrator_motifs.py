"""Seven patterns of textiles and tiles, one for each origin: on the wall behind a person, and on traditional clothes.

Each is a tile of plain geometry that repeats in all directions, drawn in one colour.
"""

from typing import Final

_WAVES = (
    '<circle cx="20" cy="20" r="19"/><circle cx="20" cy="20" r="12"/><circle cx="20" cy="20" r="5"/>'
    '<path d="M0 1a19 19 0 0 0-0 38M40 1a19 19 0 0 0 0 38" />'
)
_KAWUNG = (
    '<ellipse cx="10" cy="10" rx="4.5" ry="10.5" transform="rotate(-45 10 10)"/>'
    '<ellipse cx="30" cy="10" rx="4.5" ry="10.5" transform="rotate(45 30 10)"/>'
    '<ellipse cx="10" cy="30" rx="4.5" ry="10.5" transform="rotate(45 10 30)"/>'
    '<ellipse cx="30" cy="30" rx="4.5" ry="10.5" transform="rotate(-45 30 30)"/>'
    '<circle cx="20" cy="20" r="1.6"/><path d="M20-2v4M20 38v4M-2 20h4M38 20h4"/>'
)
_LOTUS = (
    '<path d="M20 4c6 7 6 13 0 18c-6-5-6-11 0-18zM20 22c4-8 10-10 17-8c-2 8-8 12-17 8zM20 22c-4-8-10-10-17-8c2 8 8 12 17 8z"/>'
    '<path d="M8 30q12 7 24 0"/><circle cx="20" cy="36" r="1.5"/><circle cx="3" cy="36" r="1"/><circle cx="37" cy="36" r="1"/>'
)
_STARS = (
    '<path d="M20 5l4.4 10.6L35 20l-10.6 4.4L20 35l-4.4-10.6L5 20l10.6-4.4z"/>'
    '<path d="M9.4 9.4h21.2v21.2H9.4z"/><path d="M20 5V0M20 35v5M5 20H0M35 20h5"/>'
)
_KNIT = (
    '<path d="M20 2l18 18l-18 18l-18-18z"/><path d="M20 11l9 9l-9 9l-9-9z"/>'
    '<path d="M17.5 17.5l5 5M22.5 17.5l-5 5M-2.5-2.5l5 5M37.5 37.5l5 5M42.5-2.5l-5 5M2.5 37.5l-5 5"/>'
)
_ZIGZAG = (
    '<path d="M0 12l10-9l10 9l10-9l10 9M0 18l10-9l10 9l10-9l10 9"/>'
    '<path d="M0 38h40M0 23h40"/><circle cx="10" cy="30.5" r="2.6"/><circle cx="30" cy="30.5" r="2.6"/>'
    '<path d="M17 27.5l6 6M23 27.5l-6 6"/>'
)
_QUATREFOIL = (
    '<path d="M20 20c-9-3-9-15 0-17c9 2 9 14 0 17zc3-9 15-9 17 0c-2 9-14 9-17 0z'
    'c9 3 9 15 0 17c-9-2-9-14 0-17zc-3 9-15 9-17 0c2-9 14-9 17 0z"/>'
    '<circle cx="20" cy="20" r="2.4"/><path d="M0 6a6 6 0 0 0 6-6M34 0a6 6 0 0 0 6 6M40 34a6 6 0 0 0-6 6M6 40a6 6 0 0 0-6-6"/>'
)

_TILES: Final = {
    "east_asian": _WAVES,
    "southeast_asian": _KAWUNG,
    "south_asian": _LOTUS,
    "middle_eastern": _STARS,
    "caucasian": _KNIT,
    "african": _ZIGZAG,
    "hispanic": _QUATREFOIL,
}


def motif(ethnicity: str, *, name: str, colour: str, scale: float, opacity: float = 1.0, weight: float = 1.6) -> str:
    """SVG of the pattern `name` (for `fill="url(#name)"`), with tiles of 40 times `scale` units."""
    return (
        f'<pattern id="{name}" width="40" height="40" patternUnits="userSpaceOnUse" patternTransform="scale({scale})">'
        f'<g fill="none" stroke="{colour}" stroke-width="{weight}" stroke-opacity="{opacity}" stroke-linejoin="round">'
        f"{_TILES[ethnicity]}</g></pattern>"
    )
