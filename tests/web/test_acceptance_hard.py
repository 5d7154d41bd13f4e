"""The acceptance list sent in harder ways: cut anywhere, behind good ones, as HTTP/1.0, mutated.

What a client gets must not depend on how the network cuts what it sends.
"""

import re
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.web.harness import GET, Hello, Served, status
from tests.web.refused import (
    REFUSED,
    SMUGGLED,
    TLS_HELLO,
    check_refusal,
    chunked,
    head,
    numbered,
    trailer,
)

SHORT = {name: REFUSED[name] for name in REFUSED if len(REFUSED[name][0]) < 1000}
GOOD = [
    GET,
    head(b"Content-Length: 5") + b"hello",
    chunked(b"5\r\nhello\r\n0\r\n\r\n"),
    head(b"Upgrade: h2c", b"Connection: Upgrade", line=b"GET / HTTP/1.1"),
]


@pytest.mark.parametrize("name", numbered(SHORT))
def test_cut_at_every_byte(name):
    data, expected = SHORT[name]
    data += SMUGGLED
    for cut in range(1, len(data)):
        application = Hello()
        client = Served(application).client().send(data[:cut], data[cut:])
        check_refusal(client, expected)
        assert application.environs == []


@pytest.mark.parametrize("good", GOOD, ids=["get", "length", "chunked", "upgrade"])
@pytest.mark.parametrize("name", numbered(REFUSED))
def test_behind_a_good_request(name, good):
    data, expected = REFUSED[name]
    application = Hello()
    client = Served(application).client().send(good + data + SMUGGLED)
    first, second = re.findall(rb"HTTP/1.1 ([0-9]{3}) ", client.take())
    assert first == b"200"
    known = expected if isinstance(expected, tuple) else (expected,)
    # Behind another request of one piece nobody says where what is no method begins: 400 or 501.
    assert int(second) in known or (known == (400,) and second == b"501")
    assert client.closed
    assert [environ["PATH_INFO"] for environ in application.environs] == ["/"]


@pytest.mark.parametrize("name", numbered(REFUSED))
def test_behind_one_that_is_answered_already(name):
    data, expected = REFUSED[name]
    application = Hello()
    client = Served(application).client().send(GET)
    assert status(client.take()) == 200
    client.send(data + SMUGGLED)
    check_refusal(client, expected)
    assert len(application.environs) == 1


@pytest.mark.parametrize("name", numbered(REFUSED))
def test_behind_one_that_waits(name):
    """It is looked at when its turn comes, and nothing before."""

    def application(environ, start_response):
        environs.append(environ)
        yield environ["cogen.core"].events.Sleep(5)
        start_response("200 OK", [("Content-Length", "0")])
        yield b""

    environs = []
    data, _ = REFUSED[name]
    served = Served(application)
    client = served.client().send(GET + data[:100], data[100:] + SMUGGLED)
    assert client.take() == b""
    served.advance(6)
    first, second = re.findall(rb"HTTP/1.1 ([0-9]{3}) ", client.take())
    assert first == b"200"
    assert second[:1] in (b"4", b"5")
    assert client.closed
    assert len(environs) == 1


# What is good enough for 1.0: there it needs no Host, and knows no expectation.
ONLY_1_1 = ("1 no Host", "1 no Host, absolute target", "unknown expectation")
AS_1_0 = {
    name: (data.replace(b"HTTP/1.1\r\n", b"HTTP/1.0\r\nConnection: keep-alive\r\n", 1), expected)
    for name, (data, expected) in REFUSED.items()
    if b"HTTP/1.1\r\n" in data and name not in ONLY_1_1
}


@pytest.mark.parametrize("step", [None, 1])
@pytest.mark.parametrize("name", numbered(AS_1_0))
def test_as_http_1_0(name, step):
    data, _ = AS_1_0[name]
    data += SMUGGLED
    step = step if step and len(data) < 20_000 else 2003
    application = Hello()
    client = Served(application).client()
    client.send(*[data[n : n + step] for n in range(0, len(data), step)])
    check_refusal(client, tuple(range(400, 506)))
    assert application.environs == []


@pytest.mark.parametrize("name", numbered(REFUSED))
def test_while_the_application_reads_the_body_itself(name):
    """With ``stream_bodies`` it may have been called when the violation comes: it hears of it."""

    def application(environ, start_response):
        paths.append(environ["PATH_INFO"])
        yield environ["cogen.input"].whole()
        environ["cogen.wsgi"].take()
        start_response("200 OK", [])

    paths = []
    data, expected = REFUSED[name]
    client = Served(application, stream_bodies=True).client()
    client.send(data[:60], data[60:] + SMUGGLED)
    check_refusal(client, expected)
    assert paths in ([], ["/"])


# Garbage

