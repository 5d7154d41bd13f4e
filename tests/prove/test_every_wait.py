"""The long form of chatapp/test_every_wait.py: all waits, pairs of mishaps, seeds, wide slices."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import pytest

from tests.chatapp.mishaps import MISHAPS
from tests.chatapp.trials import Trial, survives, trials

pytestmark = pytest.mark.prove

# Some are trimmed by the store, and in wide slices many steps come together.
TALKS = [
    {"keep": keep, "slice_size": slice_size, "seed": seed}
    for seed, (keep, slice_size) in enumerate([(None, 1), (12, 1), (None, 128), (12, 128), (12, 1)])
]
PAIRS = 1000


def each_survives(planned: Sequence[Sequence[Trial]], subtests: Any, **options: Any) -> None:
    for several in planned:
        with subtests.test(mishaps=str([(name, str(key[0]), *key[1:]) for name, key in several])):
            survives(several, **options)


@pytest.mark.parametrize("name", MISHAPS)
@pytest.mark.parametrize("options", TALKS, ids=str)
def test_each_mishap_in_every_wait(name: str, options: dict[str, Any], subtests: Any) -> None:
    found = [[trial] for trial in trials(**options) if trial[0] == name]
    assert found
    each_survives(found, subtests, **options)


@pytest.mark.parametrize("options", TALKS, ids=str)
def test_two_mishaps_in_one_talk(options: dict[str, Any], subtests: Any) -> None:
    """The second may not come: after the first the talk takes another course."""
    found, chance = trials(**options), random.Random(options["seed"])
    pairs = [
        sorted((chance.choice(found), chance.choice(found)), key=found.index) for _ in range(PAIRS)
    ]
    each_survives(pairs, subtests, **options)
