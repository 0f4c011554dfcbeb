"""The stages at which a worker may die, and what it leaves behind: files of one folder, which outlive every process.

Each death is a card, a file that is taken by deleting it: however many workers there are, each card is played once.
"""

import json
import os
import random
import signal
from collections import Counter
from enum import StrEnum
from pathlib import Path
from typing import Any, Self


class Stage(StrEnum):
    """Where in the life of an item. At `stored` any of its files may be the last one."""

    claimed = "claimed"
    called = "called"
    accepted = "accepted"
    answered = "answered"
    stored = "stored"
    committed = "committed"
    #: While it stores, it is stopped until somebody else has the item, and then goes on.
    frozen = "frozen"


class Deck:
    """The cards that are left, for one process; `chances` says how probably one is played where it could be."""

    def __init__(self, folder: Path, *, seed: str, chances: float) -> None:
        self._folder, self._chances = folder, chances
        self.random = random.Random(seed)

    @classmethod
    def deal(cls, folder: Path, *, each: int, frozen: int) -> Self:
        """A new deck with so many deaths at each stage."""
        folder.mkdir()
        for stage in Stage:
            for number in range(frozen if stage is Stage.frozen else each):
                (folder / f"{stage}-{number}").touch()
        return cls(folder, seed="", chances=0)

    def draws(self, stage: Stage) -> bool:
        """Whether this is the moment. The card is gone then."""
        return self.may_draw() and self.takes(stage)

    def may_draw(self) -> bool:
        """Whether chance would have it."""
        return self.random.random() < self._chances

    def takes(self, stage: Stage) -> bool:
        """Whether there was a card for it, which is gone now."""
        for card in self._folder.glob(f"{stage}-*"):
            try:
                card.unlink()
            except FileNotFoundError:  # another worker's
                continue
            return True
        return False

    def strike(self, stage: Stage) -> None:
        """End this process, if this is the moment."""
        if self.draws(stage):
            self.die(stage)

    def die(self, stage: Stage) -> None:
        """As the kernel would, without a last word."""
        self.note("death", stage=stage)
        os.kill(os.getpid(), signal.SIGKILL)

    def freeze(self, key: str) -> None:
        """Stop here if this is the moment, until somebody continues this process. `key` of a file tells which item it is."""
        if self.draws(Stage.frozen):
            self.note("death", stage=Stage.frozen, key=key)
            os.kill(os.getpid(), signal.SIGSTOP)

    def note(self, what: str, **facts: Any) -> None:
        """One line in one write: no process's line cuts another's."""
        line = json.dumps({"what": what, "pid": os.getpid(), **facts}) + "\n"
        handle = os.open(self._folder / "journal", os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
        try:
            os.write(handle, line.encode())
        finally:
            os.close(handle)

    def notes(self, what: str) -> list[dict[str, Any]]:
        """All of one kind, oldest first."""
        journal = self._folder / "journal"
        lines = journal.read_text(encoding="utf-8").splitlines() if journal.exists() else []
        return [note for note in map(json.loads, lines) if note["what"] == what]

    @property
    def is_played(self) -> bool:
        """Whether no card is left."""
        return not any(self._folder.glob("*-*"))

    def deaths(self) -> Counter[str]:
        """How many there were at each stage."""
        return Counter(note["stage"] for note in self.notes("death"))

    @property
    def silence(self) -> Path:
        """While this file is there, no worker rings the doorbell."""
        return self._folder / "silence"
