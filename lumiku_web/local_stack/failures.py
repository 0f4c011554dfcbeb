"""What stops a start: one sentence for the person at the terminal."""

from lumiku_web.errors import LumikuError


class StartFailedError(LumikuError):
    """A part of the stack can't be started. The message is the sentence; `details` are lines of a log worth showing."""

    key = "start_failed"

    def __init__(self, sentence: str, *, details: str = "") -> None:
        super().__init__("start_failed", sentence=sentence)
        self.sentence, self.details = sentence, details

    def __str__(self) -> str:
        return self.sentence
