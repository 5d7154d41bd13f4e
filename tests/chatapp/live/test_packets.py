"""What goes between a page and its channel."""

import msgspec
import pytest

from chatapp.live.packets import Call, Failure, Packet, Result, decode_packet, packet_json, within


def test_a_packet_has_every_kind_of_message():
    packet = decode_packet.decode(
        '{"channel":"c","ack":3,"first":7,"messages":'
        '[["call",1,0,"say",["x", 1]],["result",2,{"a":[]}],["error",3,"E","text"]],"later":1}'
    )
    assert (packet.channel, packet.ack, packet.first) == ("c", 3, 7)
    call, result, failure = packet.messages
    assert call == Call(1, 0, "say", msgspec.Raw(b'["x", 1]'))
    assert result == Result(2, msgspec.Raw(b'{"a":[]}'))
    assert failure == Failure(3, "E", "text")


def test_one_without_anything_says_nothing():
    assert decode_packet.decode("{}") == Packet("", 0, 0, [])


def test_messages_without_a_number_are_refused():
    """The first one would be dropped as one that was here before."""
    for first in ("", '"first":0,'):
        with pytest.raises(msgspec.ValidationError, match="first is missing"):
            decode_packet.decode(f'{{{first}"messages":[["result",1,1]]}}')


def test_what_a_page_gets_is_json():
    assert msgspec.json.decode(packet_json(3, 9, [])) == {"ack": 3, "messages": []}
    assert msgspec.json.decode(packet_json(0, 1, [b'["result",1,null]', b"[2]"])) == {
        "ack": 0,
        "first": 1,
        "messages": [["result", 1, None], [2]],
    }


@pytest.mark.parametrize(
    "value, levels",
    [(1, 0), (None, 0), ("[[[[", 0), ([], 1), ({}, 1), ([1, [2]], 2), ({"a": {"b": [1]}}, 3)],
)
def test_depth_is_counted(value, levels):
    assert within(value, levels)
    assert not levels or not within(value, levels - 1)
