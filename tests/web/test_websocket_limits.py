"""What a WebSocket does not let through: broken rules, too much of anything, and silence."""

import zlib

import pytest
from websockets.frames import Frame, Opcode

from cogen.web.websocket import Encoded
from tests.web.harness import Served, split
from tests.web.peer import KEY, Peer, connected, echo, talks

TEXT, BINARY, CONT, PING, PONG = (
    Opcode.TEXT,
    Opcode.BINARY,
    Opcode.CONT,
    Opcode.PING,
    Opcode.PONG,
)


def handshake(**changes):
    fields = {
        "Host": "a",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": KEY,
        "Sec-WebSocket-Version": "13",
        **{name.replace("_", "-"): value for name, value in changes.items()},
    }
    lines = [f"{name}: {value}" for name, value in fields.items() if value is not None]
    return "\r\n".join(["GET / HTTP/1.1", *lines, "", ""]).encode()


# The handshake


@pytest.mark.case(45)
@pytest.mark.parametrize(
    "key", [None, "", "x", "dGhlIHNhbXBsZQ==", KEY + "=", KEY + ", " + KEY, "?" * 24]
)
def test_a_bad_key_is_400(key):
    line, headers, body = split(Served(echo).ask(handshake(Sec_WebSocket_Key=key)))
    assert line == "400 Bad Request"
    assert b"handshake" in body
    assert headers["connection"] == "close"


@pytest.mark.case(45)
@pytest.mark.parametrize("version", ["12", "8", "14", "x", "13, 8"])
def test_another_version_is_426_and_told_ours(version):
    line, headers, _ = split(Served(echo).ask(handshake(Sec_WebSocket_Version=version)))
    assert line == "426 Upgrade Required"
    assert headers["sec-websocket-version"] == "13"
    assert headers["upgrade"] == "websocket"


@pytest.mark.parametrize("name", ["Sec_WebSocket_Protocol", "Sec_WebSocket_Extensions"])
def test_lists_that_are_none_are_400(name):
    changes = {name: "a b;;="}
    answer = Served(echo, websocket_compression=True).ask(handshake(**changes))
    assert answer.startswith(b"HTTP/1.1 400 ")


# Rules

BROKEN = {
    "an unmasked frame": Frame(TEXT, b"x").serialize(mask=False),
    "reserved bit 1": bytes.fromhex("c1810000000041"),
    "reserved bit 2": bytes.fromhex("a1810000000041"),
    "reserved bit 3": bytes.fromhex("91810000000041"),
    "an unknown opcode": bytes.fromhex("838100000000"),
    "an unknown control opcode": bytes.fromhex("8b8000000000"),
    "a ping in fragments": bytes.fromhex("098000000000"),
    "a ping of 126 bytes": bytes.fromhex("89fe007e00000000") + bytes(126),
    "the rest of nothing": Frame(CONT, b"x").serialize(mask=True),
    "a message within a message": (
        Frame(TEXT, b"x", False).serialize(mask=True) + Frame(TEXT, b"y").serialize(mask=True)
    ),
}


@pytest.mark.case(46)
@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("at_once", [True, False], ids=["at once", "by bytes"])
def test_a_broken_rule_is_1002(data, at_once):
    peer = connected()
    peer.send(*([data] if at_once else [data[i : i + 1] for i in range(len(data))]))
    assert peer.farewell.code == 1002
    assert peer.closed
    peer.end()
    assert peer.gone


BAD_TEXT = [b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"ok\xc0\xaf"]


@pytest.mark.case(46)
@pytest.mark.parametrize("data", BAD_TEXT)
def test_text_that_is_not_utf8_is_1007(data):
    peer = connected()
    peer.frame(TEXT, data)
    assert peer.farewell.code == 1007
    assert peer.heard() == []
    binary = connected()
    binary.frame(BINARY, data)
    assert binary.heard() == [data]


def test_text_may_be_split_within_a_character():
    peer = connected()
    for byte in "hé€😀".encode():
        peer.frame(TEXT if byte == ord("h") else CONT, bytes([byte]), fin=False)
    peer.frame(PING, b"between")
    peer.frame(CONT, b"")
    assert peer.heard() == ["hé€😀"]
    assert [frame.data for frame in peer.control()] == [b"between"]


def test_nothing_is_read_after_a_broken_rule():
    heard = []

    @talks
    def application(socket):
        while True:
            heard.append((yield socket.receive()))

    peer = connected(application)
    good = Frame(TEXT, b"x").serialize(mask=True)
    peer.send(good + BROKEN["an unknown opcode"] + good)
    peer.send(good)
    assert heard == ["x"]
    assert peer.farewell.code == 1002


