"""The telnet gateway: connections, their limits, and how they end."""

from __future__ import annotations

import gc
import socket

import pytest

from chatapp.config.middleware import make_app
from chatapp.config.settings import read_application
from chatapp.gateways.terminal import Terminal
from cogen.errors import SettingsError
from cogen.web.duplex import Duplex
from cogen.web.gateways import announced
from cogen.web.settings import ServerSettings
from tests.chatapp.gateways.people import Person, door, later
from tests.chatapp.harness import Site
from tests.web.kernel import Kernel

IAC, DO, WONT, ECHO = 255, 253, 252, 1


def test_negotiation_is_answered_and_is_no_line(site, comes):
    ann = comes()
    ann.send(bytes([IAC, DO, ECHO]) + b"hello\r\n")
    assert bytes(ann.transport.arrived) == bytes([IAC, WONT, ECHO]) + b"192.0.2.1: hello\r\n"


def test_what_was_typed_before_the_end_is_heard(site, comes):
    ann, robot = comes(), comes()
    robot.connection.data_received(b"/nick robot\none\n/history\ntwo\nnot ended")
    robot.end()
    assert ann.sees()[-3:] == ["robot: one", "robot: two", " * user robot has left the room"]
    assert robot.transport.closing


@pytest.mark.parametrize(
    "begun", ["", "not ended", "\xff", "\xff\xfd", "\xff\xfa\x1f", "\xff\xfa\xff"]
)
def test_who_types_no_more_is_answered_and_goes(site, comes, begun):
    script = comes()
    script.connection.data_received(b"/who\n" + begun.encode("latin-1"))
    script.end()
    shown = bytes(script.transport.arrived)
    assert shown.endswith(b"-- In main: 192.0.2.1 --\r\n-- Goodbye --\r\n")
    assert script.transport.closing
    assert (len(site.roster), site.said()) == (0, [])


def test_also_who_reads_it_late(site, comes):
    script = comes()
    script.transport.client_reads = False
    script.connection.data_received(b"/help\n" * 1000)
    script.end()
    later(site, 20)
    assert not script.over
    for _ in range(20):
        script.transport.read(64 * 1024)
        site.settle()
    shown = script.sees()
    assert (len(shown), shown[-1]) == (9 * 1000 + 1, "-- Goodbye --")
    assert script.over


def test_who_types_nothing_for_too_long_is_told_goodbye(site):
    ann = Person(site, door(site, idle=60))
    site.advance(50)
    ann.type("hello")
    site.advance(59)
    assert not ann.over
    site.advance(2)
    assert ann.sees()[-1] == "-- Nothing was typed for too long --"
    assert ann.over


def test_or_never(site):
    ann = Person(site, door(site, idle=0))
    site.advance(10_000)
    assert ann.type("hello")[-1] == "192.0.2.1: hello"


@pytest.mark.parametrize(
    ("address", "neighbour"), [("192.0.2.1", "192.0.2.2"), ("2001:db8::1", "2001:db9::1")]
)
def test_so_many_come_from_one_address_and_no_more(site, address, neighbour):
    gateway = door(site, per_address=2)
    first, _ = Person(site, gateway, address), Person(site, gateway, address)
    third = Person(site, gateway, address)
    assert third.sees() == ["-- Too many have come from your address --"]
    assert third.over
    third.lost()
    assert Person(site, gateway, neighbour).type("hello")[-1] == f"{neighbour}: hello"
    first.lost()
    assert Person(site, gateway, address).type("hello")[-1].endswith(": hello")
    assert Person(site, gateway, address).over


def test_of_ipv6_a_network_is_one_address(site):
    gateway = door(site, per_address=1)
    Person(site, gateway, "2001:db8::1")
    assert Person(site, gateway, "2001:db8::2").over


def test_ipv4_through_a_socket_of_ipv6_is_called_as_ever(site):
    ann = Person(site, door(site), "::ffff:192.0.2.7")
    assert ann.type("hello")[-1] == "192.0.2.7: hello"


def test_connections_count_with_all_others(site, comes):
    site.service.most = 2
    comes()
    line = site.client()
    line.send(b"GET ")
    late = Person(site, door(site))
    assert late.sees() == ["-- Too many are here; try again later --"]
    assert late.over
    assert [each.exchange for each in site.service.connections] == [None] * 3  # Server.statistics
    assert site.service.turned_away == 1
    assert site.service.accepted == 3


@pytest.mark.case(52)
@pytest.mark.parametrize("flood", [b"x", bytes([IAC, 241]), bytes([IAC, 250, 31])], ids=ascii)
def test_a_flood_ends_the_connection_and_says_why(site, comes, flood):
    ann, bob = comes("192.0.2.1"), comes("192.0.2.2")
    bob.connection.data_received(b"hello\n" + flood * 100_000)
    site.settle()
    assert bob.over
    assert bob.sees()[-1].startswith("-- ")
    assert ann.sees()[-1] == "192.0.2.2: hello"
    later(site, 10)
    assert bob not in site.clients
    assert ann.type("/who") == ["-- In main: 192.0.2.1 --"]


