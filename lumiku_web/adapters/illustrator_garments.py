"""Shoulders for each body type, and what is worn on them: DiceBear's clothes, with the details of each style drawn on."""

from lumiku_web.adapters.illustrator_motifs import motif
from lumiku_web.adapters.illustrator_person import Person

_SHOULDERS = "M116 199h-4a72 72 0 0 0-72 72v9h200v-9a72 72 0 0 0-72-72h-4q-24 10-48 0"
#: A plain shirt of avataaars, where `garment` stands: what is drawn on clothes is cut to it.
_SHIRT = (
    "M100.5 37.13c18.5 0 33.5-9.61 33.5-21.48q0-.52-.04-1.05A72 72 0 0 1 200 86.36v8.95H0v-8.95a72 72 0 0 1 67.05-71.83"
    "q-.05.55-.05 1.12c0 11.87 15 21.48 33.5 21.48"
)
_NECKLINE = (
    "M100.5 46.07c21.89 0 41-13 41-29.2q0-.9-.08-1.79-3.5-.52-7.4-.76.06.52.05 1.05c0 11.87-15 21.48-33.5 21.48S67 27.52 67 15.65"
    "q0-.57.05-1.13-3.9.21-7.4.68-.1.97-.1 1.95c0 16.2 19 28.92 40.95 28.92"
)


def torso(person: Person) -> str:
    """Bare shoulders below the clothes. An athletic person has a stronger neck."""
    neck = '<path d="M118 184l-10 20h64l-10-20z"/>' if person.looks["body_type"] == "athletic" else ""
    return f'<g fill="{person.skin}" transform="{_build(person)}">{neck}<path d="{_SHOULDERS}"/></g>'


def garment(person: Person, clothes: str) -> str:
    """The clothes in the width of the body, with shade and the details of the style."""
    return (
        f'<clipPath id="shirt"><path d="{_SHIRT}"/></clipPath>'
        '<linearGradient id="fold" x1="0" y1="0" x2=".9" y2="1"><stop offset=".35" stop-opacity="0"/>'
        '<stop offset="1" stop-opacity=".3"/></linearGradient>'
        f'<g transform="{_build(person)}">{clothes}<g transform="translate(40 184.7)">'
        f'<path d="{_SHIRT}" fill="url(#fold)"/>{_details(person)}{_figure(person)}</g></g>'
    )


def _build(person: Person) -> str:
    """Widen or narrow what is below the neck, around its middle and its lower edge."""
    across, up = {"slim": (0.86, 0.98), "average": (1.0, 1.0), "athletic": (1.16, 1.05), "curvy": (1.09, 0.97)}[
        person.looks["body_type"]
    ]
    return f"translate({140 - 140 * across:.2f} {280 - 280 * up:.2f}) scale({across} {up})"


def _figure(person: Person) -> str:
    """Soft lines of the sleeves, a little further in where the figure is fuller."""
    inset = {"slim": 34, "average": 32, "athletic": 40, "curvy": 44}[person.looks["body_type"]]
    left = f"M{inset} 96q-3-16 2-30"
    right = f"M{200 - inset} 96q3-16-2-30"
    return f'<path d="{left}{right}" stroke="#000" stroke-opacity=".2" stroke-width="2.2" stroke-linecap="round"/>'


def _details(person: Person) -> str:
    match person.looks["style"]:
        case "professional":
            return (
                '<path d="M94 38.5l6.5-2.2l6.5 2.2l-2.6 7.4h-7.8z" fill="#8c2f3f"/>'
                '<path d="M96.8 45.6h7.4l4.6 50h-16.6z" fill="#a33b4c"/>'
                '<path d="M94 62l13-7M93 76l14.6-8M92.4 90l15.8-9" stroke="#fff" stroke-opacity=".28" stroke-width="2.4"/>'
            )
        case "business_casual":
            return '<path d="M100.5 46v50" stroke="#000" stroke-opacity=".14" stroke-width="1.8"/>'
        case "sporty":
            return (
                '<g clip-path="url(#shirt)">'
                '<path d="M52 8L8 96M62 10L22 96M148 8l44 88M138 10l40 86" stroke="#fff" stroke-width="5.5"/></g>'
                f'<path d="{_NECKLINE}" fill="#fff" fill-opacity=".9"/><path d="M100.5 45v52" stroke="#fff" stroke-width="3"/>'
                '<rect x="98.4" y="50" width="4.2" height="9" rx="2" fill="#e9e9ee"/>'
            )
        case "fashion":
            return (
                '<g clip-path="url(#shirt)"><path d="M-4 78q104-26 208 0v22h-208z" fill="#fff" fill-opacity=".17"/>'
                '<path d="M-4 78q104-26 208 0" stroke="#fff" stroke-opacity=".55" stroke-width="1.6"/></g>'
                '<path d="M71 17q4 38 29.5 40q25.5-2 29.5-40" stroke="#e9c46a" stroke-width="2.4"/>'
                '<circle cx="100.5" cy="59.5" r="4.6" fill="#e9c46a"/>'
                '<circle cx="100.5" cy="59.5" r="2" fill="#fff8e2"/>'
            )
        case "traditional":
            return _traditional(person)
        case _:
            return ""


def _traditional(person: Person) -> str:
    """A plain shirt in a cloth of the person's origin, with its collar."""
    gold = "#f0d9a0"
    cloth = motif(person.looks["ethnicity"], name="cloth", colour=gold, scale=0.46, opacity=0.62, weight=2.2)
    woven = f'{cloth}<path d="{_SHIRT}" fill="url(#cloth)"/>'
    return woven + _COLLARS[person.looks["ethnicity"]].replace("GOLD", gold).replace("NECKLINE", _NECKLINE)


_BAND = '<path d="NECKLINE" fill="GOLD"/>'
_BUTTONS = "".join(f'<circle cx="100.5" cy="{y}" r="1.7" fill="#6b4a23"/>' for y in (54, 64, 74))
_PLACKET = f'{_BAND}<path d="M95 44h11v38l-5.5 5l-5.5-5z" fill="GOLD"/>{_BUTTONS}'
_CROSSED = (
    '<g clip-path="url(#shirt)"><path d="M60 6L102 66" stroke="GOLD" stroke-width="9"/>'
    '<path d="M142 6L72 106" stroke="#00000033" stroke-width="12"/><path d="M142 6L72 106" stroke="GOLD" stroke-width="9"/></g>'
)
_YOKE = (
    f'{_BAND}<path d="M58 16c-2 30 18 44 42.5 44c24.5 0 44.5-14 42.5-44" '
    'stroke="GOLD" stroke-width="2.6" stroke-dasharray="1 5" stroke-linecap="round"/>'
)
_VEE = (
    '<path d="M64 15q6 14 36.5 52q30.5-38 36.5-52" stroke="GOLD" stroke-width="7" stroke-linejoin="round"/>'
    '<path d="M100.5 67v18" stroke="GOLD" stroke-width="7" stroke-linecap="round"/>'
)
_COLLARS = {
    "east_asian": _CROSSED,
    "southeast_asian": _PLACKET,
    "south_asian": _PLACKET,
    "middle_eastern": _YOKE,
    "caucasian": _YOKE,
    "african": _VEE,
    "hispanic": _YOKE,
}
