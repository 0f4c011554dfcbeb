"""What stands in the form. It lives in the browser's tab: it survives a reload, a lost connection and a restart of the server."""

from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lumiku_web.sdk import COUNT_MAX, LOOKS

#: Characters that the form holds.
TYPED_MAX: Final = 10_000


class Draft(BaseModel):
    """Comes back from the browser, so it may be anything: `read` never fails, and whoever orders checks again."""

    model_config = ConfigDict(extra="ignore")

    #: Whose draft it is: the next person in the same tab must not see it.
    owner: str = ""
    #: More than an order takes: what is too long is said, not cut.
    words: str = Field(default="", max_length=TYPED_MAX)
    looks: dict[str, str] = Field(default_factory=dict[str, str])
    count: int = Field(default=2, ge=1, le=COUNT_MAX)
    seed: str = Field(default="", max_length=10)

    @classmethod
    def read(cls, text: object, owner: str) -> "Draft":
        """The draft of this person, or an empty one."""
        try:
            draft = cls.model_validate_json(text if isinstance(text, str) else "")
        except ValidationError:
            return cls(owner=owner)
        if draft.owner != owner:
            return cls(owner=owner)
        known = {control: value for control, value in draft.looks.items() if value in LOOKS.get(control, ())}
        return draft.model_copy(update={"looks": known})
