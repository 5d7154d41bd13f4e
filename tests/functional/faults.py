"""What `test_store_faults` runs as a process: a store in a folder, a fault that comes and goes.

Usage: python -m tests.functional.faults FAULT FOLDER. Prints what came of it, as JSON.
"""

from __future__ import annotations

import asyncio
import json
import os
import pwd
import sys
from pathlib import Path
from typing import Any

from chatapp.model.message import Message
from chatapp.model.ports import Entry, Unavailable
from chatapp.store.opening import open_store
from cogen.errors import SettingsError

folder = Path(sys.argv[2])


def fill() -> None:
    with (folder / "filler").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            pass


def no_superuser() -> None:
    """Whom no permission would stop."""
    if os.geteuid() == 0:
        user = pwd.getpwnam("nobody")
        for path in (folder, *folder.iterdir()):
            os.chown(path, user.pw_uid, user.pw_gid)
        os.setgid(user.pw_gid)
        os.setuid(user.pw_uid)


FAULTS = {
    "full": (lambda: None, fill, lambda: (folder / "filler").unlink()),
    "read-only": (
        no_superuser,
        lambda: (folder / "chat.db").chmod(0o400),
        lambda: (folder / "chat.db").chmod(0o600),
    ),
}


async def main(fault: str) -> dict[str, Any]:
    prepare, begin, undo = FAULTS[fault]
    open_store("", folder).store.close()
    prepare()
    store = open_store("", folder).store
    end, sentences = 0, []

    async def append() -> None:
        nonlocal end
        new = [Message(1, end + n, end + n, "bob", "say", "x" * 8000) for n in range(1, 21)]
        await store.append([Entry(message) for message in new])
        end += len(new)

    begin()
    for _ in range(10):
        try:
            await append()
        except Unavailable as error:
            sentences.append(str(error))
    try:
        await store.check()
    except Unavailable as error:
        sentences.append(str(error))
    during = len((await store.after(1, 0, 10_000, 10**9)).messages), end
    undo()
    await store.check()
    await append()
    rooms = await store.rooms()
    store.close()
    return {"sentences": sentences, "during": during, "after": rooms[0].end}


def start(fault: str) -> str:
    """What the next start says while there is the fault; without it, it succeeds."""
    _, begin, undo = FAULTS[fault]
    begin()
    said = ""
    try:
        open_store("", folder).store.close()
    except SettingsError as error:
        said = str(error)
    undo()
    open_store("", folder).store.close()
    return said


if __name__ == "__main__":
    with asyncio.Runner() as runner:
        came = runner.run(main(sys.argv[1]))
    print(json.dumps({**came, "start": start(sys.argv[1])}))
