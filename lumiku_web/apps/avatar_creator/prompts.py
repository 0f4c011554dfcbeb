"""Writes the prompt: looks, own words, quality terms, in this order."""

from dataclasses import dataclass
from typing import Final

from lumiku_web.apps.avatar_creator.params import AvatarParams

#: Control → value → how a photographer's brief would put it. FLUX reads whole phrases better than lists of tags.
PHRASES: Final[dict[str, dict[str, str]]] = {
    "gender": {"female": "a woman", "male": "a man", "unisex": "an androgynous person"},
    "age_range": {"young": "in the twenties", "adult": "around forty", "mature": "over sixty"},
    "ethnicity": {
        "east_asian": "of East Asian descent",
        "southeast_asian": "of Southeast Asian descent",
        "south_asian": "of South Asian descent",
        "middle_eastern": "of Middle Eastern descent",
        "caucasian": "of European descent",
        "african": "of African descent",
        "hispanic": "of Latin American descent",
    },
    "body_type": {
        "slim": "slim build",
        "average": "average build",
        "athletic": "athletic build",
        "curvy": "curvy build",
    },
    "hair_style": {
        "short": "short hair",
        "medium": "shoulder-length hair",
        "long": "long hair",
        "curly": "curly hair",
        "bun": "hair in a bun",
        "hijab": "wearing a hijab",
        "bald": "bald head",
    },
    "hair_color": {
        "black": "black hair",
        "brown": "brown hair",
        "blonde": "blonde hair",
        "red": "red hair",
        "grey": "grey hair",
    },
    "eye_color": {
        "brown": "brown eyes",
        "blue": "blue eyes",
        "green": "green eyes",
        "hazel": "hazel eyes",
        "grey": "grey eyes",
    },
    "skin_tone": {
        "fair": "fair skin",
        "light": "light skin",
        "medium": "medium skin tone",
        "tan": "tan skin",
        "brown": "brown skin",
        "dark": "dark skin",
    },
    "style": {
        "professional": "dressed in professional attire",
        "business_casual": "dressed business casual",
        "casual": "dressed casually",
        "sporty": "dressed in sportswear",
        "fashion": "dressed in high fashion",
        "traditional": "dressed in traditional clothing",
    },
}

QUALITY: Final = (
    "studio portrait photograph, head and shoulders, natural skin texture, soft key light, 85 mm lens, plain background"
)


@dataclass(frozen=True)
class Part:
    """A piece of the prompt and where it comes from: `looks`, `words` or `quality`."""

    source: str
    text: str


def compose(params: AvatarParams) -> list[Part]:
    """The parts of the prompt in their order; an empty part is left out."""
    parts = [Part("looks", _looks(params.looks)), Part("words", " ".join(params.words.split())), Part("quality", QUALITY)]
    return [part for part in parts if part.text]


def prompt(params: AvatarParams) -> str:
    """The whole prompt."""
    return ", ".join(part.text for part in compose(params))


def _looks(looks: dict[str, str]) -> str:
    chosen = [PHRASES[control][looks[control]] for control in PHRASES if looks.get(control)]
    if not chosen:
        return ""
    subject = chosen[0] if "gender" in looks else "a person"
    rest = chosen[1:] if "gender" in looks else chosen
    return f"Portrait of {', '.join([subject, *rest])}"
