"""How a person is drawn: DiceBear's avataaars for hair, mouth, brows and clothes, and our own hand for the rest.

Avataaars is by Pablo Stanley, free for personal and commercial use (https://avataaars.com). Its eyes have no iris, its body one
width and its wall no colour: those, light, age and the marks of each origin are drawn here.
Used by the illustrator's child process only: DiceBear is imported nowhere else.
"""

import json
import math
from functools import cache
from importlib.resources import files
from xml.etree import ElementTree as ET

from dicebear import Avatar, Style

from lumiku_web.adapters.illustrator_garments import garment, torso
from lumiku_web.adapters.illustrator_mark import mark
from lumiku_web.adapters.illustrator_motifs import motif
from lumiku_web.adapters.illustrator_person import VARIANTS, Person

_SVG = "http://www.w3.org/2000/svg"
#: The figure is drawn on avataaars' canvas of 280 units; shoulders end at its lower edge.
_CANVAS = 280
_RINGS = 64
_HEAD = (
    "M140 36a56 56 0 0 0-56 56v6.17A12 12 0 0 0 74 110v14a12 12 0 0 0 10.3 11.88A56 56 0 0 0 116 180.6V206q24 14 48 0v-25.38"
    "a56 56 0 0 0 31.7-44.73A12 12 0 0 0 206 124v-14a12 12 0 0 0-10-11.83V92a56 56 0 0 0-56-56"
)
_WHITE_OUT = '<stop stop-color="#fff" stop-opacity=".28"/><stop offset="1" stop-color="#fff" stop-opacity="0"/>'
_CHIN_SHADOW = "M116 180.61v10a56 56 0 0 0 24 5.39 56 56 0 0 0 24-5.39v-10a56 56 0 0 1-24 5.39 56 56 0 0 1-24-5.39"


def draw(person: Person, width_px: int, height_px: int) -> str:
    """SVG of the whole picture, with its mark."""
    parts = _avataaars(person)
    scale = min(width_px * 1.12, height_px * 0.94) / _CANVAS
    left, top = width_px / 2 - 140 * scale, height_px - _CANVAS * scale
    head = f"translate({140 - 140 * _fullness(person):.2f} 0) scale({_fullness(person)} 1)"
    return (
        f'<svg xmlns="{_SVG}" viewBox="0 0 {width_px} {height_px}" width="{width_px}" height="{height_px}" fill="none">'
        f"<defs>{parts['defs']}{_paints(person, min(width_px, height_px))}</defs>"
        f"{_wall(person, width_px, height_px, scale)}"
        f'<g transform="translate({left:.2f} {top:.2f}) scale({scale:.5f})">'
        f"{torso(person)}{garment(person, parts['clothes'])}"
        f'<g transform="{head}">{_face(person, parts)}{_hair(person, parts)}</g></g>'
        f"{mark(width_px, height_px)}</svg>"
    )


def _fullness(person: Person) -> float:
    return {"slim": 0.97, "average": 1.0, "athletic": 1.01, "curvy": 1.04}[person.looks["body_type"]]


@cache
def _style() -> Style:
    """Avataaars, cut to what we use: DiceBear checks each variant, which takes longer than all the rest of a start."""
    definition = json.loads((files("dicebear_styles") / "avataaars.json").read_text("utf-8"))
    for name, component in definition["components"].items():
        component["variants"] = {variant: drawn for variant, drawn in component["variants"].items() if variant in VARIANTS[name]}
    return Style(definition)


def _avataaars(person: Person) -> dict[str, str]:
    """DiceBear's parts by name, each as SVG in its place, and their definitions as `defs`."""
    options = {
        "seed": "lumiku",
        "skinColor": [person.skin],
        "hairColor": [person.hair],
        "facialHairColor": [person.hair],
        "hatColor": [person.veil],
        "clothesColor": [person.garment],
        "accessoriesColor": ["#2b2b33"],
        "clothesVariant": [person.clothes],
        "mouthVariant": [person.mouth],
        "eyebrowsVariant": [person.brows],
        "topVariant": [person.top or "bun"],
        "topProbability": 100 if person.top else 0,
        "facialHairVariant": [person.beard or "beardLight"],
        "facialHairProbability": 100 if person.beard else 0,
        "accessoriesVariant": [person.glasses or "round"],
        "accessoriesProbability": 100 if person.glasses else 0,
    }
    ET.register_namespace("", _SVG)
    root = ET.fromstring(Avatar(_style(), options).to_string())  # noqa: S314 - our own, made in this line
    definitions, drawn = root.find(f"{{{_SVG}}}defs"), root.find(f"{{{_SVG}}}g")
    assert definitions is not None and drawn is not None  # noqa: S101, PT018 - a fact of DiceBear's own renderer
    parts: dict[str, str] = {"top": "", "facialHair": "", "accessories": ""}
    for use in drawn.iter(f"{{{_SVG}}}use"):
        parts[use.attrib["href"].lstrip("#").partition("-")[0]] = ET.tostring(use, encoding="unicode")
    _tint_brows(definitions, person)
    parts["shine"] = _shine(definitions)
    parts["defs"] = "".join(ET.tostring(part, encoding="unicode") for part in definitions)
    return parts


