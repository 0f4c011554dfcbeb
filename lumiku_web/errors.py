"""The refusals of the house. Anything that is not one of these is a bug and keeps its traceback.

LumikuError(key, **facts)            a refusal that was foreseen; `key` is a sentence of the text catalogue
├── InvalidInput(field)              the person can correct it, beside the field
├── NotFound                         does not exist, or is somebody else's: the same answer
├── NotPermitted · SignInRequired
├── Conflict                         too late, or somebody was first
├── LimitReached                     a bound of the plan, the account or the minute
├── Unavailable                      a part of the house is down; nothing was lost
├── External                         what a provider said
│   ├── Transient(retry_after_seconds)   worth another attempt of the same item
│   └── Permanent                        never worth one
└── SettingsInvalid · AppInvalid     the start stops with this sentence
"""


class LumikuError(Exception):
    """A refusal with a sentence for the person.

    `key` names that sentence in the text catalogue (`error.<key>`); `facts` fill its placeholders and go to the log.
    """

    key = "unknown"

    def __init__(self, key: str = "", **facts: object) -> None:
        self.key = key or type(self).key
        self.facts = facts
        super().__init__(f"{self.key} {facts}" if facts else self.key)


class InvalidInput(LumikuError):
    """What was given can't be used; `field` is the form field that it concerns, if one."""

    key = "invalid_input"

    def __init__(self, key: str = "", *, field: str = "", **facts: object) -> None:
        super().__init__(key, **facts)
        self.field = field


class NotFound(LumikuError):
    """There is no such thing, or it is not yours."""

    key = "not_found"


class NotPermitted(LumikuError):
    """Your role does not allow this."""

    key = "not_permitted"


class SignInRequired(LumikuError):
    """Nobody is signed in, or the session has ended."""

    key = "sign_in_required"


class Conflict(LumikuError):
    """The thing has changed meanwhile, or the same key came with another content."""

    key = "conflict"


class LimitReached(LumikuError):
    """A bound was reached; the sentence says which and when it ends."""

    key = "limit_reached"


class Unavailable(LumikuError):
    """PostgreSQL, Redis or the storage can't be reached right now. Nothing was lost."""

    key = "unavailable"


class External(LumikuError):
    """What a provider outside this house answered. `detail` is for the log, never for the page."""

    def __init__(self, key: str = "", *, detail: str = "", **facts: object) -> None:
        super().__init__(key, **facts)
        self.detail = detail


class Transient(External):
    """Worth another attempt, not before `retry_after_seconds` (None: the caller's own back-off)."""

    key = "provider_busy"

    def __init__(self, key: str = "", *, retry_after_seconds: float | None = None, detail: str = "", **facts: object) -> None:
        super().__init__(key, detail=detail, **facts)
        self.retry_after_seconds = retry_after_seconds

    @property
    def slows_route(self) -> bool:
        """The provider did not try: it asks everybody who asks by this route to wait."""
        return self.key in {"provider_busy", "model_loading"}


class Permanent(External):
    """Another attempt would fail the same way."""

    key = "provider_refused"


class SettingsInvalid(LumikuError):
    """A setting is missing or malformed. The message names it."""

    def __init__(self, problems: str) -> None:
        super().__init__("settings_invalid", problems=problems)
        self.problems = problems

    def __str__(self) -> str:
        return f"Lumiku can't start: {self.problems}."


class AppInvalid(LumikuError):
    """A folder under apps/ is not a proper app. The message names the file."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__("app_invalid", path=path, problem=problem)
        self.path, self.problem = path, problem

    def __str__(self) -> str:
        return f"Lumiku can't start: the app in {self.path} is not valid: {self.problem}."
