"""The programs `telnet` and `nc` show what docs/telnet.md says, whoever else is in the room."""

from __future__ import annotations

import json
import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import connect

from tests.functional.browser import Room
from tests.functional.chat_server import ChatServer
from tests.functional.terminals import END_OF_FILE, ESCAPE, Screen

TOKEN = "0123456789abcdef"
HELLO = "-- You are 127.0.0.1, in main. /help tells more --"
CLOSED = ["Connection closed by foreign host."]

Opens = Callable[..., Screen]


@pytest.fixture
def chat_server(tmp_path: Path) -> Iterator[ChatServer]:
    """One that has an administrator."""
    server = ChatServer(tmp_path, {"CHAT_ADMIN_TOKEN": TOKEN})
    server.start()
    yield server
    server.stop()


@pytest.fixture
def opens(chat_server: ChatServer) -> Iterator[Opens]:
    """Starts a program that connects, and ends it."""
    screens: list[Screen] = []

    def opens(*program: str) -> Screen:
        screen = Screen(*program, "127.0.0.1", str(chat_server.telnet))
        screens.append(screen)
        return screen

    yield opens
    for screen in screens:
        screen.close()


@pytest.fixture(params=["telnet", "nc"])
def ann(request: pytest.FixtureRequest, opens: Opens) -> Screen:
    """Somebody who has come by either program, and is called ann."""
    screen = opens(request.param)
    screen.sees(HELLO)
    screen.type("/nick ann")
    assert screen.sees("-- You are ann now --") == ["/nick ann"]
    assert screen.sees(" * user ann has joined the room") == []
    return screen


def post(server: ChatServer, path: str, body: bytes, **headers: str) -> None:
    request = urllib.request.Request(server.url + path, body, headers)
    urllib.request.urlopen(request, timeout=20).close()


def said(server: ChatServer) -> list[str]:
    with urllib.request.urlopen(server.url + "/api/rooms/1/messages", timeout=20) as answer:
        return [each["text"] for each in json.load(answer)["messages"] if each["kind"] == "say"]


def script(server: ChatServer, text: str) -> list[str]:
    """What ``printf text | nc -N`` shows."""
    line = ["nc", "-N", "127.0.0.1", str(server.telnet)]
    done = subprocess.run(line, input=text.encode(), capture_output=True, timeout=20)
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout.decode().split("\r\n")[:-1]


def test_what_is_typed_comes_back_when_it_is_said(ann: Screen, chat_server: ChatServer) -> None:
    for text in ("hello", "gr\u00fc\u00dfe \U0001f44b", "/etc/hosts", "a\tb"):
        ann.type(text)
        ann.sees(f"ann: {text}")
    ann.type("//quit")
    ann.sees("ann: /quit")
    ann.type("/me waves")
    ann.sees(" * ann waves")
    ann.type("hollo\x7f\x7f\x7f\x7fello")  # the terminal itself lets a line be edited
    ann.sees("ann: hello")
    ann.type("")
    ann.type("the end  ")
    assert ann.sees("ann: the end") == ["", "the end  "]
    assert said(chat_server)[-2:] == ["hello", "the end"]


def test_what_is_asked_is_answered(ann: Screen, opens: Opens, chat_server: ChatServer) -> None:
    token = f"Bearer {TOKEN}"
    kind = {"Content-Type": "application/json"}
    post(chat_server, "/api/rooms", b'{"name": "two"}', Authorization=token, **kind)
    opens("telnet").sees(HELLO)
    ann.sees(" * New connection from 127.0.0.1")
    ann.type("/help")
    ann.sees("-- What you type is said to the room. Or it is a command: --")
    assert ann.sees("-- /quit        go --")[0] == "-- /nick NAME   be called so --"
    ann.type("/who")
    ann.sees("-- In main: 127.0.0.1, ann --")
    ann.type("hello")
    ann.sees("ann: hello")
    ann.type("/history 2")
    ann.sees("/history 2")
    past = [" * New connection from 127.0.0.1", "ann: hello"]
    assert ann.sees("-- That is what was said in main --") == past
    ann.type("/join")
    ann.sees("-- 1  main --")
    assert ann.sees("-- You are in main --") == ["-- 2  two --"]
    ann.type("/join two")
    ann.sees("-- You are in two now --")
    ann.type("/who")
    ann.sees("-- In two: ann --")
    ann.type("/join nowhere")
    ann.sees("-- There is no such room --")
    assert said(chat_server) == ["hello"]


def test_quit_ends_telnet(opens: Opens) -> None:
    ann = opens("telnet")
    ann.sees(HELLO)
    ann.type("hello")
    ann.type("/quit")
    ann.sees("127.0.0.1: hello")
    ann.sees("-- Goodbye --")
    assert ann.ends() == (CLOSED, 0)


def test_nc_shows_the_goodbye_and_ends_with_the_keyboard(opens: Opens) -> None:
    ann = opens("nc")
    ann.sees(HELLO)
    ann.type("/quit")
    ann.sees("-- Goodbye --")
    ann.press(END_OF_FILE)
    assert ann.ends() == ([], 0)


