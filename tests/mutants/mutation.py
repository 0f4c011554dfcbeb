"""What a mutation is."""

from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Mutation:
    """One way to break a guarantee. `old` stands in `file` exactly once; one of `tests` must fail with `new` in its place."""

    #: Letter and number of the guarantee, as the names of its tests carry it.
    code: str
    #: What is then true, in the present tense.
    broken: str
    file: str
    old: str
    new: str
    #: As pytest takes them; relative to `tests/`.
    tests: tuple[str, ...]

    def applied(self, text: str) -> str:
        """The mutated text. Raises: ValueError where `old` is not there exactly once, or where the result is no Python."""
        found = text.count(self.old)
        if found != 1:
            raise ValueError(f"{self.code}: {found} times in {self.file}: {self.old!r}")
        mutated = text.replace(self.old, self.new)
        try:
            compile(mutated, self.file, "exec")
        except SyntaxError as wrong:
            raise ValueError(f"{self.code}: {self.new!r} makes {self.file} no Python: {wrong}") from wrong
        return mutated
