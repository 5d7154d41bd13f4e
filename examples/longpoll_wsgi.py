"""A long-poll in plain WSGI: GET /poll waits for what is POSTed to /push."""

from cogen.core.pubsub import PublishSubscribeQueue
from cogen.errors import OperationTimeout
from cogen.web.actions import action
from cogen.web.server import Server

room = PublishSubscribeQueue(maxlen=100)


async def poll(environ, start_response):
    try:
        messages = await room.fetch(room.subscribe(), timeout=30)
    except OperationTimeout:  # or the server is being stopped
        start_response("204 No Content", [])
        return []
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
    return messages


async def push(environ, start_response):
    number = room.publish(environ["wsgi.input"].read())
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"%d\r\n" % number]


@action
async def application(environ, start_response):
    if environ["PATH_INFO"] == "/push":
        return await push(environ, start_response)
    return await poll(environ, start_response)


if __name__ == "__main__":
    Server(application).run()
