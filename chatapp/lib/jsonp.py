"""JSON as a script that calls a function, for pages of sites from before CORS.

The name of the function comes from the address, so it can be no more than a name; and the script
begins with a comment, so that no other kind of file begins with what a stranger chose.
"""

from __future__ import annotations

import re
from typing import Final

from chatapp.lib.base import Response
from chatapp.lib.refusal import Refusal

__all__ = ["checked_callback", "jsonp"]

SCRIPT: Final = "text/javascript; charset=utf-8"  # RFC 9239; application/javascript is obsolete

_CALLBACK: Final = re.compile(r"[A-Za-z_$][\w$.]{0,63}", re.ASCII)


def checked_callback(callback: str) -> str:
    """The name of a function, as it was given.

    Raises:
        Refusal: it is none.
    """
    if not _CALLBACK.fullmatch(callback):
        raise Refusal(400, "callback is a function's name: at most 64 letters, digits, _, $, dots.")
    return callback


def jsonp(callback: str, json: bytes) -> Response:
    """The script ``/**/callback(json);``, never to be sniffed or stored.

    Raises:
        Refusal: that is no name of a function.
    """
    name = checked_callback(callback).encode("ascii")
    # Line ends in scripts from before ECMAScript 2019, though not in JSON: only strings have them.
    json = json.replace(b"\xe2\x80\xa8", b"\\u2028").replace(b"\xe2\x80\xa9", b"\\u2029")
    return Response(b"/**/%b(%b);" % (name, json), SCRIPT)
