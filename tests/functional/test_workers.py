"""Several processes on one port."""

import os
import signal
import socket
import subprocess
import threading
import time

import pytest

from tests.functional.command import APPLICATION, Command, clean
from tests.functional.servers import SCRIPTS


@pytest.fixture
def command(tmp_path):
    with Command(tmp_path, "site_here", "--workers", "3") as command:
        command.until(lambda: len(command.pids()) == 3)
        until_all_answer(command)
        yield command


def until_all_answer(command):
    """Which of them takes a connection is the kernel's affair: so it is asked until each has."""
    answered = set()

    def all_have():
        answered.add(int(command.ask().split()[0]))
        return answered >= command.pids()

    command.until(all_have)


def gone(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def until(so, seconds=20):
    deadline = time.monotonic() + seconds
    while not so():
        assert time.monotonic() < deadline, "it never was"
        time.sleep(0.02)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_to_the_master_answers_who_waits_and_ends_all(command, number):
    pids = command.pids()
    polls = [socket.create_connection(("127.0.0.1", command.port), 10) for _ in range(6)]
    for poll in polls:
        poll.sendall(b"GET /wait HTTP/1.1\r\nHost: a\r\n\r\n")
    time.sleep(0.3)
    command.process.send_signal(number)
    for poll in polls:
        assert poll.recv(65536).endswith(b"ServerClosing")
        poll.close()
    assert command.process.wait(20) == 0
    assert all(gone(pid) for pid in pids)
    assert "Traceback" not in command.log


def test_applications_know_that_they_are_one_of_many(command):
    assert command.ask().endswith("one True")


def test_a_dead_worker_is_replaced(command):
    before = command.pids()
    victim = min(before)
    os.kill(victim, signal.SIGKILL)
    command.until(lambda: len(command.pids() - {victim}) == 3)
    assert command.pids() > before - {victim}
    until_all_answer(command)
    assert f"worker {victim} died (SIGKILL)" in command.log


def test_who_keeps_dying_is_replaced_ever_more_slowly(command):
    for _ in range(3):
        with pytest.raises((ConnectionError, OSError)):
            command.ask("/die")
        command.until(lambda: bool(command.ask()))
    pauses = [line.split()[-2] for line in command.log.splitlines() if " died " in line]
    assert pauses == ["0.2", "0.4", "0.8"]


def test_sighup_puts_new_workers_with_new_code_in_the_place_of_the_old(command, tmp_path):
    before, failures, ended = command.pids(), [], threading.Event()

    def ask_on():
        while not ended.is_set():
            try:
                command.ask()
            except OSError as error:
                failures.append(error)

    asking = threading.Thread(target=ask_on)
    asking.start()
    try:
        (tmp_path / "site_here.py").write_text(APPLICATION.replace('"one"', '"changed"'))
        command.process.send_signal(signal.SIGHUP)
        until(lambda: all(gone(pid) for pid in before))
        command.until(lambda: len(command.pids()) == 3)
        until_all_answer(command)
    finally:
        ended.set()
        asking.join()
    assert " changed " in command.ask()
    assert not command.pids() & before
    assert failures == [], "nobody was turned away meanwhile"


def test_code_that_cannot_be_loaded_leaves_the_old_workers(command, tmp_path):
    before = command.pids()
    (tmp_path / "site_here.py").write_text("1 / 0")
    command.process.send_signal(signal.SIGHUP)
    command.until(lambda: "the old workers stay" in command.log)
    assert "ZeroDivisionError" in command.log
    assert command.pids() == before


def test_an_application_that_cannot_be_loaded_is_said_once_and_code_1(tmp_path):
    (tmp_path / "site_here.py").write_text("1 / 0")
    with Command(tmp_path, "site_here", "--workers", "3") as command:
        assert command.process.wait(20) == 1
        assert command.log.count("ZeroDivisionError") == 1


def test_workers_do_not_outlive_a_killed_master(command):
    pids = command.pids()
    command.process.kill()
    command.process.wait()
    until(lambda: all(gone(pid) for pid in pids))


def test_a_worker_that_does_not_end_is_killed(tmp_path):
    (tmp_path / "site_here.py").write_text(APPLICATION)
    flags = ["--workers", "2", "--graceful-timeout", "0.2"]
    with Command(tmp_path, "site_here", *flags) as command:
        command.listen()
        with socket.create_connection(("127.0.0.1", command.port), 10) as hanging:
            hanging.sendall(b"GET /hang HTTP/1.1\r\nHost: a\r\n\r\n")
            time.sleep(0.5)  # until it is there; from now on that worker hears of nothing
            command.process.terminate()
            assert command.process.wait(20) == 0
        assert "does not end: it is killed" in command.log


def test_a_unix_socket_is_there_until_the_last_has_gone(tmp_path):
    path = tmp_path / "socket"
    (tmp_path / "site_here.py").write_text(APPLICATION)
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [str(SCRIPTS / "cogen"), "site_here", "-w", "2", "--bind", f"unix:{path}"],
            cwd=tmp_path,
            env=clean({}),
            stdout=log,
            stderr=log,
        )
        try:
            with socket.socket(socket.AF_UNIX) as client:
                until(lambda: client.connect_ex(str(path)) == 0)
                client.sendall(b"GET / HTTP/1.0\r\n\r\n")
                assert b" one True" in client.recv(65536)
            process.terminate()
            assert process.wait(20) == 0
            assert not path.exists()
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