@pytest.mark.case(52)
def test_a_flood_of_lines_waits_in_the_clients_own_memory(site, comes):
    ann = comes()
    site.store.hold()
    ann.connection.data_received(b"hello\n" * 100_000)
    site.settle()
    assert not ann.transport.reading
    assert len(ann.connection._codec.received) < 1000


def test_who_never_reads_is_let_go_and_keeps_little(site, comes):
    ann = comes()
    ann.transport.client_reads = False
    for _ in range(100):
        site.say("bob", "x" * 8000)
    assert len(ann.transport.unwritten) < 200_000
    later(site, 200)
    assert ann not in site.clients
    assert len(site.roster) == 0


def test_when_the_server_goes_down_all_are_told(site, comes):
    ann = comes()
    site.shut()
    assert ann.sees() == ["-- The server is going down --"]
    assert ann.over


def test_also_who_waits_for_the_store_once_that_has_its_line(site, comes):
    ann = comes()
    site.store.hold()
    ann.type("hello")
    site.shut()
    assert not ann.over
    site.store.let_go()
    site.settle()
    site.shut()
    assert site.said() == ["hello"]
    assert ann.over


def test_nothing_is_sent_after_the_goodbye(site, comes):
    ann = comes()
    ann.type("/quit")
    ann.send(bytes([IAC, DO, ECHO]) + b"hello\r\n")
    assert (ann.sees(), site.said()) == ([], [])


def test_whoever_has_gone_leaves_nothing_behind(site, rooms, gateway, comes):
    for end in (Person.end, Person.lost, lambda ann: ann.type("/quit")):
        ann = comes()
        ann.type("/nick ann", "hello", "/join 2", "/join 3")
        end(ann)
        later(site, 100)
    assert site.scheduler.statistics().coroutines == 0
    assert site.room.log.statistics().subscribers == 0
    assert (len(site.roster), len(site.roster.people)) == (0, 0)
    assert not site.service.connections
    assert (len(site.roster._left), len(gateway._open)) == (0, 0)


def test_not_even_for_the_collector(no_gc):
    site = Site()
    gateway = door(site)
    for end in (Person.end, Person.lost, lambda ann: ann.type("/quit")):
        ann = Person(site, gateway)
        ann.type("hello", "/nick")
        end(ann)
        del ann
        later(site, 100)
    assert [each for each in gc.get_objects() if isinstance(each, Terminal | Duplex)] == []


def test_in_silence_tcp_finds_who_has_gone_within_two_heartbeats(gateway):
    with socket.socket() as sock:
        gateway.watch(sock)

        def option(name):
            return sock.getsockopt(socket.IPPROTO_TCP, getattr(socket, name))

        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        found = option("TCP_KEEPIDLE") + option("TCP_KEEPCNT") * option("TCP_KEEPINTVL")
        assert 15 < found < 30
        assert option("TCP_USER_TIMEOUT") == 0, "it would end one that is only paused"


@pytest.mark.case(37)
def test_a_terminal_that_acknowledges_nothing_is_gone(site, comes):
    ann, bob = comes(), comes()
    ann.type("/nick ann")
    ann.transport.socket, bob.transport.socket = Kernel(heard=25.1), Kernel(heard=24.9)
    later(site, 1)
    assert ann.transport.aborted
    assert not bob.over
    assert bob.sees()[-1] == " * user ann has left the room"


def test_one_that_is_only_paused_stays(site, comes):
    """Ctrl-S: its kernel says that there is no room, however long."""
    ann = comes()
    ann.transport.socket = Kernel(unacknowledged=0, heard=60, sent=60)
    later(site, 30)
    assert not ann.over


# Settings


def test_without_a_port_there_is_no_such_door(tmp_path):
    make_app({}, **{"chat.data": str(tmp_path)})
    assert announced() == []


def test_with_one_the_next_server_opens_it(tmp_path):
    make_app({}, **{"chat.data": str(tmp_path), "telnet.port": "4242"})
    (gateway,) = announced()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        make_app({}, **{"chat.data": str(tmp_path / "b"), "telnet.port": str(port)})
        (late,) = announced()
        with pytest.raises(OSError, match=rf"telnet at 127\.0\.0\.1:{port}: Address already in"):
            late.bind(ServerSettings())
    assert gateway is not late


def test_the_environment_has_the_last_word():
    read = read_application(
        {"telnet.port": "4242", "telnet.idle": "60"}, {"TELNET_PORT": "0", "TELNET_HOST": "::1"}
    )
    assert (read.telnet.port, read.telnet.host, read.telnet.idle) == (0, "::1", 60.0)


@pytest.mark.parametrize("key", ["telnet.prot", "telnet.port"])
def test_a_bad_setting_is_named(key):
    with pytest.raises(SettingsError, match=key):
        read_application({key: "70000"}, {})
