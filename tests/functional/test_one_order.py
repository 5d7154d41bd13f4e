"""The same order in every transport; `make prove` has the long form."""

from __future__ import annotations

import asyncio

from tests.functional.chat_server import ChatServer
from tests.functional.one_order import hear_a_burst


def test_a_burst_arrives_whole_and_in_one_order_in_every_transport(
    chat_server: ChatServer,
) -> None:
    asyncio.run(hear_a_burst(chat_server, messages=1000))
