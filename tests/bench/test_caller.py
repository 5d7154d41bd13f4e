"""A page's calls against what a server may say to them."""

from __future__ import annotations

import pytest

from bench.caller import Caller
from bench.packets import Packets
from bench.stream import Failure


def results(calls):
    return [["result", number, arguments[0]] for _, number, _, _, arguments in calls]


def down(*values):
    return [["call", 10 + value, 0, "echo", [value]] for value in values]


def test_each_result_is_followed_by_a_call_until_it_is_to_stop():
    caller = Caller()
    calls = caller.begin(3, up=True)
    for _ in range(5):
        calls = caller.take(results(calls))
        assert len(calls) == 3
    assert caller.stop(up=True) == []
    assert caller.take(results(calls)) == []
    assert (caller.done, caller.idle) == (18, True)


def test_results_may_come_in_any_order():
    caller = Caller()
    calls = caller.begin(3, up=True)
    assert len(caller.take(results(calls[::-1]))) == 3


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (lambda first, second: [first, first], "call 1 has no result to come"),
        (lambda first, second: [["result", 3, -3]], "call 3 has no result to come"),
        (lambda first, second: [["result", 1, second[2]]], "call 1 was to be -1, not -2"),
        (lambda first, second: [["result", 1, None]], "call 1 was to be -1, not None"),
        (lambda first, second: [["error", 1, "ServerError", "It failed."]], "It failed"),
    ],
    ids=["twice", "of no call", "of another call", "of nothing", "an error"],
)
def test_a_wrong_result_is_noticed(fault, said):
    caller = Caller()
    first, second = results(caller.begin(2, up=True))
    caller.going = False
    with pytest.raises(Failure, match=said):
        caller.take(fault(first, second))


def test_what_has_no_result_is_awaited():
    caller = Caller()
    first, _ = results(caller.begin(2, up=True))
    caller.stop(up=True)
    caller.take([first])
    assert not caller.idle


def test_the_servers_calls_are_answered_and_it_knows_how_many_there_were():
    caller = Caller()
    (start,) = caller.begin(2, up=False)
    assert start == ("call", 1, 0, "start", [2])
    assert caller.take([["result", 1, None], *down(1, 2)]) == [("result", 11, 1), ("result", 12, 2)]
    (stop,) = caller.stop(up=False)
    assert stop == ("call", 2, 0, "stop", [])
    assert not caller.idle
    assert caller.take([["result", 2, 2]]) == []
    assert (caller.done, caller.idle) == (2, True)


@pytest.mark.parametrize("calls", [down(2), down(1, 1), down(1, 3), [["call", 1, 1, "echo", [1]]]])
def test_a_lost_doubled_or_wrong_call_of_the_server_is_noticed(calls):
    caller = Caller()
    caller.begin(2, up=False)
    with pytest.raises(Failure, match=r"call \d was due"):
        caller.take(calls)


def test_a_server_that_knows_of_more_calls_than_came_is_noticed():
    caller = Caller()
    caller.begin(2, up=False)
    caller.take([["result", 1, None], *down(1)])
    caller.stop(up=False)
    with pytest.raises(Failure, match="was to be 1, not 2"):
        caller.take([["result", 2, 2]])


def test_packets_are_numbered():
    packets = Packets("x")
    assert packets.pack([1, 2]) == b'{"channel":"x","ack":0,"first":1,"messages":[1,2]}'
    assert packets.unpack(b'{"ack":2,"first":1,"messages":[["result",1,0]]}') == [["result", 1, 0]]
    assert packets.pack([3]) == b'{"channel":"x","ack":1,"first":3,"messages":[3]}'
    assert packets.poll(25) == b'{"channel":"x","ack":1,"wait":25}'


def test_a_peer_need_number_nothing():
    packets = Packets("")
    for _ in range(2):
        assert packets.unpack(b'{"messages":[["result",1,0]]}') == [["result", 1, 0]]


@pytest.mark.parametrize(
    ("packet", "said"),
    [
        (b'{"ack":1,"messages":[]}', "message 1 has come there, and 0 were sent"),
        (b'{"ack":0,"first":2,"messages":[[]]}', "message 1 was due, and 2 came"),
        (b'{"ack":0,"first":0,"messages":[[]]}', "message 1 was due, and 0 came"),
        (b"[]", "no packet"),
    ],
)
def test_a_wrong_packet_is_noticed(packet, said):
    with pytest.raises(Failure, match=said):
        Packets("x").unpack(packet)
