"""The how-tos do what they promise: their files, scripts and commands, run."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.functional.chat_server import ROOT, SCRIPTS, ChatServer
from tests.functional.documents import Shell, agrees, blocks, steps
from tests.functional.postgresql import PostgreSQL

BOT = ROOT / "examples" / "bot.sh"
TOKEN = "a-token-for-the-tests"
LOOKED_AT = ("/api/rooms", "/api/rooms/1/messages", "/api/audit")


def ask(server: ChatServer, path: str, said: bytes | None = None, **headers: str) -> Any:
    """Status, headers and body of an answer."""
    request = urllib.request.Request(f"{server.url}{path}", said, headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read().decode()


def script(page: str, name: str, folder: Path) -> Path:
    """A page's block that is a file of this name, as one."""
    (content,) = [block for block in blocks(page, "sh") if block.startswith(f"# {name} ")]
    path = folder / name
    path.write_text(content)
    return path


def at_home(script: Path) -> None:
    """Where it is run, here, is no environment and no ini file."""
    text = script.read_text()
    for said, here in (".venv/bin", SCRIPTS), ("production.ini", ROOT / "production.ini"):
        assert said in text
        text = text.replace(said, str(here))
    script.write_text(text)


def call(*command: Any) -> str:
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("command", "ini"), [("paster", "production.ini"), ("cogen", "--paste=production.ini")]
)
def test_production_ini_is_fit_for_a_proxy(tmp_path: Path, command: str, ini: str) -> None:
    server = ChatServer(tmp_path, {"WEB_CONCURRENCY": "3"}, command=command, ini=ini)
    server.start()
    try:
        assert ask(server, "/chatter/")[0] == 200
        assert ask(server, "/metrics")[0] == 200
        visitor = {"X-Forwarded-For": "192.0.2.7", "X-Forwarded-Proto": "https"}
        assert ask(server, "/metrics", **visitor)[0] == 401
        cookie = ask(server, "/chat/pull/ann", **visitor)[1]["Set-Cookie"]
        assert "; Secure" in cookie
        cookie = cookie.partition(";")[0]
        for status in (*[200] * 10, 429):
            assert ask(server, "/chat/push", b"hi", Cookie=cookie, **visitor)[0] == status
    finally:
        assert server.stop() == 0
    log = server.log.read_text()
    assert "192.0.2.7 - - [" in log
    assert '"POST /chat/push HTTP/1.1" 429 ' in log
    assert "INFO cogen.web.server: cogen listens" in log
    assert "WARNING" not in log


class Listener:
    """Hears the main room from now on, as JSON.

    Attributes:
        place: its cursor.
    """

    def __init__(self, server: ChatServer) -> None:
        self._server = server
        self.place = json.loads(ask(server, "/api/rooms/1/messages")[2])["cursor"]

    def until(self, sender: str, times: int, kind: str = "say") -> list[str]:
        """What has been said when somebody has spoken so often; only that one's."""
        said: list[str] = []
        while len(said) < times:
            query = f"?since={self.place}&wait=20"
            answer = json.loads(ask(self._server, f"/api/rooms/1/messages{query}")[2])
            self.place = answer["cursor"]
            said += [
                each["text"]
                for each in answer["messages"]
                if (each["sender"], each["kind"]) == (sender, kind)
            ]
        return said


def test_the_bot_answers_is_patient_and_comes_back(tmp_path: Path) -> None:
    server = ChatServer(tmp_path, {"CHAT_PUSH_RATE": "2"}, ini="production.ini")
    server.start()
    room = Listener(server)
    with Shell(tmp_path) as shell:
        try:
            shell.run(f"sh {BOT} 127.0.0.1:{server.port} >bot.log 2>&1 &")
            room.until("clock", 1, kind="join")
            for _ in range(12):  # ten may be said at once
                assert ask(server, "/chat/push", b"!time")[0] == 200
            answers = room.until("clock", 12)
            assert server.stop() == 0
            server.start()
            assert ask(server, "/chat/push", b"!time")[0] == 200
            answers += room.until("clock", 1)
        finally:
            server.stop()
    assert len(answers) == 13
    assert all(re.fullmatch("it is [0-9]{2}:[0-9]{2}", each) for each in answers)
    assert '"POST /chat/push HTTP/1.1" 429 ' in server.log.read_text()