@pytest.mark.parametrize("asked", ["mode char", "mode line", "toggle crlf"])
def test_telnet_in_each_of_its_modes(opens: Opens, chat_server: ChatServer, asked: str) -> None:
    ann = opens("telnet")
    ann.sees(HELLO)
    line_by_line = ann.mode()
    ann.press(ESCAPE)
    ann.sees_prompt("telnet> ")
    ann.type(asked)
    ann.sees(asked)
    ann.settles(line_by_line)  # which every other mode is refused for
    ann.press("hellp\x7fo")
    ann.press("\r")
    ann.sees("127.0.0.1: hello")
    ann.press("and more\r")
    ann.sees("127.0.0.1: and more")
    assert said(chat_server) == ["hello", "and more"]


def test_what_telnet_itself_can_send(opens: Opens) -> None:
    ann = opens("telnet")
    ann.sees_prompt("/help tells more --\r\n")
    bob = opens("telnet")
    bob.sees_prompt("/help tells more --\r\n")
    bob.type("/nick bob")
    ann.sees(" * user bob has joined the room")
    for command in ("ayt", "nop", "ga", "do 31", "will 24"):
        ann.press(ESCAPE)
        ann.sees_prompt("telnet> ")
        ann.type(f"send {command}")
        ann.type(f"sent {command}")
        ann.sees(f"127.0.0.1: sent {command}")
        bob.sees(f"127.0.0.1: sent {command}")
    assert "-- Yes, the chat is here --" in ann.shown.decode()
    bob.press(ESCAPE)
    bob.sees_prompt("telnet> ")
    bob.type("quit")
    assert bob.ends() == (["quit", "Connection closed."], 0)
    ann.sees(" * user bob has left the room")


def test_a_script_is_answered_and_ends(chat_server: ChatServer) -> None:
    assert script(chat_server, "hello\n") == [HELLO, "127.0.0.1: hello", "-- Goodbye --"]
    assert script(chat_server, "") == [HELLO, "-- Goodbye --"]
    assert script(chat_server, "/who\n")[1] == "-- In main: 127.0.0.1 --"
    past = [" * New connection from 127.0.0.1"] * 2
    assert script(chat_server, "/history 2\nno line")[1:3] == past
    robot = script(chat_server, "/nick robot\n/me beeps\n")
    assert robot[1] == "-- You are robot now --"
    assert sorted(robot[2:-1]) == [" * robot beeps", " * user robot has joined the room"]
    assert said(chat_server) == ["hello"]


def test_what_a_long_script_says_is_said_and_comes_back(chat_server: ChatServer) -> None:
    lines = [f"{number} " + "x" * 1000 for number in range(200)]
    shown = script(chat_server, "".join(f"{line}\n" for line in lines))
    assert shown == [HELLO, *(f"127.0.0.1: {line}" for line in lines), "-- Goodbye --"]


def test_scripts_leave_room_for_those_after_them(chat_server: ChatServer) -> None:
    for number in range(30):  # of one address 20 may be there
        assert script(chat_server, f"{number}\n")[1] == f"127.0.0.1: {number}"


def test_what_others_say_is_shown_whatever_they_have(
    ann: Screen, opens: Opens, room: Room, chat_server: ChatServer
) -> None:
    listener = opens("nc", "-d")
    listener.sees_prompt("/help tells more --")
    bob, eve = room.enter("bob"), room.curl("eve")
    with connect(f"ws://127.0.0.1:{chat_server.port}/ws", proxy=None) as socket:
        socket.send("/nick zoe")
        bob.say("from a page")
        for screen in (ann, listener):
            screen.sees(f"{bob.nick}: from a page")
        eve.push("from curl")
        for screen in (ann, listener):
            screen.sees(f"{eve.nick}: from curl")
        socket.send("from a WebSocket")
        for screen in (ann, listener):
            screen.sees("zoe: from a WebSocket")
    ann.type("from a terminal")
    bob.sees("from a page", "from curl", "from a WebSocket", "from a terminal")
    listener.sees("ann: from a terminal")
    eve.push("two\nlines")
    listener.sees(f"{eve.nick}: two")
    listener.sees("    lines")


def test_hostile_text_is_harmless_on_the_screen(ann: Screen, chat_server: ChatServer) -> None:
    hostile = "\x1b[2J\x1b]0;title\x07 \u202eevil\x9b31m \x08\x08\rfake: hi\n-- The end --"
    post(chat_server, "/chat/push", hostile.encode())
    ann.sees_prompt(": ␛[2J␛]0;title␇ <202E>evil<9B>31m ␈␈\r")
    ann.sees("")
    assert ann.sees("    -- The end --") == ["    fake: hi"]
    ann.type("/who")
    ann.sees("-- In main: ann --")
    text = ann.shown.decode()
    assert not set(text) & set("\x1b\x07\x9b\u202e\x08")


@pytest.mark.case(38)
def test_a_signal_says_goodbye_to_all(opens: Opens, chat_server: ChatServer) -> None:
    programs: list[Any] = [opens("telnet"), opens("nc"), opens("nc", "-d")]
    for screen in programs:
        screen.sees_prompt("/help tells more --\r")
    assert chat_server.stop() == 0
    for screen in programs:
        screen.sees("-- The server is going down --")
    telnet, nc, listener = programs
    assert telnet.ends() == (CLOSED, 0)
    assert listener.ends() == ([], 0)
    nc.press(END_OF_FILE)
    assert nc.ends() == ([], 0)
    assert "Traceback" not in chat_server.log.read_text()
