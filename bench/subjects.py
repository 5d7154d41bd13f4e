"""Who is measured: how each is started, and how one polls and pushes there."""

from __future__ import annotations

import importlib.util
import os
import re
import resource
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from bench.browser import chromium, chromium_version
from bench.processes import ROOT, Process, free_port
from bench.stream import SPEAKER

__all__ = ["SUBJECTS", "Subject"]

PEERS = Path(__file__).parent / "peers"
SCRIPTS = Path(sys.executable).parent
NCHAN = "ngx_nchan_module.so"
MODULES = [Path("/usr/lib/nginx/modules"), Path("/usr/lib64/nginx/modules")]


@dataclass(frozen=True)
class Subject:
    """One server.

    Attributes:
        name: as ``ONLY`` names it.
        title: as the tables name it.
        packages: distributions whose versions matter.
        command: gives what is run, for a folder of its own and a port.
        absent: gives what is missing here, or nothing.
        push, pull, batch, socket: where it is done; the last is a WebSocket.
        calls: below it are ``open``, ``send``, ``poll`` and ``socket``, as of a live page.
        page: where people read and write.
        carrier: what carries that page, as it says itself.
        lacking: what the browser is not to have, so that it comes to that.
        sessions: each client has one, which its first request makes; the chat adds who says it.
        cursor: how a poll in the row of the batches says what it has: by the session's
            ``cookie``, by a ``number``, or in the way of ``nchan``.
    """

    name: str
    title: str
    packages: tuple[str, ...]
    command: Callable[[Path, int], list[str]]
    absent: Callable[[], str]
    push: str = "/push"
    pull: str = "/pull"
    batch: str = "/batch"
    socket: str = "/socket"
    plain: str = "/plain"
    calls: str = "/calls"
    page: str = ""
    carrier: str = ""
    lacking: str = ""
    sessions: bool = False
    cursor: str = "number"

    @contextmanager
    def running(self, folder: Path) -> Iterator[Process]:
        """The server, listening, until the end of the block."""
        port = free_port()
        with Process(self.command(folder, port), port, folder / "log") as process:
            yield process.listen()

    @property
    def cut(self) -> slice:
        """What of a line is pushed: the chat adds who says it, and the line's end."""
        return slice(len(SPEAKER) + 2, -2) if self.sessions else slice(None)

    def versions(self) -> dict[str, str]:
        """Of its packages, as far as they are here."""
        found = {}
        for package in self.packages:
            if package == "nginx":
                found.update(_nginx_versions())
                continue
            if package == "chromium":
                found[package] = chromium_version()
                continue
            try:
                found[package] = version(package)
            except PackageNotFoundError:
                continue
        return found


def _module(name: str, *arguments: str) -> Callable[[Path, int], list[str]]:
    return lambda folder, port: [
        sys.executable, "-m", f"bench.peers.{name}", str(port), *arguments
    ]  # fmt: skip


def _gunicorn(*arguments: str) -> Callable[[Path, int], list[str]]:
    return lambda folder, port: [
        sys.executable, "-m", "gunicorn", "bench.peers.plain:application", "--workers", "1",
        "--bind", f"127.0.0.1:{port}", "--log-level", "warning", "--no-control-socket", *arguments,
    ]  # fmt: skip


def _lacks(*packages: str) -> Callable[[], str]:
    def absent() -> str:
        return " ".join(name for name in packages if importlib.util.find_spec(name) is None)

    return absent


def _lacks_browser_or(*packages: str) -> Callable[[], str]:
    absent = _lacks(*packages)
    return lambda: absent() if chromium() else "Chromium"


def _chat(durability: str) -> Callable[[Path, int], list[str]]:
    def command(folder: Path, port: int) -> list[str]:
        ini = (PEERS / "chat.ini").read_text()
        path = folder / "chat.ini"
        path.write_text(ini.replace("PORT", str(port)).replace("DURABILITY", durability))
        return [str(SCRIPTS / "paster"), "serve", str(path)]

    return command


_paster = _chat("process")


# What `make compile` makes; python -m would look into its own folder first.
COMPILED = ROOT / "build" / "compiled"
_FIRST = ["env", "PYTHONSAFEPATH=1", f"PYTHONPATH={COMPILED}{os.pathsep}{ROOT}"]


def _compiled(command: Callable[[Path, int], list[str]]) -> Callable[[Path, int], list[str]]:
    return lambda folder, port: [*_FIRST, *command(folder, port)]


def _lacks_compiled() -> str:
    suffix = sysconfig.get_config_var("EXT_SUFFIX")
    return "" if (COMPILED / "cogen" / "core" / f"queue{suffix}").exists() else "make compile"


def _nginx() -> str | None:
    return shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")


def _nchan_module() -> Path | None:
    return next((each / NCHAN for each in MODULES if (each / NCHAN).exists()), None)


