"""The table of settings."""

import resource

import pytest

from cogen.errors import SettingsError
from cogen.web.settings import ServerSettings, describe, read

EXPECTED = {
    "max_request_line": 8192,
    "max_header": 8192,
    "max_headers": 100,
    "max_body": 1024 * 1024,
    "head_timeout": 10,
    "body_timeout": 30,
    "write_timeout": 60,
    "ack_timeout": 25,
    "keep_alive": 75,
    "graceful_timeout": 30,
    "stream_bodies": False,
    "debug": False,
}


def settings(section=None, environment=None):
    return read(ServerSettings, section or {}, environment or {}, variables="COGEN_")


def test_the_defaults_are_those_of_the_design():
    table = settings()
    assert {name: getattr(table, name) for name in EXPECTED} == EXPECTED


def test_an_ini_has_text_and_the_table_types():
    table = settings({"port": "81", "head_timeout": "2.5", "debug": "Yes", "host": " ::1 "})
    assert (table.port, table.head_timeout, table.debug, table.host) == (81, 2.5, True, "::1")


def test_the_environment_has_the_last_word(tmp_path):
    path = tmp_path / "port"
    path.write_text("83\n")
    assert settings({"port": "81"}, {"COGEN_PORT": "82"}).port == 82
    assert settings({"port": "81"}, {"COGEN_PORT_FILE": str(path)}).port == 83


@pytest.mark.parametrize(
    ("section", "says"),
    [
        ({"prot": "80"}, "unknown setting 'prot' (did you mean 'port'?)"),
        ({"nonsense": "80"}, "unknown setting 'nonsense'"),
        ({"port": "abc"}, "port"),
        ({"port": "70000"}, "port"),
        ({"port": "-1"}, "port"),
        ({"port": "1.5"}, "port"),
        ({"port": ""}, "port"),
        ({"head_timeout": "0"}, "head_timeout"),
        ({"head_timeout": "nan"}, "head_timeout"),
        ({"head_timeout": "soon"}, "head_timeout"),
        ({"keep_alive": "-1"}, "keep_alive"),
        ({"max_body": "0"}, "max_body"),
        ({"max_body": "1M"}, "max_body"),
        ({"debug": "perhaps"}, "debug is true or false, not 'perhaps'"),
    ],
)
def test_a_bad_one_is_named_in_one_line(section, says):
    with pytest.raises(SettingsError) as raised:
        settings(section)
    assert says in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_file_that_cannot_be_read_is_named():
    with pytest.raises(SettingsError, match="COGEN_PORT_FILE: cannot read '/nowhere'"):
        settings({}, {"COGEN_PORT_FILE": "/nowhere"})


def test_a_prefix():
    table = read(ServerSettings, {"server.port": "81"}, {}, prefix="server.")
    assert table.port == 81
    with pytest.raises(SettingsError, match="unknown setting 'port'"):
        read(ServerSettings, {"port": "81"}, {}, prefix="server.")


def test_every_setting_has_a_reason():
    described = describe(ServerSettings)
    assert [name for name, _, _ in described] == list(ServerSettings.__struct_fields__)
    assert all(reason for _, _, reason in described)


def test_connections_leave_descriptors_for_the_rest(monkeypatch):
    def allow(soft):
        monkeypatch.setattr(resource, "getrlimit", lambda _: (soft, soft))

    allow(1024)
    assert settings().connections() == 960
    assert settings({"max_connections": "10"}).connections() == 10
    assert settings({"max_connections": "5000"}).connections() == 960
    allow(16)
    assert settings().connections() == 12
    allow(1)
    assert settings().connections() == 1


def test_the_parsers_part():
    limits = settings({"max_header": "1", "max_headers": "2", "max_body": "3"}).limits()
    assert (limits.header, limits.header_count, limits.body) == (1, 2, 3)
    assert limits.request_line == 8192
