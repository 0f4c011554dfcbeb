"""The illustrator's child by its own protocol: what it answers, and how it ends."""

import json
import struct
import subprocess
import sys
from io import BytesIO
from pathlib import Path

from PIL import Image

PROJECT = Path(__file__).parents[3]
COMMAND = [sys.executable, "-m", "lumiku_web.adapters.illustrator_process"]
WISH = {"seed": 4, "prompt": "", "looks": {}, "width_px": 256, "height_px": 264}


def sent(**changes: object) -> bytes:
    wish = json.dumps({**WISH, **changes}).encode()
    return struct.pack(">I", len(wish)) + wish


def answers(said: bytes) -> list[tuple[bytes, bytes]]:
    """Kind and content of each."""
    stream, found = BytesIO(said), []
    while head := stream.read(5):
        kind, length = struct.unpack(">cI", head)
        found.append((kind, stream.read(length)))
    return found


def test_it_answers_wish_by_wish_and_ends_with_its_input() -> None:
    wishes = sent() + sent(width_px=255) + sent(looks={"hair_style": "mohawk"}) + sent()
    done = subprocess.run(COMMAND, cwd=PROJECT, input=wishes, capture_output=True, check=True)
    first, *refused, last = answers(done.stdout)
    assert [kind for kind, _ in refused] == [b"R", b"R"]
    assert refused[0][1] == b"no size for a picture: 255 x 264 px"
    assert first == last, "a refusal changes nothing for the next wish"
    with Image.open(BytesIO(first[1])) as image:
        assert (first[0], image.size) == (b"P", (256, 264))


def test_it_ends_quietly_when_nobody_reads_any_more() -> None:
    with subprocess.Popen(COMMAND, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.close()
        child.stdin.write(sent())
        child.stdin.close()
        assert (child.wait(30), child.stderr.read()) == (0, b"")
