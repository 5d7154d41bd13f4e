"""What every JSON form refuses, for the tests of each."""

from __future__ import annotations

from typing import Any

from tests.chatapp.harness import Curl, Response

FOREIGN = [
    {"Origin": "http://evil.example"},
    {"Origin": "null"},
    {"Sec_Fetch_Site": "cross-site"},
    {"Sec_Fetch_Site": "same-site"},
]

DEEP = b"[" * 5000
BAD_JSON: list[tuple[bytes, int]] = [
    (b"", 400),
    (b"{", 400),
    (b"[]", 400),
    (b'{"unknown": 1}', 400),
    (b'{"text": "\xff", "name": "\xff"}', 400),
    (b'{"text": 1, "name": 1}', 400),
    (b'{"text": null, "name": null}', 400),
    (DEEP, 400),
    (b'{"text": %b' % DEEP, 400),
    (b'{"name": "' + b"x" * 60_000 + b'"}', 413),
]


def is_problem(response: Response, status: int) -> bool:
    """It is refused as RFC 9457 says, and says why."""
    problem: Any = response.json
    return (
        response.status == problem["status"] == status
        and response.header("content-type") == "application/problem+json"
        and bool(problem["detail"])
    )


def refuses_bad_bodies(curl: Curl, method: str, path: str, **headers: str) -> None:
    for body, status in BAD_JSON:
        answer = curl.send(method, path, body, **headers)
        assert is_problem(answer, status), (body[:40], answer.status, answer.text)
    good = b'{"name": "x", "text": "x"}'
    for encoding in ("gzip", "br", "deflate"):
        answer = curl.send(method, path, good, Content_Encoding=encoding, **headers)
        assert is_problem(answer, 415)
    for media in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
        answer = curl.send(method, path, good, Content_Type=media, **headers)
        assert is_problem(answer, 415)


def refuses_other_sites(curl: Curl, method: str, path: str, content: Any, **more: str) -> None:
    for headers in FOREIGN:
        answer = curl.send(method, path, content, **headers, **more)
        assert is_problem(answer, 403), (headers, answer.status)
        assert answer.header("set-cookie") is None


def takes_only(curl: Curl, path: str, allowed: str) -> None:
    """Every other method is 405, with what is allowed; HEAD too."""
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} - set(allowed.split(", ")):
        answer = curl.send(method, path)
        assert is_problem(answer, 405), method
        assert answer.header("allow") == allowed
    head = curl.ask("HEAD", path)
    assert b" 405 " in head.take().partition(b"\r\n")[0] + b" "
