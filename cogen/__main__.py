"""``python -m cogen``: the same as ``cogen``."""

import sys

from cogen.web.command import main

__all__: list[str] = []

if __name__ == "__main__":
    sys.exit(main())
