"""What a person may ask the Avatar Creator for."""

from typing import Final

from pydantic import Field, field_validator

from lumiku_web.sdk import LOOKS, InvalidInput, Params

WORDS_MAX: Final = 2000


class AvatarParams(Params):
    """Looks and own words. Both may be empty: then the seed decides."""

    words: str = Field(default="", max_length=WORDS_MAX)
    #: Control → one of its values; controls that are left open are left out.
    looks: dict[str, str] = Field(default_factory=dict[str, str])

    @field_validator("looks")
    @classmethod
    def _known(cls, looks: dict[str, str]) -> dict[str, str]:
        for control, value in looks.items():
            if value not in LOOKS.get(control, ()):
                raise ValueError(f"{control} has no value {value}")
        return looks


def avatar_params(*, words: str, looks: dict[str, str]) -> AvatarParams:
    """The form as params. Raises: InvalidInput(`look_unknown`)."""
    chosen = {control: value for control, value in looks.items() if value}
    for control, value in chosen.items():
        if value not in LOOKS.get(control, ()):
            raise InvalidInput("look_unknown", field=control)
    return AvatarParams(words=words, looks=chosen)
