"""The library's own server, on uvloop, with the function it has for many at once."""

import asyncio
import sys
from functools import partial

import uvloop
from websockets.asyncio.server import ServerConnection, broadcast, serve
from websockets.exceptions import ConnectionClosed

from bench.peers.calling import Page, carry, decode

listening = set()


class Connection(ServerConnection):
    """The library reads no POST: a push is told by its first bytes, and comes in one piece."""

    def data_received(self, data):
        if data.startswith(b"POST /push "):
            broadcast(listening, data.partition(b"\r\n\r\n")[2], text=True)
            self.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        else:
            super().data_received(data)


async def serve_one(connection):
    await (calls if connection.request.path == "/calls/socket" else listen)(connection)


async def calls(connection):
    page = Page()
    carrying = asyncio.create_task(carry(page, partial(connection.send, text=True)))
    try:
        async for frame in connection:
            page.receive(decode(frame).messages)
            if page.out:
                await connection.send(page.take(), text=True)
    except ConnectionClosed:
        pass  # a page that goes does not say so
    finally:
        carrying.cancel()


async def listen(connection):
    listening.add(connection)
    try:
        await connection.wait_closed()
    finally:
        listening.discard(connection)


async def main():
    options = {"compression": None, "ping_interval": None, "open_timeout": None, "backlog": 2048}
    port = int(sys.argv[1])
    async with serve(serve_one, "127.0.0.1", port, create_connection=Connection, **options):
        await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main())
