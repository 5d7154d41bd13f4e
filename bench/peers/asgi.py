"""A bare ASGI function on uvicorn, with uvloop and httptools."""

import sys

import uvicorn

from bench.peers import PLAIN
from bench.peers.waiting import Log

log = Log()


async def application(scope, receive, send):
    match scope["path"]:
        case "/pull":
            body = await log.wait()
        case "/batch":
            body = await log.since(int(scope["query_string"].removeprefix(b"since=")))
        case "/push":
            body, more = b"", True
            while more:
                event = await receive()
                body += event.get("body", b"")
                more = event.get("more_body", False)
            log.push(body)
            body = b"ok"
        case _:
            body = PLAIN
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def serve(served):
    uvicorn.run(
        served,
        port=int(sys.argv[1]),
        loop="uvloop",
        http="httptools",
        lifespan="off",
        log_level="warning",
        access_log=False,
    )


if __name__ == "__main__":
    serve(application)
