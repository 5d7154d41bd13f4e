"""A page, and the library's own server, which sends what one says to everybody else."""

import asyncio
import sys
from pathlib import Path

import uvloop
from websockets.asyncio.server import broadcast, serve
from websockets.datastructures import Headers
from websockets.http11 import Response

HERE = Path(__file__).parent
FILES = {"/bare": ("bare.html", "text/html"), "/bare.js": ("bare.js", "text/javascript")}
NOTHING = Response(404, "Not Found", Headers({"Content-Length": "0"}))

talking = set()


def answer(connection, request):
    """A file; None where it is a WebSocket."""
    path = request.path.partition("?")[0]
    if path == "/socket":
        return None
    if path not in FILES:
        return NOTHING
    name, kind = FILES[path]
    body = (HERE / name).read_bytes()
    headers = {"Content-Type": kind, "Content-Length": str(len(body)), "Connection": "close"}
    return Response(200, "OK", Headers(headers), body)


async def talk(connection):
    talking.add(connection)
    try:
        async for text in connection:
            broadcast(talking - {connection}, text)
    finally:
        talking.discard(connection)


async def main():
    options = {"compression": None, "ping_interval": None, "process_request": answer}
    async with serve(talk, "127.0.0.1", int(sys.argv[1]), **options):
        await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main())
