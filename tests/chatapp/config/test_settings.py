"""The chat's settings, and what is said of wrong ones."""

from __future__ import annotations

import pytest

from chatapp.config.middleware import make_app
from chatapp.config.settings import (
    ChatSettings,
    DatabaseSettings,
    TelnetSettings,
    read_application,
)
from cogen.errors import SettingsError
from cogen.web.settings import describe, read


def settings(section=(), environment=()):
    return read(ChatSettings, dict(section), dict(environment), prefix="chat.", variables="CHAT_")


def refused(**section: str) -> str:
    with pytest.raises(SystemExit) as info:
        make_app({}, **{f"chat.{key}": value for key, value in section.items()})
    message = info.value.code
    assert isinstance(message, str)
    assert "\n" not in message
    assert message.startswith("[app:main] ")
    return message


def test_the_defaults_are_those_of_the_design():
    table = settings()
    assert (table.data, table.window, table.queue_size) == ("data", 1000, 10)
    assert (table.pull_timeout, table.idle, table.max_text) == (10.0, 60.0, 8192)
    assert (table.durability, table.keep) == ("process", 0)


def test_nobody_is_held_back_until_a_rate_is_set():
    table = settings({"chat.push_rate": "0.5"})
    assert (table.push_rate, table.login_rate, table.room_rate) == (0.5, 0.0, 0.0)


def test_every_setting_says_in_one_line_what_it_is():
    for name, _, reason in (
        describe(ChatSettings) + describe(DatabaseSettings) + describe(TelnetSettings)
    ):
        assert reason, name


def test_a_variable_has_the_last_word_and_a_file_holds_a_secret(tmp_path):
    file = tmp_path / "secret"
    file.write_text("x" * 40 + "\n")
    table = settings(
        {"chat.window": "5", "chat.idle": "7"},
        {"CHAT_WINDOW": "50", "CHAT_SECRET_FILE": str(file), "OTHER": "1"},
    )
    assert (table.window, table.idle, table.secret) == (50, 7.0, "x" * 40)


def test_an_unknown_setting_is_named_and_the_nearest_suggested():
    assert "'chat.windw'" in refused(windw="5")
    assert "chat.window" in refused(windw="5")


def test_a_setting_without_its_prefix_is_unknown():
    with pytest.raises(SystemExit, match="'window'"):
        make_app({}, window="5")


BAD = [
    ("window", "0"),
    ("window", "many"),
    ("queue_size", "-1"),
    ("queue_size", "1.5"),
    ("pull_timeout", "0"),
    ("pull_timeout", "nan"),
    ("pull_timeout", "inf"),
    ("idle", "-3"),
    ("idle", "inf"),
    ("max_text", ""),
    ("max_clients", "0"),
    ("push_rate", "-1"),
    ("push_rate", "nan"),
    ("login_rate", "inf"),
    ("room_rate", "many"),
    ("room", ""),
    ("durability", "full"),
    ("keep", "-1"),
]


@pytest.mark.parametrize(("key", "value"), BAD)
def test_a_bad_value_is_named(key, value):
    assert f"chat.{key}" in refused(**{key: value})


def test_a_bad_variable_is_named_too(monkeypatch, tmp_path):
    monkeypatch.setenv("CHAT_IDLE", "never")
    assert "CHAT_IDLE" in refused(data=str(tmp_path))


def test_an_unknown_variable_is_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("CHAT_WINDWO", "5")
    assert "CHAT_WINDWO" in refused(data=str(tmp_path))


def test_an_empty_secret_file_is_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("CHAT_SECRET_FILE", "/dev/null")
    assert "CHAT_SECRET_FILE" in refused(data=str(tmp_path))


@pytest.mark.parametrize("key", ["secret", "admin_token"])
def test_a_bad_secret_is_named_and_not_shown(tmp_path, key):
    said = refused(data=str(tmp_path), **{key: "hush hush"})
    assert f"chat.{key}" in said
    assert "hush" not in said


def test_a_secret_that_could_be_guessed_is_refused(tmp_path):
    assert "chat.secret" in refused(data=str(tmp_path), secret="a")


def test_no_data_folder_is_refused():
    assert "chat.data" in refused(data="")


def test_a_secret_file_that_is_not_there_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("CHAT_SECRET_FILE", str(tmp_path / "none"))
    assert "CHAT_SECRET_FILE" in refused(data=str(tmp_path))


def test_a_section_is_of_the_chat_the_database_and_pyramid():
    section = {"chat.keep": "5", "sqlalchemy.url": "sqlite:///a", "pyramid.debug_all": "yes"}
    settings = read_application(section, {})
    assert settings.chat == ChatSettings(keep=5)
    assert settings.database.url == "sqlite:///a"
    assert settings.pyramid == {"pyramid.debug_all": "yes"}
    assert read_application({}, {}) == (
        ChatSettings(),
        DatabaseSettings(),
        TelnetSettings(),
        {},
        {},
    )


@pytest.mark.parametrize("key", ["sqlalchemy.ulr", "sqlalchemy", "url", "keep"])
def test_an_unknown_key_is_refused_whatever_it_begins_with(key):
    with pytest.raises(SettingsError, match=f"unknown setting '{key}'"):
        read_application({key: "x"}, {})


def test_the_url_stands_in_several_places_of_which_the_first_counts(tmp_path):
    (tmp_path / "url").write_text("postgresql://file\n")
    places = {
        "SQLALCHEMY_URL_FILE": str(tmp_path / "url"),
        "SQLALCHEMY_URL": "postgresql://own",
        "DATABASE_URL_FILE": str(tmp_path / "url"),
        "DATABASE_URL": "postgresql://host",
    }
    seen = []
    while True:
        seen.append(read_application({"sqlalchemy.url": "sqlite:///a"}, places).database.url)
        if not places:
            break
        del places[next(iter(places))]
    assert seen == [
        "postgresql://file",
        "postgresql://own",
        "postgresql://file",
        "postgresql://host",
        "sqlite:///a",
    ]


def test_an_empty_variable_is_none_and_what_others_set_is_theirs():
    others = {"DATABASE_URL": "", "SQLALCHEMY_URL": "", "SQLALCHEMY_WARN_20": "1"}
    assert read_application({"sqlalchemy.url": "sqlite:///a"}, others).database.url == "sqlite:///a"
