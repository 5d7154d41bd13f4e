"""WebSockets in the views of frameworks, inside their own routing, sessions and middleware."""

import flask
import pytest
from pyramid.config import Configurator
from pyramid.response import Response
from pyramid.session import SignedCookieSessionFactory

from cogen.web.flask import Flask
from cogen.web.websocket import upgrade
from tests.web.harness import OnLoop
from tests.web.peer import Peer


async def talk(socket):
    """What the views do once it is accepted."""
    await socket.send("hello")
    while True:
        await socket.send(await socket.receive())


def lines(environ):
    """The same, as the body of a plain WSGI answer."""
    socket, wait, gate = upgrade(environ), environ["cogen.yield"], environ["cogen.wsgi"]
    yield wait(socket.accept())
    yield wait(socket.send("hello"))
    while True:
        yield wait(socket.receive())
        yield wait(socket.send(gate.take()))


def pyramid():
    def awaiting(request):
        async def view(request):
            if request.params.get("key") != "open":
                return Response("no", status=403)
            socket = upgrade(request.environ)
            await socket.accept()
            await talk(socket)

        return view(request)

    def body(request):
        if request.params.get("key") != "open":
            return Response("no", status=403)
        request.session["seen"] = True
        return Response(status=101, app_iter=lines(request.environ))

    with Configurator(settings={}) as config:
        config.include("cogen.web.pyramid")
        config.set_session_factory(SignedCookieSessionFactory("secret"))
        for name, view in (("awaiting", awaiting), ("body", body)):
            config.add_route(name, f"/{name}")
            config.add_view(view, route_name=name)
    return config.make_wsgi_app()


def in_flask():
    site = Flask("small")

    @site.route("/awaiting", websocket=True)  # Werkzeug keeps these apart
    async def awaiting():
        if flask.request.args.get("key") != "open":
            return "no", 403
        socket = upgrade(flask.request.environ)
        await socket.accept()
        await talk(socket)

    return site


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "make, path, cookie",
    [
        (pyramid, "/awaiting", False),
        (pyramid, "/body", True),
        (in_flask, "/awaiting", False),
    ],
    ids=["pyramid, async def", "pyramid, app_iter", "flask, async def"],
)
async def test_a_view_may_be_a_websocket(make, path, cookie):
    served = OnLoop(make())
    refused = Peer(served, path)
    await served.turns()
    assert refused.status == 403
    peer = Peer(served, f"{path}?key=open")
    await served.turns()
    assert peer.status == 101
    assert (peer.header("Set-Cookie") is not None) == cookie
    peer.say("one")
    await served.turns()
    assert peer.heard() == ["hello", "one"]
    peer.bye()
    await served.turns()
    assert peer.farewell.code == 1000
    peer.end()
    refused.end()
    await served.turns()
    assert served.service.connections == set()
