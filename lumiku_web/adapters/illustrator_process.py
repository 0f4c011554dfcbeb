"""The illustrator's child process: `python -m lumiku_web.adapters.illustrator_process`. Started by `images_illustrator` only.

The rasteriser holds the GIL while it draws, so it has an interpreter of its own. It reads wishes from standard input and writes
pictures to standard output, one at a time, until its input ends: with its parent, however that ended.

    wish    4 bytes big-endian length · JSON: seed, prompt, looks, width_px, height_px
    answer  1 byte: P for a picture, R for a refusal · 4 bytes big-endian length · PNG, or the reason in UTF-8
"""

import json
import os
import signal
import struct
import sys
from typing import Any, BinaryIO

from lumiku_web.adapters.codec_png_chunks import with_texts
from lumiku_web.adapters.illustrator_drawing import draw
from lumiku_web.adapters.illustrator_person import decide

#: What the file says of itself, in PNG text chunks.
_TEXTS = {
    "Software": "Lumiku illustrator",
    "Drawn": "true",
    "Source": "Avataaars by Pablo Stanley (https://avataaars.com), free for personal and commercial use; drawn with DiceBear",
}
_MIN_PX, _MAX_PX = 256, 1536


def picture(wish: dict[str, Any]) -> bytes:
    """Draw one wish as PNG. The same wish gives the same bytes. Raises: ValueError for what can't be drawn."""
    from resvg_py import svg_to_bytes  # noqa: PLC0415 - so that the drawing can be tested without it

    width_px, height_px = int(wish["width_px"]), int(wish["height_px"])
    if not (_MIN_PX <= width_px <= _MAX_PX and _MIN_PX <= height_px <= _MAX_PX):
        raise ValueError(f"no size for a picture: {width_px} x {height_px} px")
    svg = draw(decide(int(wish["seed"]), str(wish["prompt"]), wish["looks"]), width_px, height_px)
    png = svg_to_bytes(svg_string=svg, width=width_px, height=height_px, skip_system_fonts=True)
    return with_texts(png, _TEXTS)


def serve(wishes: BinaryIO, answers: BinaryIO) -> None:
    """Answer wishes until they end."""
    while head := wishes.read(4):
        wish = json.loads(wishes.read(*struct.unpack(">I", head)))
        try:
            kind, content = b"P", picture(wish)
        except ValueError as refused:
            kind, content = b"R", str(refused).encode()
        answers.write(kind + struct.pack(">I", len(content)) + content)
        answers.flush()


def main() -> None:
    """Serve standard input and output; whatever a library prints goes to standard error instead."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    try:
        serve(sys.stdin.buffer, answers)
    except BrokenPipeError:
        # Nobody is left to read the picture.
        os._exit(0)


if __name__ == "__main__":
    main()
