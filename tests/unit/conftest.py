"""A unit test talks to nobody: what needs a server belongs into `tests/integration/` or `tests/contracts/`."""

from collections.abc import Iterator

import pytest
import pytest_socket


@pytest.fixture(autouse=True)
def no_network() -> Iterator[None]:
    """Refuse every socket but those of Unix, of which an event loop needs a pair. What a child process opens is not seen."""
    pytest_socket.disable_socket(allow_unix_socket=True)
    yield
    pytest_socket.enable_socket()