def _tint_brows(definitions: ET.Element, person: Person) -> None:
    """Brows in the colour of the hair, so that it shows under a veil and without hair too."""
    for group in definitions:
        if group.get("id", "").startswith("eyebrows-"):
            for path in group.iter(f"{{{_SVG}}}path"):
                path.set("fill", _mixed(person.hair, "#000000", 0.28))
                path.set("fill-opacity", ".92")


def _shine(definitions: ET.Element) -> str:
    """The largest part of the hair or veil once more, as nothing but light."""
    for group in definitions:
        if group.get("id", "").startswith("top-"):
            outline = max((path.get("d", "") for path in group.iter(f"{{{_SVG}}}path")), key=len)
            return f'<path transform="translate(8)" d="{outline}" fill="url(#shine)"/>'
    return ""


def _mixed(colour: str, other: str, share: float) -> str:
    """`colour` with `share` (0 to 1) of `other` in it."""
    pairs = zip(bytes.fromhex(colour[1:]), bytes.fromhex(other[1:]), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _paints(person: Person, shorter_px: int) -> str:
    shade, blush = _mixed(person.skin, "#4a1f12", 0.55), _mixed(person.skin, "#cf3a3a", 0.5)
    return (
        f'<linearGradient id="side" x1="0" y1="0" x2="1" y2="0"><stop offset=".25" stop-color="{shade}" stop-opacity="0"/>'
        f'<stop offset="1" stop-color="{shade}" stop-opacity=".36"/></linearGradient>'
        f'<radialGradient id="blush"><stop stop-color="{blush}" stop-opacity=".6"/>'
        f'<stop offset="1" stop-color="{blush}" stop-opacity="0"/></radialGradient>'
        f'<radialGradient id="bare">{_WHITE_OUT}</radialGradient>'
        f'<radialGradient id="shine" gradientUnits="userSpaceOnUse" cx="104" cy="50" r="78">{_WHITE_OUT}</radialGradient>'
        f'<clipPath id="head"><path d="{_HEAD}"/></clipPath>'
        + motif(
            person.looks["ethnicity"], name="wallpaper", colour=person.backdrop[2], opacity=0.52, scale=_tile_scale(shorter_px)
        )
    )


def _tile_scale(shorter_px: int) -> float:
    """In quarters: with tiles of other sizes the rasteriser may interpolate each px, for four times the time."""
    return max(2, round(shorter_px / 460 * 4)) / 4


def _wall(person: Person, width_px: int, height_px: int, scale: float) -> str:
    """A calm wall with a pattern, and a light behind the head.

    The light is rings of one colour each, too many to be seen: to the rasteriser that is a third of the work of a gradient.
    """
    middle = height_px - 165 * scale
    reach = math.hypot(width_px / 2, max(middle, height_px - middle))
    rings = "".join(
        f'<circle cx="{width_px / 2:.2f}" cy="{middle:.2f}" r="{reach * ring / _RINGS:.2f}" '
        f'fill="{_light(person, ring / _RINGS)}"/>'
        for ring in range(_RINGS - 1, 0, -1)
    )
    whole = f'<rect width="{width_px}" height="{height_px}"'
    return f'{whole} fill="{_light(person, 1)}"/>{rings}{whole} fill="url(#wallpaper)"/>'


def _light(person: Person, distance: float) -> str:
    """The colour of the wall at this distance (0 to 1) from the middle of its light."""
    near, far, light = person.backdrop
    tones = (light, _mixed(light, near, 0.35), near, _mixed(near, far, 0.7), far, _mixed(far, "#3a2c3e", 0.22))
    place = distance * (len(tones) - 1)
    first = min(int(place), len(tones) - 2)
    return _mixed(tones[first], tones[first + 1], place - first)


def _face(person: Person, parts: dict[str, str]) -> str:
    return (
        f'<path d="{_HEAD}" fill="{person.skin}" stroke="{person.skin}"/>'
        f'<path d="{_CHIN_SHADOW}" fill="{_mixed(person.skin, "#4a1f12", 0.5)}" fill-opacity=".38"/>'
        f'<path d="{_HEAD}" fill="url(#side)"/>{_ears(person)}{_cheeks(person)}{_age(person)}'
        f"{parts['nose']}{parts['mouth']}{_eye(person, 114, -1)}{_eye(person, 166, 1)}{_brows(person, parts['eyebrows'])}"
    )


def _ears(person: Person) -> str:
    shade = _mixed(person.skin, "#4a1f12", 0.35)
    return f'<path d="M80 111q-3.5 6 .6 12.5M200 111q3.5 6-.6 12.5" stroke="{shade}" stroke-width="2" stroke-linecap="round"/>'


def _cheeks(person: Person) -> str:
    opacity = {"young": 0.62, "adult": 0.36, "mature": 0.28}[person.looks["age_range"]]
    both = "".join(f'<ellipse cx="{x}" cy="139" rx="15" ry="10.5" fill="url(#blush)"/>' for x in (106, 174))
    return f'<g opacity="{opacity}">{both}</g>'


def _age(person: Person) -> str:
    """Freckles of the young, fine lines of the mature."""
    tone = _mixed(person.skin, "#4a1f12", 0.5)
    match person.looks["age_range"]:
        case "young":
            dots = "".join(
                f'<circle cx="{x}" cy="{y}" r="1"/>'
                for x, y in ((121, 131), (126, 134), (119, 136), (159, 131), (154, 134), (161, 136))
            )
            return f'<g fill="{tone}" opacity=".55">{dots}</g>'
        case "mature":
            lines = (
                "M120 142q-6.5 5-7 12M160 142q6.5 5 7 12M98.5 108.5l-5-2.5M98 113h-5.5"
                "M98.5 117.5l-5 2.5M181.5 108.5l5-2.5M182 113h5.5"
                "M181.5 117.5l5 2.5M107 124q7 3.5 14.5 1M173 124q-7 3.5-14.5 1M126 71q14-3 28 0"
            )
            return f'<path d="{lines}" stroke="{tone}" stroke-width="1.6" stroke-linecap="round" opacity=".6"/>'
        case _:
            return ""


def _eye(person: Person, x: float, side: int) -> str:
    """An eye with an iris. `side` is -1 for the left one of the picture and 1 for the right."""
    size = {"young": 1.1, "adult": 1.0, "mature": 0.94}[person.looks["age_range"]]
    lid = _mixed(_mixed(person.hair, "#000000", 0.55), "#3a2219", 0.4)
    lashes = (
        f'<path d="M{10 * side} -2.4l{4.6 * side} -3.6M{7.8 * side} -5l{3.4 * side} -4.2" '
        f'stroke="{lid}" stroke-width="2" stroke-linecap="round"/>'
        if person.looks["gender"] == "female"
        else ""
    )
    rim = _mixed(person.iris, "#000000", 0.45)
    return (
        f'<g transform="translate({x} 113) scale({size})"><ellipse cy=".3" rx="10.2" ry="7.2" fill="#fffdfa"/>'
        f'<circle cx="{person.gaze}" r="6.2" fill="{person.iris}" stroke="{rim}" stroke-width="1.1"/>'
        f'<circle cx="{person.gaze}" r="2.9" fill="#17120f"/>'
        f'<circle cx="{person.gaze + 2.1}" cy="-2.3" r="1.8" fill="#fff"/>'
        f'<path d="M-11.6 -.2q1.6-8.6 11.6-8.6t11.6 8.6q-3.4-4.4-11.6-4.4t-11.6 4.4z" fill="{lid}"/>{lashes}</g>'
    )


def _brows(person: Person, brows: str) -> str:
    height = {"female": 0.88, "unisex": 1.04, "male": 1.26}[person.looks["gender"]]
    return f'<g transform="translate(0 {92 - 92 * height - 3:.2f}) scale(1 {height})">{brows}</g>'


def _hair(person: Person, parts: dict[str, str]) -> str:
    """Hair, veil, beard and glasses, with a soft light on the hair."""
    crown = parts["top"] + parts["shine"]
    if not person.top:
        crown = '<ellipse cx="118" cy="60" rx="34" ry="18" transform="rotate(-24 118 60)" fill="url(#bare)"/>'
    return crown + parts["facialHair"] + parts["accessories"]
