"""The environ of PEP 3333: a template per connection, copied and completed per request."""

from __future__ import annotations

import sys
from typing import IO, Any
from urllib.parse import unquote_to_bytes
from wsgiref.util import FileWrapper as _FileWrapper

from cogen.web.gate import Gate, install
from cogen.web.request import Request

__all__ = ["BLOCK", "FileWrapper", "template", "wsgi_environ"]

BLOCK = 64 * 1024  # bytes of a file that are in memory at once


class FileWrapper(_FileWrapper):
    """``wsgi.file_wrapper``: a file in blocks, from where it stands, closed at the end."""

    def __init__(self, filelike: IO[bytes], blksize: int = BLOCK) -> None:
        super().__init__(filelike, blksize)


def template(
    *,
    scheme: str,
    server: tuple[str, str],
    client: tuple[str, str],
    software: str,
) -> dict[str, Any]:
    """What is the same for every request of a connection.

    Args:
        scheme: ``http`` or ``https``.
        server: host and port that we listen on.
        client: address and port of the peer; empty on a unix socket.
        software: for ``SERVER_SOFTWARE``.
    """
    return {
        "SCRIPT_NAME": "",
        "SERVER_NAME": server[0],
        "SERVER_PORT": server[1],
        "SERVER_SOFTWARE": software,
        "REMOTE_ADDR": client[0],
        "REMOTE_PORT": client[1],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scheme,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "wsgi.input_terminated": True,
        "wsgi.file_wrapper": FileWrapper,
    }


def wsgi_environ(base: dict[str, Any], request: Request, gate: Gate, body: Any) -> dict[str, Any]:
    """The environ of one request.

    Args:
        base: the connection's `template`.
        body: ``wsgi.input``, a file.
    """
    environ = base.copy()
    path, _, query = request.target.partition(b"?")
    if b"%" in path:
        path = unquote_to_bytes(path)
    environ["REQUEST_METHOD"] = request.method
    environ["PATH_INFO"] = path.decode("latin-1")
    environ["QUERY_STRING"] = query.decode("latin-1")
    environ["RAW_URI"] = request.target.decode("latin-1")
    environ["SERVER_PROTOCOL"] = "HTTP/" + request.version
    environ.update(request.headers)
    if request.body.size and "CONTENT_LENGTH" not in environ and request.body.complete:
        # It came chunked: PEP 3333 knows no other way to say how much there is to read.
        environ["CONTENT_LENGTH"] = str(request.body.size)
    environ["wsgi.input"] = body
    install(environ, gate, request.body)
    return environ