# Larger ones than these, cut differently, may differ in the limit that is seen first.
PIECES = [
    b"GET / HTTP/1.1\r\n",
    b"POST /a?b HTTP/1.1\r\n",
    b"GET / HTTP/1.0\r\n",
    b"HEAD / HTTP/1.1\r\n",
    b"GET http://b/ HTTP/1.1\r\n",
    b"GET / RTSP/1.0\r\n",
    b"Host: a\r\n",
    b"Content-Length: 5\r\n",
    b"Content-Length: 0\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Connection: close\r\n",
    b"Connection: keep-alive\r\n",
    b"Connection: Upgrade\r\nUpgrade: h2c\r\n",
    b"Expect: 100-continue\r\n",
    b"Cookie: a=b\r\n",
    b"A: \xff\r\n",
    b"\r\n",
    b"\r",
    b"\n",
    b"hello",
    b"5\r\nhello\r\n",
    b"5;a=b\r\nhello\r\n",
    b"0\r\n\r\n",
    b"0\r\nA: b\r\n\r\n",
    b"\0",
    b" ",
    TLS_HELLO,
    *GOOD,
]
LIKELY = st.lists(st.sampled_from(PIECES) | st.binary(max_size=8), max_size=12).map(b"".join)
CUTS = st.lists(st.integers(0, 600), max_size=12)


def cut(data, places):
    places = [0, *sorted(place for place in set(places) if 0 < place < len(data)), len(data)]
    return [data[a:b] for a, b in pairwise(places)]


def outcome(pieces, **options):
    """Statuses and what reached the application, in order; and whether the connection closed.

    That it does not raise is seen by being there.
    """
    application = Hello()
    client = Served(application, **options).client().send(*pieces)
    statuses = re.findall(rb"HTTP/1.1 ([0-9]{3}) ", client.take())
    # Of two violations the one that is seen first counts; that of one is always the same is shown
    # above. Whether a 100 is sent depends on what is there already.
    statuses = [each if each == b"200" else b"refused" for each in statuses if each != b"100"]
    seen = [
        (environ["REQUEST_METHOD"], environ["PATH_INFO"], environ["QUERY_STRING"], body)
        for environ, body in zip(application.environs, application.bodies, strict=True)
    ]
    return statuses, seen, client.closed


@settings(max_examples=400, deadline=None)
@example(data=GET * 3, places=[len(GET), 2 * len(GET)])
@example(data=GET + head(b"Content-Length: %d" % len(GET)) + GET * 2, places=[len(GET)])
@example(data=b"GET / RTSP/1.0\r\nHost: a\r\nnonsense\r\n", places=[26])
@given(data=LIKELY, places=CUTS)
def test_however_it_is_cut_the_outcome_is_the_same(data, places):
    whole = outcome([data])
    assert outcome(cut(data, places)) == whole
    assert outcome([data[n : n + 1] for n in range(len(data))]) == whole


@settings(max_examples=400, deadline=None)
@given(data=LIKELY | st.binary(max_size=200), places=CUTS)
def test_as_many_answers_as_requests_and_one_refusal_at_most(data, places):
    statuses, seen, closed = outcome(cut(data, places))
    served = [each for each in statuses if each == b"200"]
    assert len(served) == len(seen)
    assert statuses[: len(served)] == served, "the refusal is the last"
    assert len(statuses) <= len(served) + 1
    if len(statuses) > len(served):
        assert closed


MUTATED = [
    *GOOD,
    head(b"Transfer-Encoding: chunked", b"A: b", b"Cookie: c=d")
    + b"3;x=y\r\nabc\r\n0\r\nT: u\r\n\r\n",
    head(b"Content-Type: text/plain", b"Content-Length: 26") + b"\r\nGET / HTTP/1.1\r\nHost: a\r\n",
    trailer(b"A: b"),
]
CHANGE = st.tuples(
    st.integers(0, 200), st.integers(0, 3), st.binary(max_size=3)
)  # where, how much goes, what comes


@settings(max_examples=600, deadline=None)
@given(
    data=st.sampled_from(MUTATED),
    changes=st.lists(CHANGE, min_size=1, max_size=4),
    places=CUTS,
    streamed=st.booleans(),
)
def test_a_request_that_was_tampered_with_never_becomes_two(data, changes, places, streamed):
    for place, gone, come in changes:
        data = data[:place] + come + data[place + gone :]
    environs = []

    def application(environ, start_response):
        environs.append(environ)
        yield environ["cogen.input"].whole()
        environ["cogen.wsgi"].take()
        start_response("200 OK", [])

    served = Served(application, stream_bodies=streamed)
    client = served.client().send(*cut(data, places))
    assert len(environs) <= 1
    served.advance(120)
    assert client.closed, "and its time ends"
    assert len(environs) <= 1


@settings(max_examples=200, deadline=None)
@given(data=LIKELY, places=CUTS, how=st.sampled_from(["end", "reset", "silence"]))
def test_whatever_came_the_connection_ends_with_its_client(data, places, how):
    served = Served(Hello())
    client = served.client().send(*cut(data, places))
    if how == "end":
        client.end()
    elif how == "reset":
        client.reset()
    else:
        served.advance(200)
    assert client.transport.closing
    served.settle()
    assert not served.service.connections
