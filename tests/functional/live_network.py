"""Live elements behind a network that fails: an element and its page, which count what they saw."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Timer

from playwright.sync_api import Browser, Page

from tests.functional.browser import Room
from tests.functional.chat_server import ChatServer, python_path
from tests.functional.cutting import CuttingNetwork

__all__ = ["NO_SOCKETS", "Counting", "counting", "everything_arrives"]

# Playwright's init script of a browser that has no WebSockets.
NO_SOCKETS = "delete window.WebSocket"

# What the console says of a connection that was cut, and of a channel that is there no more; a page
# that should still have it says so itself.
CUT = re.compile(
    r"(error|warning): (WebSocket connection to 'ws://\S+' failed|.*net::ERR_|.* status of 404 )"
)

INI = """\
[app:main]
use = egg:ChatApp#live
element = counting.Counting

[server:main]
use = egg:ChatApp#cogen
host = 127.0.0.1
port = 0
"""

ELEMENT = '''\
import random

from chatapp.live import Elements, LiveElement, expose
from cogen.core.coroutines import coro
from cogen.core.events import Signal, Sleep, WaitForSignal

pages = Elements()


class Counting(LiveElement):
    jsClass = "counting.CountingWidget"

    def __init__(self):
        self.heard = []

    def connectionMade(self):
        pages.add(self)

    def connectionLost(self, reason):
        pages.callRemote("left", reason)

    @expose
    def take(self, number: int, count: int, spread: float):
        """Answered when all have come: they are in flight at the same time."""
        self.heard.append(number)
        if len(self.heard) == count:
            yield Signal(self)
        else:
            yield WaitForSignal(self)
        yield Sleep(random.random() * spread)
        return number

    @expose
    def make(self, count: int, spread: float):
        """Call the page, some at a time; gives the results."""
        calls = []
        for number in range(count):
            calls.append(self.callRemote("take", number, count, spread))
            if number % 20 == 0:
                yield Sleep(0.02)
        results = []
        for call in calls:
            results.append((yield call))
        return results

    @expose
    def slow(self, seconds: float):
        yield Sleep(seconds)
        return seconds

    @expose
    def order(self):
        return self.heard
'''

WIDGET = """\
import { Widget } from "./athena.js";

const rest = (seconds) => new Promise((done) => setTimeout(done, 1_000 * seconds));

export class CountingWidget extends Widget {
  constructor(node) {
    super(node);
    Object.assign(this, { heard: [], hooks: [], states: [], lefts: [] });
    this.all = new Promise((done) => { this.done = done; });
    window.widget = this;
  }
  connectionMade() { this.hooks.push("made"); }
  connectionLost(reason) { this.hooks.push(reason); }
  connectionChanged(state) { this.states.push(state); }
  left(reason) { this.lefts.push(reason); }

  async take(number, count, spread) {
    this.heard.push(number);
    if (this.heard.length === count) this.done();
    await this.all;
    await rest(Math.random() * spread);
    return number;
  }

  /** Calls of both sides; gives what came of each, and in which order they came. */
  async run(count, spread) {
    const made = this.callRemote("make", count, spread);
    const calls = [];
    for (let number = 0; number < count; number += 1) {
      calls.push(this.callRemote("take", number, count, spread));
      if (number % 20 === 0) await rest(0.02);
    }
    const ours = await Promise.allSettled(calls);
    const theirs = await made;
    const there = await this.callRemote("order");
    const results = ours.map(({ value, reason }) => value ?? String(reason));
    return { ours: results, theirs, here: this.heard, there };
  }
}
"""


@dataclass(frozen=True)
class Counting:
    """A server, the network before it, and browsers."""

    server: ChatServer
    network: CuttingNetwork
    room: Room

    def open(self, script: str = "", straight: bool = False) -> Page:
        """A page whose channel is there.

        Args:
            script: run before all others.
            straight: past the network.
        """
        context = self.room.context()
        if script:
            context.add_init_script(script)
        page = context.new_page()
        page.goto((self.server if straight else self.network).url)
        page.wait_for_function("() => window.widget?.hooks.length")
        return page

    def outage(self, kind: str, after: float, seconds: float) -> None:
        """There will be one: ``hold`` or ``refuse``, beginning after so many seconds."""
        Timer(after, getattr(self.network, kind)).start()
        Timer(after + seconds, self.network.release).start()

    def hears(self, page: Page, count: int, reason: str, seconds: float) -> None:
        """That so many other pages are gone, for this reason."""
        heard = "([count, reason]) => widget.lefts.join() === Array(count).fill(reason).join()"
        page.wait_for_function(heard, arg=[count, reason], timeout=1000 * seconds)


@contextlib.contextmanager
def counting(
    folder: Path, browser: Browser, seed: int, environment: dict[str, str] | None = None
) -> Iterator[Counting]:
    """All of them; the consoles may complain of what was cut, and of nothing else."""
    for name, text in (("ini", INI), ("py", ELEMENT), ("js", WIDGET)):
        (folder / f"counting.{name}").write_text(text)
    variables = {"PYTHONPATH": python_path(folder), **(environment or {})}
    server = ChatServer(folder, variables, ini=str(folder / "counting.ini"))
    server.start()
    room = Room(server, browser)
    try:
        with CuttingNetwork(server.port, seed) as network:
            yield Counting(server, network, room)
            room.close()
    finally:
        server.stop()
    complaints = [each for each in room.complaints if not CUT.match(each)]
    assert not complaints, complaints
    log = server.log.read_text()
    assert "Traceback" not in log, log


def everything_arrives(count: int, *pages: Page, spread: float = 2.0, patience: float = 60) -> None:
    """So many calls each way at once: each came once, in its order, and has its result.

    Args:
        pages: on all of which that happens at the same time.
        spread: seconds in which the results come.
        patience: seconds for all.
    """
    run = "([count, spread]) => { widget.run(count, spread).then(came => { window.came = came }) }"
    for page in pages:
        page.evaluate(run, [count, spread])
    numbers = list(range(count))
    for page in pages:
        came = page.wait_for_function("() => window.came", timeout=1000 * patience).json_value()
        for where in ("ours", "theirs", "here", "there"):
            wrong = [(n, got) for n, got in zip(numbers, came[where], strict=False) if n != got]
            assert came[where] == numbers, f"{where}: {len(came[where])} of {count}, {wrong[:5]}"
        assert page.evaluate("() => widget.hooks") == ["made"]
