"""The command line."""

import pytest

from cogen.web.flags import parse
from cogen.web.settings import SECRET, ServerSettings, describe
from cogen.web.wsgi import server_settings

NAMES = [name for name, _, _ in describe(ServerSettings) if name not in SECRET]


def table(*flags, section=None, environment=None):
    _, given = parse([*flags, "module:app"])
    return server_settings(section or {}, environment or {}, given)


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_has_a_flag(name):
    flag = "--" + name.replace("_", "-")
    default = getattr(ServerSettings(), name)
    value = {"access_log_format": "json"}.get(name, "7")
    if isinstance(default, bool):
        assert getattr(table(flag), name) is True
        assert getattr(table("--no-" + flag[2:], section={name: "true"}), name) is False
    else:
        assert getattr(table(flag, value), name) == type(default)(value)


def test_a_flag_counts_most_then_the_environment_then_the_ini():
    section, environment = {"port": "1", "backlog": "1"}, {"PORT": "2", "COGEN_BACKLOG": "2"}
    assert table(section=section, environment=environment).port == 2
    both = table("--port", "3", section=section, environment=environment)
    assert (both.port, both.backlog) == (3, 2)


@pytest.mark.parametrize(
    ("address", "host", "port", "path"),
    [
        ("127.0.0.1:81", "127.0.0.1", 81, ""),
        ("chat.example:81", "chat.example", 81, ""),
        ("[::1]:81", "::1", 81, ""),
        (":81", "0.0.0.0", 81, ""),
        ("[]:81", "::", 81, ""),
        ("unix:/run/socket", "127.0.0.1", 8080, "/run/socket"),
        ("unix:socket", "127.0.0.1", 8080, "socket"),
    ],
)
def test_bind(address, host, port, path):
    for flag in ("--bind", "-b"):
        settings = table(flag, address)
        assert (settings.host, settings.port, settings.unix_socket) == (host, port, path)


def test_bind_counts_more_than_a_unix_socket_of_the_ini():
    assert table("--bind", ":81", section={"unix_socket": "/run/socket"}).unix_socket == ""


def test_names_that_other_servers_have():
    settings = table("-w", "3", "--access-logfile", "-", "--access-logformat", "json")
    assert (settings.workers, settings.access_log, settings.access_log_format) == (3, "-", "json")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "which application?"),
        (["a:b", "--prot", "1"], "unrecognized arguments: --prot 1"),
        (["a:b", "c:d"], "unrecognized arguments: c:d"),
        (["a:b", "--port"], "expected one argument"),
        (["a:b", "--bind", "8000"], "'8000' is not host:port"),
        (["a:b", "--bind", "::1:80"], "is not host:port"),
        (["a:b", "--bind", "a:b"], "is not host:port"),
        (["a:b", "--bind", "unix:"], "wants a path"),
        (["a:b", "--bind", ":1", "-b", ":2"], "--bind is given twice"),
        (["a:b", "--bind", ":1", "--port", "2"], "--bind and --port say the same"),
        (["a:b", "--paste", "x.ini"], "--paste brings its own application"),
        (["a:b", "--log-level", "loud"], "invalid choice: 'loud'"),
        (["a:b", "--keyfile-password", "x"], "unrecognized arguments"),
    ],
)
def test_a_mistake_is_one_line_and_code_2(arguments, says, capsys):
    with pytest.raises(SystemExit) as raised:
        parse(arguments)
    assert raised.value.code == 2
    printed = capsys.readouterr().err
    assert printed.startswith("cogen: ")
    assert says in printed
    assert printed.count("\n") == 1


def test_help_shows_reasons_and_defaults(capsys):
    with pytest.raises(SystemExit) as raised:
        parse(["--help"])
    assert raised.value.code == 0
    printed = " ".join(capsys.readouterr().out.split())
    for _, default, reason in describe(ServerSettings)[:3]:
        assert f"{reason} [{default}]" in printed or (not default and reason in printed)
    assert "password" not in printed
