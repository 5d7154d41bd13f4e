"""What a server asks of the kernel, in its order, by strace: how an answered push got to the disk.

kill -9 cannot show that a message survives a power cut. The order of system calls can: the message
is written to the log of the database, that is synced, and then the answer is sent.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import subprocess
import time
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from tests.functional.chat_server import ChatServer
from tests.functional.wire import Wire

__all__ = ["Traced", "traced_pushes"]

_WRITES: Final = "write,writev,pwrite64,pwritev,pwritev2,sendto,sendmsg"
_SYNCS: Final = ("fdatasync", "fsync")
# In a process of its own (-D), so that the server is our child; with the paths of descriptors (-y)
# and all that is written (-s).
_STRACE: Final = ("strace", "-D", "-f", "-y", "-s", "100000", "-e", "signal=none")
_BEGUN: Final = re.compile(r"([0-9]+) +(\w+)\([0-9]+<(.*?)>(?:, (.*))?")
_TEXT: Final = re.compile("<[0-9]+ says [0-9]+>")
_ANSWER: Final = re.compile(re.escape(r"\r\n\r\nok ") + "([0-9]+)" + re.escape(r"\r\n"))
_RESUMED: Final = re.compile(r"([0-9]+) +<\.\.\. (\w+) resumed>")


class _Call(NamedTuple):
    """One system call; the order of all beginnings and ends is that in which they were.

    Attributes:
        path: of the file, or ``socket:[…]``.
        rest: its other arguments and what came of it.
    """

    name: str
    path: str
    rest: str
    begun: int
    ended: int


class Traced(NamedTuple):
    """One push.

    Attributes:
        written: its text to the log, before its answer was sent.
        synced: and then the log was synced, between the two.
    """

    written: bool
    synced: bool


def traced_pushes(folder: Path, durability: str, speakers: int, each: int) -> list[Traced]:
    """Each of the speakers, at the same time, says so much."""
    _may_trace()
    trace = folder / "trace"
    strace = (*_STRACE, "-e", f"trace={_WRITES},{','.join(_SYNCS)}", "-o", str(trace))
    server = ChatServer(folder, {"CHAT_DURABILITY": durability}, before=strace)
    server.start()
    try:
        told = asyncio.run(_speak(server.port, speakers, each))
    finally:
        assert server.stop() == 0
    written: dict[str, _Call] = {}
    synced: list[_Call] = []
    answered: dict[int, _Call] = {}
    for call in _calls(_whole(trace, server)):
        if call.path.startswith(("socket:", "TCP:")):
            answered.update((int(number), call) for number in _ANSWER.findall(call.rest))
        elif call.path.endswith("chat.db-wal"):
            if call.name in _SYNCS:
                assert call.rest.endswith("= 0")
                synced.append(call)
            else:
                for text in _TEXT.findall(call.rest):
                    written.setdefault(text, call)
    return [_traced(written[text], synced, answered[number]) for text, number in told.items()]


def _traced(written: _Call, synced: list[_Call], answered: _Call) -> Traced:
    between = (written.ended < call.begun and call.ended < answered.begun for call in synced)
    return Traced(written.ended < answered.begun, any(between))


def _may_trace() -> None:
    done = subprocess.run([*_STRACE, "-o", "/dev/null", "true"], capture_output=True, text=True)
    if done.returncode or done.stderr:
        pytest.fail(
            "strace may not trace processes here (a container needs the capability SYS_PTRACE,"
            f" see also kernel.yama.ptrace_scope): {done.stderr.strip()}"
        )


async def _speak(port: int, speakers: int, each: int) -> dict[str, int]:
    """The number of each text."""
    told: dict[str, int] = {}

    async def speak(speaker: int) -> None:
        with contextlib.closing(Wire(port)) as wire:
            for number in range(each):
                text = f"<{speaker} says {number}>"
                answer = await wire.ask("POST", "/chat/push", text.encode())
                told[text] = int(answer.body.removeprefix(b"ok "))

    await asyncio.gather(*(speak(number) for number in range(speakers)))
    return told


def _whole(trace: Path, server: ChatServer) -> list[str]:
    """The lines, as soon as all are there: strace ends after what it traces."""
    until = time.monotonic() + 20
    while not (lines := trace.read_text().splitlines()) or "+++ exited" not in lines[-1]:
        assert time.monotonic() < until, server.log.read_text()
        time.sleep(0.02)
    return lines


def _calls(lines: list[str]) -> list[_Call]:
    calls = []
    begun: dict[str, tuple[re.Match[str], int]] = {}  # by thread; without the end
    for place, line in enumerate(lines):
        if resumed := _RESUMED.match(line):
            found = begun.pop(resumed[1], None)
            if found is not None:
                match, start = found
                calls.append(_call(match, line, start, place))
        elif match := _BEGUN.match(line):
            if line.endswith("<unfinished ...>"):
                begun[match[1]] = match, place
            else:
                calls.append(_call(match, line, place, place))
    return calls


def _call(match: re.Match[str], last: str, begun: int, ended: int) -> _Call:
    return _Call(match[2], match[3], (match[4] or "") + last, begun, ended)
