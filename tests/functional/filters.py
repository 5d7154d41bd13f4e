"""WSGI middleware as people write it: a generator around the application's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any


def passing(global_conf: dict[str, str]) -> Callable[[Any], Any]:
    """A Paste filter factory."""

    def make(application: Any) -> Any:
        def passes_on(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
            result = application(environ, start_response)
            try:
                yield from result
            finally:
                close = getattr(result, "close", None)
                if close is not None:
                    close()

        return passes_on

    return make
