"""How often somebody may do something: a token bucket for each.

It is kept as one number, the time at which the bucket will be full again (the generic cell rate
algorithm, ITU-T I.371): whoever takes a token moves it on by the time that a token needs to come
back, and must wait while it is further away than a whole bucket. Where it is past, the bucket is
full and need not be remembered.

Memory is bounded: whoever takes lets the key that was used longest ago be forgotten, when its
bucket is full again or there are more keys than may be.
"""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable
from functools import lru_cache
from typing import Final

__all__ = ["Rates", "network"]

# Seconds that count as none: times are sums, which are a little off, and the last token of a bucket
# is to be had too.
MOMENT: Final = 1e-6


class Rates:
    """Tokens by key: whose they are, as the caller has it (a session's id, a `network`, both).

    Args:
        rate: tokens a second that come back; 0 for no limit.
        burst: tokens in a full bucket, 1 or more; by default what comes in five seconds, at least
            five: people who type send some short lines at once.
        clock: seconds, never going back.
        most: keys that are remembered.
    """

    def __init__(
        self,
        rate: float,
        burst: float | None = None,
        clock: Callable[[], float] = time.monotonic,
        most: int = 100_000,
    ) -> None:
        if burst is None:
            burst = max(5.0, 5 * rate)
        self._interval = 1 / rate if rate else 0.0
        self._ahead = (burst - 1) * self._interval
        self._clock = clock
        self._most = most
        # Not a dict, whose oldest key is the slower to find the more have gone before it.
        self._full: OrderedDict[str, float] = (
            OrderedDict()
        )  # when a key's bucket will be; last used last

    def __len__(self) -> int:
        """How many keys are remembered."""
        return len(self._full)

    def take(self, key: str) -> float:
        """Take a token, and give 0.0; or, if there is none, the seconds until there will be."""
        if not self._interval:
            return 0.0
        now = self._clock()
        full = max(self._full.pop(key, now), now)
        wait = full - now - self._ahead
        if wait < MOMENT:
            wait = 0.0
        self._full[key] = full if wait else full + self._interval
        oldest = next(iter(self._full))
        if self._full[oldest] <= now or len(self._full) > self._most:
            del self._full[oldest]
        return wait


@lru_cache(maxsize=4096)
def network(address: str) -> str:
    """What counts as one address: of IPv6 the network of 64 bits, which one customer has whole.

    What is no address (a unix socket has none) is itself.
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return address
    mapped = parsed.ipv4_mapped
    return str(mapped or ipaddress.ip_network((int(parsed), 64), strict=False))
