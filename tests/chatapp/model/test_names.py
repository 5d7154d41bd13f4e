"""What may be a name."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.model.names import BadName, checked_name, same_name

GOOD = [
    "bob",
    "Ω",
    "Jean-Luc",
    "O'Neill",
    "名前",
    "משה",
    "🐝",
    "👩‍💻",
    "x" * 64,
    "1.2.3",
    "a b",
    "<b>",
    "é" * 64,
]
BAD = {
    "empty": "",
    "blank": " \t ",
    "65 characters": "x" * 65,
    "a colon": "bob: hi",
    "NUL": "b\x00b",
    "a line end": "bob\r\nalice",
    "an escape": "\x1b[31mbob",
    "DEL": "bob\x7f",
    "C1": "b\x9bb",
    "a line separator": "b\u2028b",
    "a paragraph separator": "b\u2029b",
    "zero width": "\u200b\u200d",
    "a soft hyphen alone": "\u00ad",
    "Hangul fillers": "\u3164\u115f\uffa0",
    "a blank Braille pattern": "\u2800",
    "variation selectors": "\ufe0f\U000e0100",
    "a combining mark alone": "\u0301",
    "a direction alone": "\u202e",
    "the server's dashes": "-- the server",
    "an address": "192.0.2.1",
    "one of several at an address": "192.0.2.1 (2)",
    "what looks like an address": "１９２.0.2\u200b.1",
}


@pytest.mark.parametrize("name", GOOD)
def test_a_good_name_is_taken_as_it_is(site, name):
    assert site.curl().pull(f"/chat/pull/{quote(name)}").status == 200
    assert site.roster.people.holder(name)


@pytest.mark.parametrize("name", BAD.values(), ids=BAD)
def test_a_bad_name_is_refused(site, name):
    answer = site.curl().pull(f"/chat/pull/{quote(name)}")
    assert answer.status == 400
    assert answer.text.startswith("400 Bad Request: A name has ")
    assert len(site.roster) == 0


def test_sixty_four_characters_are_counted_in_the_normal_form():
    assert checked_name("e\u0301" * 64) == "é" * 64
    with pytest.raises(BadName, match="64"):
        checked_name("e\u0301" * 65)


def test_white_space_around_a_name_is_dropped():
    assert checked_name(" bob\u2003\t") == "bob"


ALIKE = [
    ("bob", "Bob"),
    ("bob", "ｂｏｂ"),
    ("Straße", "STRASSE"),
    ("é", "e\u0301"),
    ("bob", "bo\u200bb"),
    ("bob", "bob\u2060"),
    ("bob", "b\u00adob"),
    ("bob", "bob \u200b"),
    ("bob", "bob\u3164"),
    ("bob", "\u202ebob"),
    ("bob", "bob\ufe0f"),
    ("a b", "a\u00a0 b"),
]


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_names_that_look_the_same_are_the_same(one, other):
    assert same_name(one) == same_name(other)


def test_names_that_differ_are_not():
    assert len({same_name(name) for name in ["bob", "bobby", "b ob", "ßob", "bób"]}) == 5


@given(st.text(max_size=70))
def test_whatever_is_accepted_can_be_seen_and_is_accepted_again(name):
    try:
        checked = checked_name(name)
    except BadName:
        return
    assert checked_name(checked) == checked
    assert same_name(checked)
    assert same_name(same_name(checked)) == same_name(checked)
    assert 1 <= len(checked) <= 64
    assert not set(checked) & set(":\r\n\x00\x1b")
