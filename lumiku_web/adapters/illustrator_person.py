"""Who is drawn: looks, seed and words become one person with every detail decided. Pure data, no drawing.

What a look says is always obeyed. What no look says comes from the seed alone; the words of the prompt decide only what a look
never does: the expression and the light behind the person.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

from lumiku_web.domain.avatars.schemas import LOOKS

_T = TypeVar("_T")

SKINS: Final = {
    "fair": "#ffe0cc",
    "light": "#f4caa6",
    "medium": "#e2ae80",
    "tan": "#c98f60",
    "brown": "#9c653e",
    "dark": "#653f2b",
}
HAIRS: Final = {"black": "#26211f", "brown": "#5b3a29", "blonde": "#d6ae67", "red": "#a9502a", "grey": "#b3b1ae"}
IRISES: Final = {"brown": "#6b4423", "blue": "#3f83c9", "green": "#3f9159", "hazel": "#a57c2d", "grey": "#8a98a5"}

#: Where only the origin of a person is chosen, what is left open is taken from what is common there: never only one value.
_COMMON: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "east_asian": {"skin_tone": ("fair", "light", "medium"), "hair_color": ("black", "brown"), "eye_color": ("brown",)},
    "southeast_asian": {
        "skin_tone": ("light", "medium", "tan", "brown"),
        "hair_color": ("black", "brown"),
        "eye_color": ("brown",),
    },
    "south_asian": {
        "skin_tone": ("medium", "tan", "brown", "dark"),
        "hair_color": ("black", "brown"),
        "eye_color": ("brown", "hazel"),
    },
    "middle_eastern": {
        "skin_tone": ("light", "medium", "tan"),
        "hair_color": ("black", "brown"),
        "eye_color": ("brown", "hazel", "green"),
    },
    "caucasian": {"skin_tone": ("fair", "light", "medium")},
    "african": {"skin_tone": ("tan", "brown", "dark"), "hair_color": ("black", "brown"), "eye_color": ("brown", "hazel")},
    "hispanic": {
        "skin_tone": ("light", "medium", "tan", "brown"),
        "hair_color": ("black", "brown"),
        "eye_color": ("brown", "hazel", "green"),
    },
}
#: Grey hair and the veil are left to whoever asks for them.
_OPEN: Final = {
    "hair_color": ("black", "brown", "blonde", "red"),
    "hair_style": tuple(value for value in LOOKS["hair_style"] if value != "hijab"),
}

_TOPS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "female": {
        "short": ("shortWaved", "shaggy", "shortRound"),
        "medium": ("bob", "longButNotTooLong", "miaWallace"),
        "long": ("straight01", "straight02", "straightAndStrand"),
        "curly": ("curly", "curvy", "fro"),
    },
    "male": {
        "short": ("theCaesarAndSidePart", "shortFlat", "shortWaved", "shortRound", "theCaesar"),
        "medium": ("shaggy", "shaggyMullet"),
        "long": ("straight02", "straightAndStrand"),
        "curly": ("shortCurly", "dreads01", "fro"),
    },
    "unisex": {
        "short": ("shortWaved", "shortRound", "shortFlat"),
        "medium": ("shaggyMullet", "longButNotTooLong", "bob"),
        "long": ("straightAndStrand", "straight02"),
        "curly": ("shortCurly", "curly", "fro"),
    },
}
_ONE_TOP: Final = {"bun": ("bun",), "hijab": ("hijab",), "bald": ("",)}

_CLOTHES: Final[Mapping[str, tuple[str, ...]]] = {
    "professional": ("blazerAndShirt",),
    "business_casual": ("blazerAndSweater", "collarAndSweater"),
    "casual": ("shirtCrewNeck", "shirtVNeck", "hoodie"),
    "sporty": ("shirtCrewNeck",),
    "fashion": ("shirtScoopNeck", "shirtVNeck"),
    "traditional": ("shirtCrewNeck",),
}
_GARMENTS: Final[Mapping[str, tuple[str, ...]]] = {
    "professional": ("#2b3a52", "#3d424f", "#4b3947", "#2d4a48"),
    "business_casual": ("#56708f", "#6f7f5f", "#8f6a55", "#5d6584"),
    "casual": ("#dd7a60", "#4f949b", "#e3a857", "#7788c4", "#7f9f6d"),
    "sporty": ("#2d6cae", "#c04a40", "#2c313b", "#1f8069"),
    "fashion": ("#ad3a66", "#6d469c", "#23222b", "#cc8414"),
    "traditional": ("#8a3440", "#215e5b", "#33457c", "#7b4f25", "#5b3a68"),
}
_VEILS: Final = ("#47647f", "#7d6273", "#53736a", "#8d735a", "#39404d", "#a98088")

#: Two tones of a calm wall, and one for the light and the pattern on it.
_BACKDROPS: Final = (
    ("#f3d9c4", "#e6b99b", "#fff3e8"),
    ("#d5e3d4", "#a9c7b2", "#f3faf0"),
    ("#d3dfee", "#a6bcd9", "#f3f8ff"),
    ("#ead6e2", "#ccaabf", "#fff2f9"),
    ("#cfe5e6", "#9cc5c8", "#f0fcfc"),
    ("#ece2cf", "#d0bd98", "#fffaee"),
    ("#dcd8ee", "#b4acd6", "#f7f4ff"),
)
_MOUTHS: Final = ("smile", "twinkle", "twinkle")
_BROWS: Final = ("defaultNatural", "default", "raisedExcitedNatural", "defaultNatural")
_GLASSES: Final = ("prescription01", "prescription02", "round")
_BEARDS: Final = ("beardLight", "beardMedium", "moustacheFancy")

#: The variants of avataaars that are ever drawn, by component.
VARIANTS: Final[Mapping[str, frozenset[str]]] = {
    "top": frozenset(top for by_hair in _TOPS.values() for tops in by_hair.values() for top in tops) | {"bun", "hijab"},
    "clothes": frozenset(name for names in _CLOTHES.values() for name in names),
    "mouth": frozenset(_MOUTHS),
    "eyebrows": frozenset(_BROWS),
    "accessories": frozenset(_GLASSES),
    "facialHair": frozenset(_BEARDS),
    "eyes": frozenset({"default"}),
    "nose": frozenset({"default"}),
    "clothesGraphic": frozenset({"diamond"}),
}


@dataclass(frozen=True)
class Person:
    """One person, decided. `looks` has all nine controls; the parts are variants of DiceBear's avataaars."""

    looks: Mapping[str, str]
    skin: str
    hair: str
    iris: str
    top: str
    clothes: str
    garment: str
    veil: str
    mouth: str
    brows: str
    glasses: str
    beard: str
    backdrop: tuple[str, str, str]
    #: Where the person looks, in units of the drawing.
    gaze: float


