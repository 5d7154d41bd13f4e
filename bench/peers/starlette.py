"""Starlette on uvicorn, with uvloop and httptools."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.peers.asgi import serve
from bench.peers.waiting import Waiters

waiters = Waiters()


async def pull(request: Request) -> Response:
    return Response(await waiters.wait(), media_type="text/plain")


async def push(request: Request) -> Response:
    waiters.push(await request.body())
    return Response(b"ok", media_type="text/plain")


application = Starlette(routes=[Route("/pull", pull), Route("/push", push, methods=["POST"])])

if __name__ == "__main__":
    serve(application)
