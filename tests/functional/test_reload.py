"""``reload = true``: a change of the ini file starts the server again, with either command."""

from __future__ import annotations

import signal
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.functional.chat_server import SCRIPTS, free_port

INI = """
[app:main]
use = egg:ChatApp
chat.data = %(here)s/data
chat.max_text = {max_text}

[server:main]
use = egg:ChatApp#cogen
port = {port}
reload = true
"""


def status_of_push(port: int, size: int) -> int:
    """What a message of so many bytes is answered; 0 while nobody listens."""
    url = f"http://127.0.0.1:{port}/chat/push"
    try:
        with urllib.request.urlopen(url, b"x" * size, timeout=5) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def wait_for(port: int, size: int, status: int, seconds: float = 30) -> bool:
    deadline = time.monotonic() + seconds
    while status_of_push(port, size) != status:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


@pytest.mark.parametrize("command", [["paster", "serve"], ["pserve"]])
def test_a_changed_setting_holds_without_a_hand_on_the_server(tmp_path: Path, command):
    port, ini = free_port(), tmp_path / "reloading.ini"
    ini.write_text(INI.format(max_text=100, port=port))
    line = [str(SCRIPTS / command[0]), *command[1:], str(ini)]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(line, stdout=log, stderr=log)
        try:
            assert wait_for(port, 50, 200)
            for _ in range(5):  # a change before the watcher's first look is no change to it
                ini.write_text(INI.format(max_text=10, port=port))
                if wait_for(port, 50, 413, seconds=6):
                    break
            else:
                raise AssertionError("the server was never started again")
        finally:
            process.send_signal(signal.SIGTERM)
            code = process.wait(30)
    assert code == 0
    assert status_of_push(port, 5) == 0, "a child goes on after its watcher has ended"
