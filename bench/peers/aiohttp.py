"""aiohttp's own server, on uvloop."""

import sys

import uvloop
from aiohttp import WSMsgType, web

from bench.peers.waiting import Waiters

waiters = Waiters()
listening = set()


async def pull(request):
    return web.Response(body=await waiters.wait(), content_type="text/plain")


async def push(request):
    body = await request.read()
    waiters.push(body)
    for each in [*listening]:
        await each.send_frame(body, WSMsgType.TEXT)
    return web.Response(body=b"ok", content_type="text/plain")


async def socket(request):
    response = web.WebSocketResponse(compress=False)
    await response.prepare(request)
    listening.add(response)
    try:
        async for _ in response:
            pass
    finally:
        listening.discard(response)
    return response


if __name__ == "__main__":
    application = web.Application()
    application.add_routes(
        [web.get("/pull", pull), web.post("/push", push), web.get("/socket", socket)]
    )
    web.run_app(
        application,
        host="127.0.0.1",
        port=int(sys.argv[1]),
        access_log=None,
        print=None,
        backlog=2048,
        loop=uvloop.new_event_loop(),
    )
