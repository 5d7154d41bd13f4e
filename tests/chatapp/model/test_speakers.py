"""Who has spoken lately."""

from __future__ import annotations

from chatapp.model.speakers import REMEMBERED, Speaker, Speakers


def test_who_spoke_last_under_a_name_is_found_by_any_form_of_it():
    speakers = Speakers()
    speakers.spoke("Bob", "one", "192.0.2.1")
    speakers.spoke("Bob", "two", "")
    assert speakers.called("ＢＯＢ") == Speaker("Bob", "two", "")
    assert speakers.called("ann") is None


def test_those_who_spoke_longest_ago_are_forgotten():
    speakers = Speakers()
    for number in range(REMEMBERED):
        speakers.spoke(f"n{number}", "s", "")
    speakers.spoke("n0", "s", "")
    speakers.spoke("more", "s", "")
    assert speakers.called("n0") is not None
    assert speakers.called("n1") is None
