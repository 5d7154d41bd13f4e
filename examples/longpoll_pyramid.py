"""A long-poll in Pyramid: GET /poll waits for what is POSTed to /push."""

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPNoContent
from pyramid.response import Response

from cogen.core.pubsub import PublishSubscribeQueue
from cogen.errors import OperationTimeout
from cogen.web.server import Server

room = PublishSubscribeQueue(maxlen=100)


async def poll(request):
    try:
        messages = await room.fetch(room.subscribe(), timeout=30)
    except OperationTimeout:  # or the server is being stopped
        return HTTPNoContent()
    return Response("".join(messages))


def push(request):
    return Response(f"{room.publish(request.text)}\r\n")


with Configurator() as config:
    config.include("cogen.web.pyramid")
    config.add_route("poll", "/poll", request_method="GET")
    config.add_route("push", "/push", request_method="POST")
    config.add_view(poll, route_name="poll")
    config.add_view(push, route_name="push")
    application = config.make_wsgi_app()

if __name__ == "__main__":
    Server(application).run()
