"""cogen alone: a plain WSGI application that waits on a PublishSubscribeQueue.

Polls wait on one, and WebSockets on another, whose messages are framed once for all of them.

``python -m bench.peers.cogen PORT [MIDDLEWARES]``: so many generator middlewares around it.
"""

import sys

from bench.peers import KEPT, PLAIN, TIMEOUT
from cogen.core.events import OperationTimeout
from cogen.core.pubsub import PublishSubscribeQueue
from cogen.web.actions import action
from cogen.web.server import Server
from cogen.web.settings import ServerSettings
from cogen.web.websocket import Encoded, upgrade

log = PublishSubscribeQueue(maxlen=KEPT)
frames = PublishSubscribeQueue(maxlen=KEPT)


def application(environ, start_response):
    match environ["PATH_INFO"]:
        case "/pull":
            return wait(environ, start_response, log.subscribe())
        case "/batch":
            since = int(environ["QUERY_STRING"].removeprefix("since="))
            return wait(environ, start_response, log.subscribe(since))
        case "/push":
            body = environ["wsgi.input"].read()
            log.publish(body)
            frames.publish(Encoded(body.decode()))
            return answer(start_response, b"ok")
        case "/socket":
            return listen(environ, start_response)
        case _:
            return answer(start_response, PLAIN)


def wait(environ, start_response, subscription):
    yield environ["cogen.call"](log.fetch)(subscription, timeout=TIMEOUT)
    try:
        body = b"".join(environ["cogen.wsgi"].take())
    except OperationTimeout:
        body = b""
    yield from answer(start_response, body)


@action
def listen(environ, start_response):
    socket = upgrade(environ)
    yield socket.accept()
    subscription = frames.subscribe()
    while True:
        messages = yield frames.fetch(subscription)
        yield socket.send(*messages)


def answer(start_response, body):
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]


def middleware(wrapped):
    """As people write it: a generator around the application's iterator."""

    def passes_on(environ, start_response):
        result = wrapped(environ, start_response)
        try:
            yield from result
        finally:
            if hasattr(result, "close"):
                result.close()

    return passes_on


if __name__ == "__main__":
    served = application
    for _ in range(int(sys.argv[2]) if len(sys.argv) > 2 else 0):
        served = middleware(served)
    Server(served, ServerSettings(port=int(sys.argv[1]))).run()
