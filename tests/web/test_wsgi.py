"""The door for Paste."""

import socket

import pytest

from cogen.errors import SettingsError
from cogen.web.wsgi import server_factory, server_settings


def test_host_and_port_of_the_environment():
    section = {"host": "0.0.0.0", "port": "80"}
    table = server_settings(section, {"HOST": "::1", "PORT": "81"})
    assert (table.host, table.port) == ("::1", 81)
    table = server_settings(section, {"PORT": "81", "COGEN_PORT": "82", "HOST": ""})
    assert (table.host, table.port) == ("0.0.0.0", 82)
    with pytest.raises(SettingsError):
        server_settings({}, {"PORT": "http"})


def test_a_bad_setting_stops_the_start_with_one_line():
    with pytest.raises(SystemExit) as raised:
        server_factory({}, prot="80")
    assert str(raised.value) == "[server:main] unknown setting 'prot' (did you mean 'port'?)"


def test_an_address_that_is_taken_stops_it_too():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SystemExit) as raised:
            server_factory({}, port=str(port))
    assert str(raised.value) == f"cannot listen on 127.0.0.1:{port}: Address already in use"


def test_so_does_a_host_that_is_nowhere():
    with pytest.raises(SystemExit, match=r"cannot listen on nowhere\.invalid:8080: "):
        server_factory({}, host="nowhere.invalid")


def test_and_a_unix_socket_that_a_living_server_has(tmp_path):
    path = tmp_path / "socket"
    with socket.socket(socket.AF_UNIX) as taken:
        taken.bind(str(path))
        taken.listen()
        with pytest.raises(SystemExit, match="Address already in use"):
            server_factory({}, unix_socket=str(path))
    assert path.is_socket()


def test_and_one_that_cannot_be_made(tmp_path):
    path = tmp_path / "nowhere" / "socket"
    with pytest.raises(SystemExit, match=f"cannot listen on {path}: No such file or directory"):
        server_factory({}, unix_socket=str(path))
