"""Who may look into a file before it is decoded."""

from typing import BinaryIO, Protocol


class Scanner(Protocol):
    """A virus scanner."""

    async def finding(self, file: BinaryIO) -> str:
        """What it found in the whole file, by the scanner's own name; empty: nothing.

        Raises: Unavailable(`scanner_unreachable`), also when the answer can't be understood.
        """
        ...
