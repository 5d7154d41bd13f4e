"""aiohttp's own server, on uvloop."""

import sys

import uvloop
from aiohttp import web

from bench.peers.waiting import Waiters

waiters = Waiters()


async def pull(request):
    return web.Response(body=await waiters.wait(), content_type="text/plain")


async def push(request):
    waiters.push(await request.read())
    return web.Response(body=b"ok", content_type="text/plain")


if __name__ == "__main__":
    application = web.Application()
    application.add_routes([web.get("/pull", pull), web.post("/push", push)])
    web.run_app(
        application,
        host="127.0.0.1",
        port=int(sys.argv[1]),
        access_log=None,
        print=None,
        backlog=2048,
        loop=uvloop.new_event_loop(),
    )
