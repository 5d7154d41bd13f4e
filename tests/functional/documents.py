"""What a page of the docs tells its reader to type, and a shell that types it."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

__all__ = ["Shell", "Step", "agrees", "blocks", "steps"]

DOCS = Path(__file__).parents[2] / "docs"
MARK = "-- done --"


class Step(NamedTuple):
    """Something to do, in the page's order.

    Attributes:
        file: the name of a file that is to have this content; "" for a command.
        text: the content, or the command.
        shown: what the page says that the command prints; ``…`` for what differs.
    """

    file: str
    text: str
    shown: str = ""


def blocks(page: str, language: str) -> list[str]:
    """The contents of its blocks in a language."""
    text = (DOCS / page).read_text()
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def steps(page: str, *languages: str) -> list[Step]:
    """Its files (blocks ``sh`` that begin with a comment and a name) and commands (``console``);
    where languages are named, of these only, else there may be no others."""
    found = []
    text = (DOCS / page).read_text()
    for language, block in re.findall(r"^```(\w+)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
        if languages and language not in languages:
            continue
        if language == "sh":
            name = re.match(r"# (\w+\.sh)", block)
            assert name, f"no file's name: {block}"
            found.append(Step(name[1], block))
        else:
            assert language == "console", f"nobody runs this: {block}"
            for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
                command, _, shown = part.partition("\n")
                found.append(Step("", command, shown))
    return found


def agrees(printed: str, shown: str) -> bool:
    """It is what the page shows."""
    pattern = ".+?".join(re.escape(part) for part in shown.strip("\n").split("…"))
    return re.fullmatch(pattern, printed.replace("\r", "").strip("\n")) is not None


class Shell:
    """One bash, for commands that follow each other; ends with all that it has started."""

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            ["bash", "--norc"],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            text=True,
        )

    def run(self, command: str) -> str:
        """What it prints, errors too."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{command}\nprintf '\\n{MARK}\\n'\n")
        self._process.stdin.flush()
        printed = ""
        while not printed.endswith(f"\n{MARK}\n"):
            line = self._process.stdout.readline()
            assert line, f"the shell has ended: {printed}"
            printed += line
        return printed.removesuffix(f"\n{MARK}\n")

    def __enter__(self) -> Shell:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate()
