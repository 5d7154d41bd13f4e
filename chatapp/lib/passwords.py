"""Passwords of administrators: what is kept of them is a hash by argon2id (RFC 9106).

Hashing is to take its time and its memory (19 MiB), so it is done in a thread, two at once.
"""

from __future__ import annotations

import importlib
import unicodedata
from functools import cache
from typing import Any, Final, Protocol

from cogen.core.threads import Workers

__all__ = ["SHORTEST", "BadPassword", "Passwords", "Verifier", "checked_password"]

SHORTEST: Final = 12  # characters
LONGEST: Final = 1024

# Of a password that nobody has: with it, somebody who is not there takes as long as who is.
NOBODY: Final = (
    "$argon2id$v=19$m=19456,t=2,p=1$aLAbXgpzP0f/AllHtkLtxA"
    "$AAUSomngLq/v16hXNPdsKPkOaG7a00udm6UEEdvNGeI"
)


class BadPassword(ValueError):
    """The message says what is wrong with it."""


def checked_password(password: str) -> str:
    """The password, if it is one to begin with.

    Raises:
        BadPassword: too short, or longer than anybody needs.
    """
    if len(password) < SHORTEST:
        raise BadPassword(f"A password has at least {SHORTEST} characters.")
    if len(password) > LONGEST:
        raise BadPassword(f"A password has at most {LONGEST} characters.")
    return password


class Verifier(Protocol):
    """What a login needs of `Passwords`."""

    def verify(self, hash: str | None, password: str) -> Any:
        """``bool``, to be waited for: this is the password. None is nobody's hash."""
        ...


class Passwords:
    """Makes hashes, and compares with them; what it gives is to be waited for."""

    def __init__(self) -> None:
        self._workers = Workers(2, "password")

    def hash(self, password: str) -> Any:
        """``str``: what is to be kept of it."""
        return self._workers.call(_hash, password)

    def verify(self, hash: str | None, password: str) -> Any:
        """See `Verifier`."""
        return self._workers.call(_verify, hash, password)


@cache
def _hasher() -> Any:
    """Imported when there is something to hash: a start need not wait for it."""
    argon2 = importlib.import_module("argon2")
    return argon2.PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


def _bytes(password: str) -> bytes:
    """The same, however a keyboard puts its letters together."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "replace")


def _hash(password: str) -> str:
    hashed: str = _hasher().hash(_bytes(password))
    return hashed


def _verify(hash: str | None, password: str) -> bool:
    hasher = _hasher()
    errors = importlib.import_module("argon2.exceptions")
    try:
        hasher.verify(NOBODY if hash is None else hash, _bytes(password[:LONGEST]))
    except (errors.VerificationError, errors.InvalidHashError):
        return False
    return hash is not None
