"""aiohttp's own server, on uvloop."""

import asyncio
import sys

import uvloop
from aiohttp import WSMsgType, web

from bench.peers.calling import Page, carry, decode
from bench.peers.waiting import Waiters

waiters = Waiters()
listening = set()
pages = {}


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


async def calls(request):
    response = web.WebSocketResponse(compress=False)
    await response.prepare(request)
    page = Page()
    carrying = asyncio.create_task(carry(page, lambda frame: response.send_str(frame.decode())))
    try:
        async for message in response:
            page.receive(decode(message.data).messages)
            if page.out:
                await response.send_str(page.take().decode())
    finally:
        carrying.cancel()
    return response


async def open_page(request):
    number = str(len(pages))
    pages[number] = Page()
    return web.json_response({"channel": number})


async def poll(request):
    page = pages[decode(await request.read()).channel]
    await page.wait()
    return web.Response(body=page.take(), content_type="application/json")


async def send(request):
    frame = decode(await request.read())
    page = pages[frame.channel]
    page.receive(frame.messages)
    page.wake()
    return web.Response(body=b"{}", content_type="application/json")


if __name__ == "__main__":
    application = web.Application()
    application.add_routes(
        [
            web.get("/pull", pull),
            web.post("/push", push),
            web.get("/socket", socket),
            web.get("/calls/socket", calls),
            web.post("/calls/open", open_page),
            web.post("/calls/poll", poll),
            web.post("/calls/send", send),
        ]
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