@dataclass(frozen=True)
class _Dice:
    """Choices by name: each name has its own throw, so that one choice never changes another."""

    source: str
    looks: Mapping[str, str] = field(default_factory=dict[str, str])

    def number(self, name: str) -> int:
        return int.from_bytes(hashlib.blake2b(f"{name}|{self.source}".encode(), digest_size=8).digest())

    def pick(self, name: str, options: Sequence[_T]) -> _T:
        return options[self.number(name) % len(options)]

    def happens(self, name: str, percent: int) -> bool:
        return self.number(name) % 100 < percent


def decide(seed: int, prompt: str, looks: Mapping[str, str]) -> Person:
    """Decide everything. Deterministic in its arguments, on every machine. Raises: ValueError for a look that is none."""
    by_seed, by_words = _Dice(str(seed)), _Dice(f"{seed}|{' '.join(prompt.split())}")
    all_looks = _all_looks(by_seed, looks)
    style, gender, hair_style = all_looks["style"], all_looks["gender"], all_looks["hair_style"]
    return Person(
        looks=all_looks,
        skin=SKINS[all_looks["skin_tone"]],
        hair=HAIRS[all_looks["hair_color"]],
        iris=IRISES[all_looks["eye_color"]],
        top=by_seed.pick("top", _ONE_TOP.get(hair_style) or _TOPS[gender][hair_style]),
        clothes=by_seed.pick("clothes", _CLOTHES[style]),
        garment=by_seed.pick("garment", _GARMENTS[style]),
        veil=by_seed.pick("veil", _VEILS),
        mouth=by_words.pick("mouth", _MOUTHS),
        brows=by_words.pick("brows", _BROWS),
        glasses=by_seed.pick("glasses", _GLASSES) if by_seed.happens("wears glasses", 18) else "",
        beard=_beard(by_seed, all_looks),
        backdrop=by_words.pick("backdrop", _BACKDROPS),
        gaze=by_words.pick("gaze", (-0.9, 0.0, 0.0, 0.9)),
    )


def _all_looks(dice: _Dice, looks: Mapping[str, str]) -> dict[str, str]:
    """Fill in what was left open."""
    wrong = [name for name, value in looks.items() if value and value not in LOOKS.get(name, ())]
    if wrong:
        raise ValueError(f"not among the looks: {', '.join(wrong)}")
    chosen = {name: value for name, value in looks.items() if value}
    skin = chosen.get("skin_tone", "")
    origins = tuple(origin for origin, common in _COMMON.items() if not skin or skin in common["skin_tone"])
    origin = chosen.get("ethnicity") or dice.pick("ethnicity", origins)
    options = {**LOOKS, **_OPEN, **_COMMON[origin], "ethnicity": (origin,)}
    return {name: chosen.get(name) or dice.pick(name, options[name]) for name in LOOKS}


def _beard(dice: _Dice, looks: Mapping[str, str]) -> str:
    grown = looks["gender"] == "male" and looks["age_range"] != "young" and looks["hair_style"] != "hijab"
    return dice.pick("beard", _BEARDS) if grown and dice.happens("has a beard", 45) else ""
