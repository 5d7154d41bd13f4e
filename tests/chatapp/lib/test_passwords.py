"""What is kept of a password, and who knows it."""

from __future__ import annotations

import argon2
import pytest

from chatapp.lib.passwords import NOBODY, BadPassword, Passwords, checked_password


def test_who_knows_it_and_nobody_else(run):
    async def main():
        passwords = Passwords()
        kept = await passwords.hash("caf\N{LATIN SMALL LETTER E WITH ACUTE} au lait")
        asked = ["cafe\N{COMBINING ACUTE ACCENT} au lait", "cafe au lait", "", "x" * 5000, "\ud800"]
        return kept, [await passwords.verify(kept, each) for each in asked]

    kept, known = run(main())
    assert known == [True, False, False, False, False]
    assert "lait" not in kept


def test_nobody_has_a_hash_that_takes_as_long_and_that_nothing_fits(run):
    parameters = argon2.extract_parameters(NOBODY)
    hashed = run(wait(Passwords().hash("x" * 12)))
    assert parameters == argon2.extract_parameters(hashed)
    password = "nobody has this password: it stands for those who are not there"
    assert run(wait(Passwords().verify(None, password))) is False
    assert run(wait(Passwords().verify("no hash", password))) is False


async def wait(waitable):
    return await waitable


@pytest.mark.parametrize("password", ["", "x" * 11, "x" * 1025])
def test_what_is_no_password_to_begin_with(password):
    with pytest.raises(BadPassword, match="A password has at"):
        checked_password(password)


def test_twelve_characters_are_enough():
    assert checked_password("x" * 12) == "x" * 12
