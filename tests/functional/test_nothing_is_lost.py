"""Disconnects at random moments over real sockets; `make prove` has the long form."""

from __future__ import annotations

import asyncio

import pytest

from tests.functional.chat_server import ChatServer
from tests.functional.disconnects import run


@pytest.mark.timeout(60)
def test_every_message_once_and_in_order_however_often_the_connection_drops(
    chat_server: ChatServer,
) -> None:
    outcome = asyncio.run(run(chat_server.port, readers=50, messages=2000, disconnects=500, seed=1))
    assert min(outcome.while_waiting, outcome.while_answered) > 100
