"""`python -m tests.stub_provider --port 0`: prints its address on one line when it is ready."""

import argparse
import asyncio
import sys

from tests.stub_provider.pictures import picture
from tests.stub_provider.server import Stub


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="stub_provider", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0: any free port")
    parser.add_argument("--delay-seconds", type=float, default=0.0, help="how long a success takes")
    parser.add_argument("--warm", default="", metavar="WIDTHxHEIGHT", help="encode the picture of this size before the start")
    parser.add_argument("--until-eof", action="store_true", help="end when standard input ends: with whoever started it")
    return parser.parse_args()


async def _run(options: argparse.Namespace) -> None:
    server = await asyncio.start_server(Stub(options.delay_seconds).serve, options.host, options.port, backlog=2048)
    host, port = server.sockets[0].getsockname()[:2]
    print(f"http://{host}:{port}", flush=True)
    if options.until_eof:
        # No graceful end: since Python 3.12 it would wait for every client that keeps its connection.
        await asyncio.to_thread(sys.stdin.buffer.read)
    else:
        await server.serve_forever()


def main() -> None:
    """Serve until a signal, or the end of standard input."""
    options = _arguments()
    if options.warm:
        width, _, height = options.warm.partition("x")
        picture(int(width), int(height), 0)
    asyncio.run(_run(options))


main()
