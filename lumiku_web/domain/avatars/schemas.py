"""The looks: nine controls with a closed list of values each. All are optional; an empty text means "as you like"."""

from typing import Final

#: Control → its values, in the order in which the form shows them. Words for people are in the text catalogue.
LOOKS: Final[dict[str, tuple[str, ...]]] = {
    "gender": ("female", "male", "unisex"),
    "age_range": ("young", "adult", "mature"),
    "ethnicity": ("east_asian", "southeast_asian", "south_asian", "middle_eastern", "caucasian", "african", "hispanic"),
    "body_type": ("slim", "average", "athletic", "curvy"),
    "hair_style": ("short", "medium", "long", "curly", "bun", "hijab", "bald"),
    "hair_color": ("black", "brown", "blonde", "red", "grey"),
    "eye_color": ("brown", "blue", "green", "hazel", "grey"),
    "skin_tone": ("fair", "light", "medium", "tan", "brown", "dark"),
    "style": ("professional", "business_casual", "casual", "sporty", "fashion", "traditional"),
}
