"""The unit tests' own guard, seen at work: otherwise nobody would notice that it sleeps."""

import asyncio
import socket

import httpx
import pytest


def test_no_socket_opens() -> None:
    with pytest.raises(Exception, match="A test tried to use socket"):
        socket.create_connection(("127.0.0.1", 9), timeout=1)


def test_no_client_of_ours_reaches_anybody() -> None:
    with httpx.Client() as client, pytest.raises(Exception, match="A test tried to use socket"):
        client.get("http://127.0.0.1:9/")


async def test_an_event_loop_still_starts_its_children() -> None:
    child = await asyncio.create_subprocess_exec("true")
    assert await child.wait() == 0
