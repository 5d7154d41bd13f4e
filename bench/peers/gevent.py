"""gevent's pywsgi: a greenlet for each connection."""

import socket
import sys

from gevent.event import AsyncResult
from gevent.pywsgi import WSGIHandler, WSGIServer
from gevent.timeout import Timeout

from bench.peers import TIMEOUT

waiting = []


def application(environ, start_response):
    if environ["PATH_INFO"] == "/push":
        body = environ["wsgi.input"].read()
        results, waiting[:] = waiting[:], []
        for result in results:
            result.set(body)
        body = b"ok"
    else:
        result = AsyncResult()
        waiting.append(result)
        try:
            body = result.get(timeout=TIMEOUT)
        except Timeout:
            body = b""
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]


class Handler(WSGIHandler):
    """It sends head and body one after the other, and would wait 40 ms for an acknowledgement."""

    def __init__(self, sock, *arguments):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().__init__(sock, *arguments)


if __name__ == "__main__":
    address = ("127.0.0.1", int(sys.argv[1]))
    server = WSGIServer(address, application, log=None, backlog=2048, handler_class=Handler)
    server.serve_forever()
