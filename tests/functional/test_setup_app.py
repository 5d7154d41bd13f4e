"""``paster setup-app`` makes the first administrator: asked at a terminal, or by a file."""

from __future__ import annotations

import json
import os
import pty
import select
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from http.client import HTTPConnection

import pytest

from chatapp.lib import passwords
from tests.functional.chat_server import SCRIPTS, ChatServer

INI = "[app:main]\nuse = egg:ChatApp\nchat.data = %(here)s/data\n"
PASSWORD = "correct horse battery"


@pytest.fixture
def setup_app(tmp_path):
    """The command and what it runs with."""
    (tmp_path / "some.ini").write_text(INI)
    plain = {key: value for key, value in os.environ.items() if not key.startswith("CHAT")}

    def call(**environment):
        command = [str(SCRIPTS / "paster"), "setup-app", str(tmp_path / "some.ini")]
        return {"args": command, "cwd": tmp_path, "env": {**plain, **environment}}

    return call


def run(call):
    """Without a terminal: its exit code and all that it said."""
    done = subprocess.run(
        **call, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60
    )
    return done.returncode, done.stdout + done.stderr


def talk(call, *typed):
    """At a terminal of its own, where this is typed, each when it is asked; as `run`."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        **call, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )
    os.close(theirs)
    said, answers, until = "", list(typed), time.monotonic() + 60
    while time.monotonic() < until and select.select([ours], [], [], 60)[0]:
        try:
            piece = os.read(ours, 1000).decode()
        except OSError:  # the other side is closed
            break
        said += piece
        if piece.rstrip().endswith(":") and answers:
            os.write(ours, answers.pop(0).encode() + b"\n")
    os.close(ours)
    return process.wait(60), said


def kept(tmp_path):
    with closing(sqlite3.connect(tmp_path / "data" / "chat.db")) as connection:
        rows = connection.execute("SELECT name, password FROM administrators").fetchall()
        notes = connection.execute("SELECT action, target FROM audit").fetchall()
    assert notes == [(b"administrator.appoint".decode(), name) for name, _ in rows]
    return {name.decode(): password for name, password in rows}


def is_password(hash, password=PASSWORD):
    return passwords._verify(hash, password)


def test_by_a_file_once(setup_app, tmp_path):
    file = tmp_path / "password"
    file.write_text(PASSWORD + "\n")
    call = setup_app(CHATAPP_ADMIN_PASSWORD_FILE=str(file), CHATAPP_ADMIN_NAME="Zoë")
    assert run(call) == (0, "ChatApp: there is an administrator now: Zoë\n")
    before = kept(tmp_path)
    assert list(before) == ["Zoë"]
    assert before["Zoë"].startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert is_password(before["Zoë"])
    file.write_text("another password")
    assert run(call) == (0, "ChatApp: there is an administrator: Zoë\n")
    assert kept(tmp_path) == before


def test_asked_at_a_terminal_twice_and_not_shown(setup_app, tmp_path):
    typed = ["short", PASSWORD, "something else", PASSWORD, PASSWORD]
    code, said = talk(setup_app(), *typed)
    assert code == 0, said
    assert "at least 12 characters" in said
    assert "two different ones" in said
    assert said.rstrip().endswith("there is an administrator now: admin")
    assert not any(each in said for each in typed)
    assert is_password(kept(tmp_path)["admin"])
    code, said = talk(setup_app())
    assert (code, said.strip()) == (0, "ChatApp: there is an administrator: admin")


def test_neither_terminal_nor_file_makes_nobody_and_says_so(setup_app, tmp_path):
    code, said = run(setup_app())
    assert code == 0
    assert "there is no administrator, as there is neither" in said
    assert kept(tmp_path) == {}


def test_a_mark_of_the_encoding_is_no_part_of_the_password(setup_app, tmp_path):
    file = tmp_path / "password"
    file.write_bytes(b"\xef\xbb\xbf" + PASSWORD.encode() + b"\r\n")
    code, said = run(setup_app(CHATAPP_ADMIN_PASSWORD_FILE=str(file)))
    assert code == 0, said
    assert is_password(kept(tmp_path)["admin"])


def test_who_gives_no_password_makes_nobody(setup_app, tmp_path):
    code, said = talk(setup_app(), "short", "short", "short")
    assert code != 0
    assert "no password, no administrator" in said
    assert kept(tmp_path) == {}


@pytest.mark.parametrize(
    ("content", "name", "why"),
    [
        (None, "ann", "No such file"),
        (b"short\n", "ann", "at least 12 characters"),
        (b"\xff" * 20, "ann", "utf-8"),
        (b"x" * 20, "a:b", "A name has no colon."),
    ],
)
def test_what_cannot_be_used_is_one_line_without_the_password(
    setup_app, tmp_path, content, name, why
):
    file = tmp_path / "password"
    if content is not None:
        file.write_bytes(content)
    call = setup_app(CHATAPP_ADMIN_PASSWORD_FILE=str(file), CHATAPP_ADMIN_NAME=name)
    code, said = run(call)
    assert code != 0
    assert said.count("\n") == 1
    assert why in said
    assert "short" not in said
    assert kept(tmp_path) == {}


def appoint(call, name):
    """As `run`, of the command for one more administrator, or another password."""
    ini = call["args"][-1]
    return run({**call, "args": [sys.executable, "-m", "chatapp.administrators", ini, name]})


def test_one_administrator_more_and_another_password(setup_app, tmp_path):
    file = tmp_path / "password"
    file.write_text(PASSWORD)
    call = setup_app(CHATAPP_ADMIN_PASSWORD_FILE=str(file))
    assert run(call)[0] == 0
    assert appoint(call, "ann") == (0, "ChatApp: there is one administrator more: ann\n")
    server = ChatServer(tmp_path)
    server.start()
    try:
        good = {"name": "ann", "password": PASSWORD}
        status, known, cookie = ask(server, "/admin/login", good)
        assert (status, known["name"]) == (200, "ann")
        code, said = appoint(call, "ann")
        assert code != 0
        assert "another process uses the database; stop it first" in said
        server.stop()
        file.write_text("another password")
        changed = "the administrator ann has another password, and has to log in again"
        assert appoint(call, "ann") == (0, f"ChatApp: {changed}\n")
        server.start()
        headers = ("Cookie", cookie), ("X-CSRF-Token", known["csrf"])
        assert ask(server, "/api/rooms", {"name": "two"}, *headers)[0] == 401
        assert ask(server, "/admin/login", good)[0] == 403
        assert ask(server, "/admin/login", {**good, "password": "another password"})[0] == 200
        assert ask(server, "/admin/login", {**good, "name": "admin"})[0] == 200
    finally:
        server.stop()


def test_who_cannot_be_an_administrator_is_told_in_one_line(setup_app, tmp_path):
    assert run(setup_app())[0] == 0
    for name, why in (("a:b", "A name has no colon."), ("ann", "neither a terminal")):
        code, said = appoint(setup_app(), name)
        assert code != 0
        assert said.count("\n") == 1
        assert why in said
    assert kept(tmp_path) == {}


def ask(server, path, content, *headers):
    """Status and body of a request with JSON, and the cookie that came."""
    connection = HTTPConnection(server.host, server.port, timeout=20)
    fields = {"Content-Type": "application/json", **dict(headers)}
    connection.request("POST", path, json.dumps(content), fields)
    answer = connection.getresponse()
    body = answer.read()
    cookie = (answer.getheader("Set-Cookie") or "").partition(";")[0]
    connection.close()
    return answer.status, json.loads(body) if answer.status < 300 else body, cookie


def test_who_was_made_so_can_log_in_and_stays_so_after_a_restart(setup_app, tmp_path):
    file = tmp_path / "password"
    file.write_text(PASSWORD)
    assert run(setup_app(CHATAPP_ADMIN_PASSWORD_FILE=str(file)))[0] == 0
    server = ChatServer(tmp_path)
    server.start()
    try:
        wrong = {"name": "admin", "password": "x" * 20}
        assert ask(server, "/admin/login", wrong)[0] == 403
        good = {"name": "admin", "password": PASSWORD}
        status, known, cookie = ask(server, "/admin/login", good)
        assert (status, known["name"]) == (200, "admin")
        server.stop()
        server.start()
        headers = ("Cookie", cookie), ("X-CSRF-Token", known["csrf"])
        assert ask(server, "/api/rooms", {"name": "two"}, *headers)[0] == 201
        assert ask(server, "/api/rooms", {"name": "three"}, *headers[:1])[0] == 403
    finally:
        server.stop()
