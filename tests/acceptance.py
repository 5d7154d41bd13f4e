"""The acceptance list of the design in words, and a report of what the tests say of each case.

A plugin of pytest: ``make acceptance``, or ``pytest -p tests.acceptance -m case``; with
``-m 'case(number=12)'`` one case alone.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

CASES = {
    1: "HTTP/1.1 without Host → 400",
    2: "two Hosts → 400",
    3: "Host empty, a,b, u@h, h/p → 400",
    4: "GET * → 400",
    5: "GET foo → 400",
    6: "CONNECT → 405 or 501",
    7: "HTTP/2.0, HTTP/1.32, RTSP/1.0 → 400 or 505",
    8: "request line without version → 400",
    9: "NUL in the target → 400",
    10: "raw non-ASCII target → 400",
    11: "//[bad → 400, no traceback",
    12: "request line over the limit → 414",
    13: "header over the limit → 431",
    14: "one header too many → 431",
    15: "folded header → 400",
    16: "space before the colon → 400",
    17: "NUL, bare CR, BEL in a value → 400",
    18: "Content-Length +1, -1, 1_0, 0x1, empty → 400",
    19: "two Content-Lengths → 400",
    20: "Content-Length with Transfer-Encoding → 400",
    21: "Transfer-Encoding xchunked, ,chunked, twice → 400 or 501",
    22: "Transfer-Encoding on 1.0 → 400",
    23: "chunk size 0x5, 5_, ' 5', overflowing → 400",
    24: "chunk without CRLF → 400",
    25: "Content-Length, Transfer-Encoding or Host in trailers → 400",
    26: "body over the limit, declared or chunked → 413",
    27: "a smuggled second request never reaches the application",
    28: "25 pipelined requests → 25 answers in order",
    29: "Expect: 100-continue on 1.0 → no 1xx",
    30: "HEAD → no body",
    31: "an application's header with CR or LF → 500, nothing injected",
    32: "more than Content-Length → cut and close; less → close",
    33: "silent or slow head → close or 408 at the deadline",
    34: "stalled or dripping body → 408",
    35: "a client that never reads → closed, memory bounded",
    36: "1,000 slow heads → others still get 200",
    37: "half-open SSE, WebSocket, telnet → reaped within two heartbeats",
    38: "SIGTERM → requests under way finish, WebSocket 1001, bounded exit",
    39: "%zz, %ff in a query → 400 or U+FFFD, never 500",
    40: "JSON that is not UTF-8 → 400",
    41: "deeply nested JSON → 400",
    42: "a compressed bomb → 415",
    43: "POST with a foreign Origin → 403",
    44: "a WebSocket with a foreign Origin → 403 before any 101",
    45: "a WebSocket's bad key → 400, a version that is not 13 → 426",
    46: "an unmasked frame → 1002, bad UTF-8 → 1007",
    47: "an oversize message, an inflation bomb → 1009",
    48: "65,536 fragments → 1009",
    49: "JSONP callback alert(1)// → 400; a good one gets /**/ and nosniff",
    50: "CR or LF in SSE id or data → split safely",
    51: "bad Last-Event-ID → 400",
    52: "telnet: IAC flood, endless line → bounded, closed",
    53: "kill -9 in a loop → nothing acknowledged is lost or doubled",
    55: "hostile names and texts → shown as text",
    56: "two sessions take one name → 409; a bad name → 400",
}


def numbers(item: Any) -> set[int]:
    """The cases that a test is marked with: ``@pytest.mark.case(12)``."""
    return {number for mark in item.iter_markers("case") for number in mark.args}


class Report:
    """Counts, per case, tests and how they ended."""

    def __init__(self) -> None:
        self.cases: dict[str, set[int]] = {}  # by test
        self.passed: Counter[int] = Counter()
        self.failed: Counter[int] = Counter()

    def pytest_collection_finish(self, session: Any) -> None:
        self.cases = {item.nodeid: numbers(item) for item in session.items}

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.failed or (report.when == "call" and report.passed):
            count = self.failed if report.failed else self.passed
            count.update(self.cases[report.nodeid])

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        tests = Counter(number for cases in self.cases.values() for number in cases)
        terminalreporter.section("acceptance list")
        for number, words in CASES.items():
            said = f"{self.passed[number]} of {tests[number]} passed"
            good = self.passed[number] == tests[number] > 0 and not self.failed[number]
            terminalreporter.line(f"{number:3} {words:64}{said}", green=good, red=not good)


def pytest_configure(config: Any) -> None:
    config.pluginmanager.register(Report())
