"""The environ of PEP 3333.

What is the same for all requests of a server stands in `template`. A `prototype` adds what
the request and its connection say; a client that polls says the same each time, so it is made once
and copied for each run of the application.
"""

from __future__ import annotations

import sys
from typing import IO, Any, Final, NamedTuple
from urllib.parse import unquote_to_bytes
from wsgiref.util import FileWrapper as _FileWrapper

from cogen.web.request import Request

__all__ = ["BLOCK", "FileWrapper", "Peer", "prototype", "template"]

BLOCK: Final = 64 * 1024  # bytes of a file that are in memory at once


class FileWrapper(_FileWrapper):
    """``wsgi.file_wrapper``: a file in blocks, from where it stands, closed at the end."""

    def __init__(self, filelike: IO[bytes], blksize: int = BLOCK) -> None:
        super().__init__(filelike, blksize)


class Peer(NamedTuple):
    """The other end of a connection.

    Attributes:
        address: empty on a unix socket.
        scheme: ``http`` or ``https``.
    """

    address: str
    port: str
    scheme: str


def template(server: tuple[str, str], software: str) -> dict[str, Any]:
    """What is the same for every request of a server.

    Args:
        server: host and port that it listens on.
        software: for ``SERVER_SOFTWARE``.
    """
    return {
        "SCRIPT_NAME": "",
        "SERVER_NAME": server[0],
        "SERVER_PORT": server[1],
        "SERVER_SOFTWARE": software,
        "wsgi.version": (1, 0),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "wsgi.input_terminated": True,
        "wsgi.file_wrapper": FileWrapper,
    }


def prototype(template: dict[str, Any], peer: Peer, request: Request) -> dict[str, Any]:
    """The environ, but for what each run of the application has of its own.

    It takes the request's headers over, as the beginning of itself.
    """
    environ: dict[str, Any] = request.headers
    environ.update(template)
    path, _, query = request.target.partition(b"?")
    if b"%" in path:
        path = unquote_to_bytes(path)
    environ["REMOTE_ADDR"], environ["REMOTE_PORT"], environ["wsgi.url_scheme"] = peer
    environ["REQUEST_METHOD"] = request.method
    environ["PATH_INFO"] = path.decode("latin-1")
    environ["QUERY_STRING"] = query.decode("latin-1")
    environ["RAW_URI"] = request.target.decode("latin-1")
    environ["SERVER_PROTOCOL"] = "HTTP/" + request.version
    if request.body.size and "CONTENT_LENGTH" not in environ and request.body.complete:
        # It came chunked: PEP 3333 knows no other way to say how much there is to read.
        environ["CONTENT_LENGTH"] = str(request.body.size)
    request.prototype = environ
    return environ