def test_the_commands_of_the_monitoring_page_print_what_it_shows(tmp_path: Path) -> None:
    server = ChatServer(tmp_path, ini="production.ini")
    server.start()
    try:
        with Shell(tmp_path) as shell:
            shell.run(f"curl -s {server.url}/chat/pull/ann")
            for _, command, shown in steps("howto/monitoring.md", "console"):
                printed = shell.run(command.replace("localhost:5001", f"127.0.0.1:{server.port}"))
                assert agrees(printed, shown), printed
    finally:
        server.stop()


def test_a_backup_is_made_while_it_runs_and_can_be_restored(tmp_path: Path) -> None:
    data, backups = tmp_path / "data", tmp_path / "backups"
    backups.mkdir()
    make = script("howto/backup.md", "backup.sh", tmp_path)
    restore = script("howto/backup.md", "restore.sh", tmp_path)
    server = ChatServer(tmp_path)
    server.start()
    try:
        for text in (b"one", b"two"):
            ask(server, "/chat/push", text)
        call("sh", make, data, backups)
        ask(server, "/chat/push", b"three")
        room = Listener(server)
        server.stop(signal.SIGKILL)
        (backup,) = backups.glob("chat-*.db")
        at_home(restore)
        call("sh", restore, backup, data)
        server.start()
        again = ["env", f"CHAT_DATA={data}", sys.executable, "-m", "chatapp.restored"]
        refused = subprocess.run(
            [*again, ROOT / "production.ini"], cwd=ROOT, capture_output=True, text=True
        )
        assert refused.returncode == 1
        assert re.fullmatch(r".*production\.ini: .*another process.*\n", refused.stderr)
        assert texts(server) == ["one", "two"]
        # Who has heard "three" hears all that there is, and that it is another past.
        ask(server, "/chat/push", b"four")
        answer = json.loads(ask(server, f"/api/rooms/1/messages?since={room.place}")[2])
        assert [each["text"] for each in answer["messages"]] == ["one", "two", "four"]
        assert answer["gap"]["restarted"]
    finally:
        server.stop()


def texts(server: ChatServer) -> list[str]:
    answer = json.loads(ask(server, "/api/rooms/1/messages")[2])
    return [each["text"] for each in answer["messages"]]


@pytest.fixture
def postgresql() -> Iterator[PostgreSQL]:
    server = PostgreSQL()
    server.start()
    yield server
    server.remove()


def test_a_chat_moves_to_postgresql_with_all_that_it_knows(
    tmp_path: Path, postgresql: PostgreSQL
) -> None:
    url = postgresql.url(postgresql.database())
    token = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    server = ChatServer(tmp_path, {"CHAT_ADMIN_TOKEN": TOKEN})
    server.start()
    try:
        for name in ("kitchen", "gone"):
            ask(server, "/api/rooms", json.dumps({"name": name}).encode(), **token)
        removed = urllib.request.Request(f"{server.url}/api/rooms/3", None, token, method="DELETE")
        urllib.request.urlopen(removed).close()
        for text in ("one", "zwei ☃"):
            ask(server, "/chat/push", text.encode())
        before = [ask(server, path, None, **token)[2] for path in LOOKED_AT]
    finally:
        server.stop()
    environment = {"CHAT_ADMIN_TOKEN": TOKEN, "DATABASE_URL": url}
    moved = ChatServer(tmp_path, environment)
    setup = [SCRIPTS / "paster", "setup-app", ROOT / "test.ini"]
    call("env", f"DATABASE_URL={url}", f"CHAT_DATA={tmp_path / 'data'}", *setup)
    call(sys.executable, ROOT / "examples" / "copy_store.py", tmp_path / "data" / "chat.db", url)
    moved.start()
    try:
        assert [ask(moved, path, None, **token)[2] for path in LOOKED_AT] == before
        # The number of the room that was removed is not given again.
        new = ask(moved, "/api/rooms", b'{"name": "new"}', **token)[2]
        assert json.loads(new)["id"] == 4
        assert ask(moved, "/chat/push", b"three")[2] == "ok 3\r\n"
    finally:
        moved.stop()
