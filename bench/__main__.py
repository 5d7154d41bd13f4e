"""``python -m bench [--quick] [--only 'longpoll:cogen,asgi plain']``: see README.md."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bench import bars, machine, markdown, picture
from bench.choice import BadChoice, chosen
from bench.plan import FULL, QUICK
from bench.processes import ROOT, pin, raise_limits
from bench.running import run
from bench.table import ROWS
from bench.text import aligned, cells


def main() -> int:
    """Measures, shows the tables, writes page and picture; gives the exit code.

    1 when something failed, 2 for a bad command line. Only a whole run replaces what is kept in
    this folder; others write to ``build/bench``.
    """
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one short round")
    parser.add_argument("--only", default="", help="rows and subjects, e.g. longpoll:cogen,asgi")
    options = parser.parse_args()
    try:
        choice = chosen(options.only)
    except BadChoice as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    sizes = QUICK if options.quick else FULL
    whole = not options.quick and not options.only
    raise_limits()
    described = machine.describe()
    pin(load=True)
    results = run(choice, sizes)

    for name in results.rows:
        print(f"\n{ROWS[name].heading(sizes)}\n{aligned(cells(ROWS[name], results, sizes))}")
    print(f"\nThe bars\n{aligned(bars.cells(results, sizes))}")

    folder = Path(__file__).parent if whole else ROOT / "build" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    names = dict.fromkeys(name for subjects in results.rows.values() for name in subjects)
    page = markdown.page(results, sizes, described, machine.versions(names))
    (folder / "results.md").write_text(page, encoding="utf-8")
    caption = f"{described['date']} · {described['processor']} · {described['Python']}"
    drawn = picture.draw(results, sizes, f"{caption} · medians; server on one core")
    (folder / "results.svg").write_text(drawn, encoding="utf-8")
    print(f"\nwritten: {(folder / 'results.md').relative_to(ROOT)}, results.svg")
    for line in results.absent:
        print(f"not measured: {line}", file=sys.stderr)
    for line in results.failed:
        print(f"FAILED {line}", file=sys.stderr)
    return 1 if results.failed else 0


if __name__ == "__main__":
    sys.exit(main())
