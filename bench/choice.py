"""``ONLY``: which rows and which subjects are measured."""

from __future__ import annotations

from bench.subjects import SUBJECTS
from bench.table import ROWS

__all__ = ["BadChoice", "chosen"]


class BadChoice(ValueError):
    """There is no such row or subject, or not together."""


def chosen(only: str) -> dict[str, list[str]]:
    """Rows, each with its subjects.

    Args:
        only: ``longpoll:cogen,asgi plain`` or nothing, for all; an empty name before the colon
            stands for every row: ``:cogen,asgi``.

    Raises:
        BadChoice: a name is unknown, or takes no part in that row.
    """
    choice: dict[str, list[str]] = {}
    for part in only.split() or list(ROWS):
        row, _, names = part.partition(":")
        for each in [row] if row else ROWS:
            if each not in ROWS:
                raise BadChoice(f"there is no row {each}; there are {', '.join(ROWS)}")
            wanted = names.split(",") if names else ROWS[each].subjects
            for name in wanted:
                if name not in SUBJECTS:
                    raise BadChoice(f"there is no {name}; there are {', '.join(SUBJECTS)}")
            subjects = [name for name in ROWS[each].subjects if name in wanted]
            if subjects:
                choice[each] = subjects
            elif row:
                raise BadChoice(f"{row} has only {', '.join(ROWS[each].subjects)}")
    return choice
