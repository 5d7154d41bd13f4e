"""All that can be tried: every mishap, in every moment of every wait of a talk."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from tests.chatapp.harness import Site
from tests.chatapp.mishaps import MISHAPS, possible
from tests.chatapp.talk import Talk
from tests.chatapp.waits import Moment, Point, When

__all__ = ["Trial", "some", "survives", "table", "trials"]

Key = tuple[Point, When, int]
Trial = tuple[str, Key]  # a mishap's name, and the moment


def trials(**options: Any) -> list[Trial]:
    """In the order of a talk with these options, in which nothing goes wrong."""
    found: list[Trial] = []

    def tell(site: Site, moment: Moment) -> None:
        found.extend((name, moment.key) for name in MISHAPS if possible(name, moment))

    Talk(tell, **options).run()
    return found


def some(found: Sequence[Trial]) -> list[Trial]:
    """Of each mishap at each place in the code, in each of the two moments: the first, and a later
    one, when readers have fallen behind."""
    alike: defaultdict[tuple[str, str, str, When], list[Trial]] = defaultdict(list)
    for trial in found:
        name, (point, when, _) = trial
        alike[name, point.where or point.who, point.what, when].append(trial)
    return [
        each
        for those in alike.values()
        for each in dict.fromkeys((those[0], those[len(those) * 3 // 4]))
    ]


def survives(planned: Sequence[Trial], **options: Any) -> None:
    """Hold the talk, let this go wrong in it, and let it come to a good end.

    Raises:
        AssertionError: it does not, or the first moment does not come.
    """
    left = list(planned)

    def tell(site: Site, moment: Moment) -> None:
        if left and moment.key == left[0][1]:
            name, _ = left.pop(0)
            if possible(name, moment):
                MISHAPS[name](site, moment)

    Talk(tell, **options).run()
    assert len(left) < len(planned), "the moment did not come"


def table(found: Sequence[Trial]) -> str:
    """Each point, how often somebody waits there, and what is tried."""
    often: Counter[Point] = Counter()
    names: defaultdict[Point, list[str]] = defaultdict(list)
    for point, when, number in dict.fromkeys(key for _, key in found):
        if when is When.PARKED:
            often[point] = max(often[point], number + 1)
    for name, (point, _, _) in found:
        if name not in names[point]:
            names[point].append(name)
    return "\n".join(
        f"{often[point]:4} × {point}: {', '.join(sorted(names[point]))}" for point in sorted(names)
    )
