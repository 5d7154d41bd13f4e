"""One poll for several rooms: where it is in each."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.lib.cursors import format_cursors, parse_cursors, parse_rooms

ROOMS = st.integers(1, 10**18 - 1)
CURSORS = st.from_regex("[0-9a-f]{8}[.][0-9]{1,18}", fullmatch=True)


@given(st.dictionaries(ROOMS, CURSORS, min_size=1, max_size=50))
def test_a_cursor_says_where_it_is_in_each_room(cursors):
    assert parse_cursors(format_cursors(cursors)) == cursors


@given(st.lists(ROOMS, unique=True, min_size=1, max_size=50))
def test_a_list_of_rooms(rooms):
    assert parse_rooms(",".join(map(str, rooms))) == rooms


def test_it_looks_as_in_the_docs():
    text = "1:9f3a01bc.17,2:77aa01bc.3"
    assert parse_cursors(text) == {1: "9f3a01bc.17", 2: "77aa01bc.3"}
    assert format_cursors({1: "9f3a01bc.17", 2: "77aa01bc.3"}) == text


BAD_ROOMS = [
    "",
    ",",
    "1,",
    ",1",
    "1, 2",
    "0",
    "01",
    "-1",
    "+1",
    "1.0",
    "x",
    "1;2",
    "²",
    "٣",
    "9" * 19,
]


@pytest.mark.parametrize("text", BAD_ROOMS)
def test_what_is_no_list_is_refused(text):
    with pytest.raises(ValueError, match="commas between"):
        parse_rooms(text)


BAD_CURSORS = "|1|1:|:e.1|1:e.1,|1:e.1,,2:e.2|x:e.1|0:e.1|1:e 1|1:e:1|1:e.1\n|1:é".split("|")


@pytest.mark.parametrize("text", [*BAD_CURSORS, f"1:{'e' * 65}"])
def test_what_is_no_cursor_is_refused(text):
    with pytest.raises(ValueError, match="what the last poll said"):
        parse_cursors(text)


def test_a_room_twice_is_refused():
    with pytest.raises(ValueError, match="Room 2 is there twice"):
        parse_rooms("2,1,2")
    with pytest.raises(ValueError, match="Room 2 is there twice"):
        parse_cursors("2:e.1,2:e.7")


def test_too_many_rooms_are_refused():
    with pytest.raises(ValueError, match="at most 50 rooms"):
        parse_rooms(",".join(map(str, range(1, 52))))
    with pytest.raises(ValueError, match="at most 50 rooms"):
        parse_cursors(",".join(f"{room}:e.1" for room in range(1, 52)))
    with pytest.raises(ValueError, match="at most 50 rooms"):
        parse_rooms("," * 100_000)
