"""The secret that signs sessions, kept so that they outlive a restart."""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from pathlib import Path

from chatapp.config.settings import ChatSettings
from cogen.errors import SettingsError

__all__ = ["session_secret"]


def session_secret(settings: ChatSettings) -> str:
    """The one that is set, or the one that was made at the first start.

    Raises:
        SettingsError: the data folder cannot be used.
    """
    return settings.secret or _kept(Path(settings.data))


def _kept(folder: Path) -> str:
    path = folder / "secret"
    try:
        if not path.exists():
            folder.mkdir(parents=True, exist_ok=True)
            _make(path)
        secret = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"chat.data = {str(folder)!r}: {error}") from None
    if len(secret) < 32:
        raise SettingsError(f"{str(path)!r} holds no secret; remove it, and a new one is made")
    return secret


def _make(path: Path) -> None:
    """All at once, so that of two that start together neither reads half of it."""
    descriptor, new = tempfile.mkstemp(prefix="secret.", dir=path.parent)  # mode 600
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32))
        with contextlib.suppress(FileExistsError):
            os.link(new, path)
    finally:
        Path(new).unlink()
