"""The OpenAPI document against the whole chat: schemathesis asks everything that it describes.

In process and by the fake clock: a WSGI application on its side, bytes of a connection on ours.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any
from urllib.parse import quote

import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.openapi import from_wsgi
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from tests.chatapp.harness import TOKEN, Site
from tests.web.harness import dechunk, split

LONGEST = 61.0  # seconds that any answer may take
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    unsupported_method,
    negative_data_rejection,
]


class Bridge:
    """A WSGI application that asks the chat over one of its connections."""

    def __init__(self) -> None:
        self.site = Site(admin_token=TOKEN, window=5)
        for number in range(20):
            self.site.say("ann", f"message {number}")

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        size = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(size) if size else b""
        line = self.site.client().send(self._head(environ, len(body)) + body)
        stream = environ["PATH_INFO"].endswith("/events") and environ["PATH_INFO"] != "/api/events"
        if not line.transport.arrived or stream:
            self.site.advance(LONGEST)
        status, headers, content = split(line.take())
        if headers.pop("transfer-encoding", None):
            content = dechunk(content + b"0\r\n\r\n")
        line.reset()
        self.site.settle()
        start_response(status, list(headers.items()))
        return [content]

    def _head(self, environ: dict[str, Any], size: int) -> bytes:
        path = quote(environ["PATH_INFO"].encode("latin-1"), safe="/:@!$&'()*+,;=~")
        query = f"?{environ['QUERY_STRING']}" if environ.get("QUERY_STRING") else ""
        fields = {
            name[5:].replace("_", "-"): value
            for name, value in environ.items()
            if name.startswith("HTTP_") and name not in ("HTTP_HOST", "HTTP_CONNECTION")
        }
        fields["Host"] = "chat.example"
        fields["Content-Length"] = str(size)
        if environ.get("CONTENT_TYPE"):
            fields["Content-Type"] = environ["CONTENT_TYPE"]
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        return f"{environ['REQUEST_METHOD']} {path}{query} HTTP/1.1\r\n{head}\r\n".encode("latin-1")


@cache
def bridge() -> Bridge:
    return Bridge()


schema = from_wsgi("/api/openapi.json", lambda *request: bridge()(*request))


@schema.parametrize()
@settings(
    max_examples=50,
    derandomize=True,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_what_the_document_says_is_so(case: schemathesis.Case) -> None:
    # A case that leaves the token out means to be refused.
    token = {"Authorization": f"Bearer {TOKEN}"} if "Authorization" in case.headers else {}
    case.call_and_validate(checks=CHECKS, headers=token)
