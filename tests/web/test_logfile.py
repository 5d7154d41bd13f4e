"""A file of lines that a thread writes."""

import logging
import threading

import pytest

from cogen.errors import SettingsError
from cogen.web import logfile
from cogen.web.logfile import LogFile


@pytest.fixture
def path(tmp_path):
    return tmp_path / "log"


def test_lines_come_in_order_and_all_are_there_at_the_end(path):
    file = LogFile(str(path))
    for number in range(5000):
        file.write(f"line {number} %s {{}}")
    file.close()
    assert path.read_text().splitlines() == [f"line {number} %s {{}}" for number in range(5000)]
    assert file.lost == 0


def test_it_goes_on_at_the_end(path):
    path.write_text("before\n")
    file = LogFile(str(path))
    file.write("after")
    file.close()
    assert path.read_text() == "before\nafter\n"


def test_standard_output(capsys):
    file = LogFile("-")
    file.write("a line")
    file.reopen()
    file.close()
    assert capsys.readouterr().out == "a line\n"


def test_a_file_that_was_moved_is_followed_by_a_new_one(path, tmp_path):
    file = LogFile(str(path))
    file.write("one")
    until_written(path, "one\n")
    path.rename(tmp_path / "moved")
    file.write("two")
    file.close()
    assert (tmp_path / "moved").read_text() == "one\n"
    assert path.read_text() == "two\n"


def test_when_told_it_looks_before_the_next_line(path, tmp_path):
    file = LogFile(str(path))
    path.rename(tmp_path / "moved")
    file.reopen()
    file.close()
    assert path.read_text() == ""


def test_a_folder_that_has_gone_loses_lines_but_no_request(path, tmp_path, caplog):
    folder = tmp_path / "folder"
    folder.mkdir()
    file = LogFile(str(folder / "log"))
    file.write("one")
    until_written(folder / "log", "one\n")
    (folder / "log").unlink()
    folder.rmdir()
    file.reopen()
    file.write("two")
    file.close()
    assert file.lost == 1
    messages = [record.message for record in caplog.records]
    assert messages[0].startswith("the access log cannot be written: ")
    assert messages[-1] == "1 lines of the access log could not be written"


def test_a_disk_that_is_too_slow_loses_lines_instead_of_time(path, monkeypatch):
    monkeypatch.setattr(logfile, "WAITING", 3)
    held, writing = threading.Event(), threading.Event()

    def emit(handler, record):
        writing.set()
        held.wait(10)

    monkeypatch.setattr(logfile.WatchedFileHandler, "emit", emit)
    file = LogFile(str(path))
    file.write("the one that takes so long")
    assert writing.wait(10)
    for number in range(10):
        file.write(str(number))
    assert file.lost == 7
    held.set()
    file.close()


@pytest.mark.parametrize("path", ["/nowhere/log", "/"])
def test_a_file_that_cannot_be_written(path):
    before = threading.active_count()
    with pytest.raises(SettingsError, match=f"access_log: cannot write '{path}': "):
        LogFile(path)
    assert threading.active_count() == before


def test_it_is_nobody_elses_log(path, caplog):
    caplog.set_level(logging.DEBUG)
    file = LogFile(str(path))
    file.write("a line")
    file.close()
    assert caplog.records == []


def until_written(path, text):
    """The thread has its own time."""
    ended = threading.Event()
    for _ in range(1000):
        if path.read_text() == text:
            return
        ended.wait(0.01)
    raise AssertionError(path.read_text())