def _nchan(folder: Path, port: int) -> list[str]:
    path = folder / "nchan.conf"
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    path.write_text(
        (PEERS / "nchan.conf").read_text().format(
            folder=folder, module=_nchan_module(), port=port, files=files, connections=files - 100
        )
    )  # fmt: skip
    return [str(_nginx()), "-p", str(folder), "-c", str(path)]


def _lacks_nchan() -> str:
    if _nginx() is None:
        return "nginx"
    return "" if _nchan_module() is not None else "nchan"


def _nginx_versions() -> dict[str, str]:
    if _lacks_nchan():
        return {}
    said = subprocess.run([str(_nginx()), "-v"], capture_output=True, text=True, check=False)
    found = re.search(r"nginx/(\S+)", said.stderr)
    versions = {"nginx": found[1] if found else "unknown"}
    query = ["dpkg-query", "-W", "-f", "${Version}", "libnginx-mod-nchan"]
    if shutil.which("dpkg-query"):
        said = subprocess.run(query, capture_output=True, text=True, check=False)
        if said.returncode == 0:
            versions["nchan"] = said.stdout.strip()
    return versions


UVICORN = ("uvicorn", "uvloop", "httptools")
PAGES = ("chromium", "playwright")
CHAT_PAGES = _lacks_browser_or("paste", "chatapp")

_ALL = (
    Subject(
        "cogen", "cogen", ("uvloop", "httptools", "websockets"), _module("cogen"), _lacks("cogen"),
    ),
    Subject(
        "cogen4", "cogen, 4 middlewares", (), _module("cogen", "4"), _lacks("cogen"),
    ),
    Subject(
        "cogen-compiled", "cogen, compiled", (), _compiled(_module("cogen")), _lacks_compiled,
    ),
    Subject(
        "chatapp", "ChatApp", ("Paste", "PasteScript"), _paster, _lacks("paste", "chatapp"),
        push="/chat/push", pull="/chat/pull", batch="/chat/pull", socket="/ws?history=0",
        sessions=True, cursor="cookie",
    ),
    Subject(
        "chatapp-compiled", "ChatApp, compiled", (), _compiled(_paster), _lacks_compiled,
        push="/chat/push", pull="/chat/pull", batch="/chat/pull", sessions=True, cursor="cookie",
    ),
    Subject(
        "chatapp-power", "ChatApp, durability = power", (), _chat("power"),
        _lacks("paste", "chatapp"),
        push="/chat/push", pull="/chat/pull", batch="/chat/pull", sessions=True, cursor="cookie",
    ),
    Subject(
        "page-websocket", "ChatApp, WebSocket", PAGES, _paster, CHAT_PAGES,
        page="/chats/1/", carrier="WebSocket",
    ),
    Subject(
        "page-events", "ChatApp, server-sent events", PAGES, _paster, CHAT_PAGES,
        page="/chats/1/", carrier="server-sent events", lacking="WebSocket",
    ),
    Subject(
        "page-longpoll", "ChatApp, long-poll", PAGES, _paster, CHAT_PAGES,
        page="/chats/long_poll/1/", carrier="long-poll",
    ),
    Subject(
        "page-bare", "bare page on websockets", (*PAGES, "websockets"), _module("bare"),
        _lacks_browser_or("websockets"), page="/bare", carrier="WebSocket",
    ),
    Subject("asgi", "bare ASGI on uvicorn", UVICORN, _module("asgi"), _lacks("uvicorn")),
    Subject(
        "starlette", "Starlette on uvicorn", ("starlette", *UVICORN), _module("starlette"),
        _lacks("starlette", "uvicorn"),
    ),
    Subject("aiohttp", "aiohttp", ("aiohttp", "uvloop"), _module("aiohttp"), _lacks("aiohttp")),
    Subject(
        "websockets", "websockets", ("websockets", "uvloop"), _module("websockets"),
        _lacks("websockets"),
    ),
    Subject(
        "tornado", "Tornado", ("tornado", "uvloop"), _module("tornado"), _lacks("tornado"),
    ),
    Subject(
        "gevent", "gevent pywsgi", ("gevent",), _module("gevent"), _lacks("gevent"),
    ),
    Subject("nchan", "nchan (nginx)", ("nginx",), _nchan, _lacks_nchan, cursor="nchan"),
    Subject(
        "gunicorn-sync", "gunicorn sync", ("gunicorn",), _gunicorn("-k", "sync"),
        _lacks("gunicorn"),
    ),
    Subject(
        "gunicorn-gthread", "gunicorn gthread", ("gunicorn",),
        _gunicorn("-k", "gthread", "--threads", "8", "--keep-alive", "75"), _lacks("gunicorn"),
    ),
    Subject(
        "gunicorn-gevent", "gunicorn gevent", ("gunicorn", "gevent"),
        _gunicorn("-k", "gevent", "--keep-alive", "75"), _lacks("gunicorn", "gevent"),
    ),
)  # fmt: skip

SUBJECTS = {each.name: each for each in _ALL}