# Sizes


@pytest.mark.case(47)
@pytest.mark.parametrize("size, allowed", [(1000, True), (1001, False)])
def test_a_message_has_a_size(size, allowed):
    peer = connected(websocket_max_message=1000)
    peer.frame(TEXT, b"x" * size)
    if allowed:
        assert peer.heard() == ["x" * size]
    else:
        assert peer.farewell.code == 1009
        assert peer.closed


@pytest.mark.case(47)
def test_in_fragments_too():
    peer = connected(websocket_max_message=1000)
    peer.frame(BINARY, b"x" * 600, fin=False)
    peer.frame(CONT, b"x" * 400, fin=False)
    assert peer.farewell is None
    peer.frame(CONT, b"x")
    assert peer.farewell.code == 1009


def test_a_frame_that_only_says_that_it_is_large_is_refused_at_once():
    peer = connected()
    peer.send(bytes.fromhex("82ff7fffffffffffffff00000000"))
    assert peer.farewell.code == 1009


@pytest.mark.case(48)
def test_65536_fragments_are_1009():
    peer = connected()
    peer.frame(TEXT, b"", fin=False)
    peer.send(Frame(CONT, b"", False).serialize(mask=True) * 65_535)
    assert peer.farewell.code == 1009
    assert peer.farewell.reason == "more than 1024 fragments"


def test_1024_are_a_message():
    peer = connected()
    peer.frame(TEXT, b"a", fin=False)
    for _ in range(1022):
        peer.frame(CONT, b"b", fin=False)
    peer.frame(CONT, b"c")
    assert peer.heard() == ["a" + 1022 * "b" + "c"]


# Compression


def test_it_is_spoken_if_it_is_switched_on_and_offered():
    assert connected().header("Sec-WebSocket-Extensions") is None
    assert connected(deflate=True).header("Sec-WebSocket-Extensions") is None
    assert connected(websocket_compression=True).header("Sec-WebSocket-Extensions") is None
    peer = connected(deflate=True, websocket_compression=True)
    assert peer.header("Sec-WebSocket-Extensions") == (
        "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
    )
    peer.say("a" * 10_000)
    written = bytes(peer.transport.arrived)
    assert peer.heard() == ["a" * 10_000]
    assert len(written) < 100


def test_short_messages_are_sent_as_they_are():
    peer = connected(deflate=True, websocket_compression=True)
    peer.say("short")
    assert b"short" in peer.transport.arrived
    assert peer.heard() == ["short"]


def test_a_message_for_many_is_compressed_once(monkeypatch):
    everybody = Encoded("hello " * 100)
    made = []
    real = zlib.compressobj
    monkeypatch.setattr(
        zlib, "compressobj", lambda *a, **k: made.append(k["wbits"]) or real(*a, **k)
    )

    @talks
    def application(socket):
        yield socket.send(everybody)
        yield socket.receive()

    served = Served(application, websocket_compression=True)
    peers = [Peer(served, deflate=True) for _ in range(3)] + [Peer(served)]
    assert [peer.heard() for peer in peers] == [["hello " * 100]] * 4
    assert made == [-15]


@pytest.mark.case(47)
def test_an_inflation_bomb_is_1009():
    peer = connected(deflate=True, websocket_compression=True)
    packer = zlib.compressobj(wbits=-15)
    bomb = packer.compress(bytes(100_000_000)) + packer.flush(zlib.Z_SYNC_FLUSH)
    peer.send(_deflated(bomb[:-4])[:60_000])
    peer.send(_deflated(bomb[:-4])[60_000:])
    assert peer.farewell.code == 1009


def test_so_is_one_that_fits_on_the_wire():
    peer = connected(deflate=True, websocket_compression=True)
    packer = zlib.compressobj(wbits=-15)
    bomb = packer.compress(bytes(10_000_000)) + packer.flush(zlib.Z_SYNC_FLUSH)
    assert len(bomb) < 64 * 1024
    peer.send(_deflated(bomb[:-4]))
    assert peer.farewell.code == 1009


def test_what_cannot_be_inflated_is_a_broken_rule():
    peer = connected(deflate=True, websocket_compression=True)
    peer.send(_deflated(b"\xff\xff\xff"))
    assert peer.farewell.code == 1002


def _deflated(data):
    frame = Frame(BINARY, data, rsv1=True)
    frame.check = lambda: None
    return frame.serialize(mask=True)
