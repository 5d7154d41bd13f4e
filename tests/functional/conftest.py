"""The whole application, started as a user starts it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.functional.browser import chromium, room
from tests.functional.chat_server import ChatServer

__all__ = ["chat_server", "chromium", "room"]


@pytest.fixture
def chat_server(tmp_path: Path) -> Iterator[ChatServer]:
    """``paster serve test.ini`` on a port of its own."""
    server = ChatServer(tmp_path)
    server.start()
    yield server
    server.stop()
