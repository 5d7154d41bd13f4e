from __future__ import annotations

import pytest

from bench.stream import Failure
from bench.wire import get, post, read_answer

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nSet-Cookie: a=b; Path=/\r\n\r\nhello"


@pytest.mark.parametrize("cut", range(len(ANSWER)))
def test_an_answer_is_read_when_it_is_whole(cut):
    assert read_answer(ANSWER[:cut]) is None


def test_an_answers_parts_and_what_follows():
    answer = read_answer(ANSWER + b"HTTP")
    assert (answer.status, answer.body, answer.rest) == (200, b"hello", b"HTTP")
    assert answer.cookie == b"a=b"


@pytest.mark.parametrize(
    "data",
    [b"hello", b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nX-Content-Length: 1\r\n\r\n1"],
)
def test_what_cannot_be_read_is_a_failure(data):
    with pytest.raises(Failure):
        read_answer(data)


def test_requests():
    assert get("/pull", b"a=b") == (b"GET /pull HTTP/1.1\r\nHost: localhost\r\nCookie: a=b\r\n\r\n")
    assert post("/push", 7) == (
        b"POST /push HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"
        b"Content-Length: 7\r\n\r\n"
    )
