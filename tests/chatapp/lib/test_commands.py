"""What a line of text wants."""

from __future__ import annotations

import pytest

from chatapp.lib.commands import Command, parse_command


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("hello", Command("say", "hello")),
        ("/nick ann", Command("nick", "ann")),
        ("/nick  ann b ", Command("nick", "ann b")),
        ("/nick", Command("nick", "")),
        ("/me waves", Command("me", "waves")),
        ("/me", Command("say", "/me")),
        ("/me  ", Command("say", "/me  ")),
        ("/ME waves", Command("say", "/ME waves")),
        ("/meow", Command("say", "/meow")),
        ("/nickname", Command("say", "/nickname")),
        ("/etc/hosts", Command("say", "/etc/hosts")),
        ("//nick ann", Command("say", "/nick ann")),
        ("///", Command("say", "//")),
        ("/", Command("say", "/")),
        (" /me waves", Command("say", " /me waves")),
        ("/me\nwaves", Command("say", "/me\nwaves")),
    ],
)
def test_commands(text: str, command: Command) -> None:
    assert parse_command(text) == command
