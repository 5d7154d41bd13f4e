"""The library's own server, on uvloop, with the function it has for many at once."""

import asyncio
import sys

import uvloop
from websockets.asyncio.server import ServerConnection, broadcast, serve

listening = set()


class Connection(ServerConnection):
    """The library reads no POST: a push is told by its first bytes, and comes in one piece."""

    def data_received(self, data):
        if data.startswith(b"POST /push "):
            broadcast(listening, data.partition(b"\r\n\r\n")[2], text=True)
            self.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        else:
            super().data_received(data)


async def listen(connection):
    listening.add(connection)
    try:
        await connection.wait_closed()
    finally:
        listening.discard(connection)


async def main():
    options = {"compression": None, "ping_interval": None, "open_timeout": None, "backlog": 2048}
    port = int(sys.argv[1])
    async with serve(listen, "127.0.0.1", port, create_connection=Connection, **options):
        await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main())
