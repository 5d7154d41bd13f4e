"""What a server sends, without one; for the tests of who reads it."""

from __future__ import annotations

from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.server import ServerProtocol

from bench.frames import handshake

GET = b"GET /pull HTTP/1.1\r\nHost: localhost\r\n\r\n"


def scripted(kind, stream, *reads):
    """A reader of this kind, called 7, that gets one of these reads after another."""

    class Scripted(kind):
        def open(self):
            script = iter(reads)
            self.recv = lambda size: next(script)
            self.sent = []
            self.send = self.sent.append
            self.rest = b""

    stream.readers += 1
    return Scripted(1, stream, 7, GET)


def served(extra=()):
    """What a server says to the handshake, and that server."""
    server = ServerProtocol()
    server.receive_data(handshake("/ws?history=0"))
    (request,) = server.events_received()
    assert isinstance(request, Request)
    assert request.path == "/ws?history=0"
    response = server.accept(request)
    for name, value in extra:
        response.headers[name] = value
    server.send_response(response)
    return b"".join(server.data_to_send()), server


def frame(payload, opcode=Opcode.TEXT, fin=True, mask=False):
    """As a server sends it, if it is not masked."""
    return Frame(opcode, payload, fin).serialize(mask=mask)
