"""Wires the parts of the chat from its settings."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path
from typing import NamedTuple

from chatapp.config.settings import ChatSettings
from chatapp.controllers.chat import ChatController
from chatapp.model.room import Room
from chatapp.model.roster import Roster
from cogen.errors import SettingsError

__all__ = ["Environment", "load_environment"]


class Environment(NamedTuple):
    """The parts."""

    chat: ChatController
    secret: str


def load_environment(settings: ChatSettings) -> Environment:
    """Make them.

    Raises:
        SettingsError: the data folder cannot be used.
    """
    room = Room(settings.room, settings.window)
    roster = Roster(room, settings.queue_size, settings.idle, settings.max_clients)
    chat = ChatController(room, roster, settings.pull_timeout, settings.max_text)
    return Environment(chat, settings.secret or _kept_secret(Path(settings.data)))


def _kept_secret(folder: Path) -> str:
    """The secret that signs sessions, kept so that they outlive a restart."""
    path = folder / "secret"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            # All at once, so that two that start together cannot read half of it.
            new = folder / f"secret.{os.getpid()}"
            descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_hex(32))
            try:
                os.link(new, path)
            finally:
                new.unlink()
        secret = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"chat.data = {str(folder)!r}: {error}") from None
    if len(secret) < 32:
        raise SettingsError(f"{str(path)!r} holds no secret; remove it, and a new one is made")
    return secret
