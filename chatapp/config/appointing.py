"""How administrators are made: by ``paster setup-app``, and by `chatapp.administrators`."""

from __future__ import annotations

import getpass
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from chatapp.lib.passwords import BadPassword, Passwords, checked_password
from chatapp.model.names import BadName, checked_name
from chatapp.model.ports import Conflict, Unavailable
from chatapp.model.records import Note, Records
from cogen.errors import SettingsError

__all__ = ["FILE", "NAME", "appoint", "appoint_first"]

NAME: Final = "CHATAPP_ADMIN_NAME"
FILE: Final = "CHATAPP_ADMIN_PASSWORD_FILE"
TRIES: Final = 3


async def appoint_first(records: Records, environment: Mapping[str, str] = os.environ) -> str:
    """Make an administrator if there is none; gives a sentence that says what came of it.

    The password is in the file that the environment names, or is asked for at the terminal.

    Raises:
        SettingsError: the name or the password cannot be used, or not be kept.
    """
    try:
        if names := await records.administrators():
            return f"there is an administrator: {names[0]}"
        name = _name(environment)
        password = _password(name, environment.get(FILE, ""))
        if password is None:
            return (
                "there is no administrator, as there is neither a terminal to ask for a password"
                f" nor {FILE}"
            )
        await records.appoint(name, await Passwords().hash(password), _note("appoint", name))
    except (Unavailable, Conflict) as error:
        raise SettingsError(f"the administrator cannot be kept: {error}") from error
    return f"there is an administrator now: {name}"


async def appoint(records: Records, name: str, environment: Mapping[str, str] = os.environ) -> str:
    """Make one more, or give one that there is another password, which ends its sessions; gives a
    sentence that says what came of it. The password comes as for `appoint_first`.

    Raises:
        SettingsError: the name or the password cannot be used, or not be kept.
    """
    try:
        name = checked_name(name)
        known = name in await records.administrators()
        password = _password(name, environment.get(FILE, ""))
        if password is None:
            raise SettingsError(f"there is neither a terminal to ask for a password nor {FILE}")
        hashed = await Passwords().hash(password)
        if not known:
            await records.appoint(name, hashed, _note("appoint", name))
            return f"there is one administrator more: {name}"
        await records.change(name, hashed, _note("password", name))
    except BadName as error:
        raise SettingsError(f"{name!r}: {error}") from None
    except (Unavailable, Conflict) as error:
        raise SettingsError(f"the administrator cannot be kept: {error}") from error
    return f"the administrator {name} has another password, and has to log in again"


def _note(action: str, name: str) -> Note:
    return Note(time.time_ns() // 1000, "", "", f"administrator.{action}", name)


def _name(environment: Mapping[str, str]) -> str:
    try:
        return checked_name(environment.get(NAME) or "admin")
    except BadName as error:
        raise SettingsError(f"{NAME}: {error}") from None


def _password(name: str, file: str) -> str | None:
    """None: there is nobody to ask."""
    if file:
        try:
            content = Path(file).read_text(encoding="utf-8-sig")  # some editors begin with a mark
            return checked_password(content.rstrip("\r\n"))
        except (OSError, UnicodeDecodeError, BadPassword) as error:
            raise SettingsError(f"{FILE} = {file!r}: {error}") from None
    return _asked(name) if sys.stdin.isatty() else None


def _asked(name: str) -> str:
    for _ in range(TRIES):
        try:
            password = checked_password(getpass.getpass(f"Password of the administrator {name}: "))
            if getpass.getpass("The same again: ") == password:
                return password
            sys.stderr.write("These are two different ones.\n")
        except BadPassword as error:
            sys.stderr.write(f"{error}\n")
        except EOFError:
            break
    raise SettingsError("no password, no administrator")
