"""The command line of ``cogen``: a flag for every setting, made from the table, and some more."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from typing import Any, NoReturn

from cogen.web.settings import SECRET, ServerSettings, describe

__all__ = ["LEVELS", "flag_names", "parse"]

LEVELS = ("debug", "info", "warning", "error", "critical")

USAGE = "cogen [FLAG ...] module:application | --paste file.ini"

# Further names, as other servers have them.
_ALSO = {
    "workers": ["-w"],
    "access_log": ["--access-logfile"],
    "access_log_format": ["--access-logformat"],
}

_INET = re.compile(r"(?P<host>\[[^\[\]]*\]|[^:\[\]]*):(?P<port>[0-9]+)")


def parse(arguments: Sequence[str]) -> tuple[argparse.Namespace, dict[str, str]]:
    """What is to be done, and the settings that were given, as text.

    Raises:
        SystemExit: code 2 and one line; code 0 for ``--help``.
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    flags: dict[str, str] = options.settings or {}
    if options.bind is not None:
        beside = {"host", "port", "unix_socket"} & flags.keys()
        if beside:
            flag = "--" + min(beside).replace("_", "-")
            parser.error(f"--bind and {flag} say the same; give one of them")
        flags |= options.bind
    if options.paste and options.application:
        parser.error(f"--paste brings its own application; {options.application!r} is too much")
    if not (options.paste or options.application or options.print_config):
        parser.error(f"which application? {USAGE}")
    return options, flags


def flag_names() -> list[list[str]]:
    """Every flag, with its other names."""
    return [list(action.option_strings) for action in _parser()._actions if action.option_strings]


class _Parser(argparse.ArgumentParser):
    """Errors in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"cogen: {message}\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="cogen",
        usage=USAGE,
        description="Serve a WSGI application.",
        epilog="Flags count more than the environment (HOST, PORT, COGEN_…), that more than the "
        "ini file. docs/serving.md says more.",
        allow_abbrev=False,
        add_help=False,
    )
    own = parser.add_argument_group("what to do")
    own.add_argument("application", nargs="?", metavar="module:application", help="what to serve")
    own.add_argument("--paste", metavar="FILE.INI", help="serve what an ini file describes")
    own.add_argument("--chdir", metavar="FOLDER", help="go there first; modules are found there")
    own.add_argument("--check-config", action="store_true", help="load everything, say OK, and end")
    own.add_argument("--print-config", action="store_true", help="print every setting, and end")
    own.add_argument("--log-level", choices=LEVELS, type=str.lower, help="of messages [info]")
    own.add_argument("--version", action="store_true", help="print the version, and end")
    own.add_argument("-h", "--help", action="help", help="print this, and end")
    table = parser.add_argument_group("settings")
    table.add_argument(
        "-b",
        "--bind",
        action=_Bind,
        metavar="ADDRESS",
        help="host:port, [v6]:port, :port or unix:/path",
    )
    parser.set_defaults(settings=None)
    for name, default, reason in describe(ServerSettings):
        if name not in SECRET:
            _add(table, name, default, reason)
    return parser


def _add(table: Any, name: str, default: Any, reason: str) -> None:
    flag = "--" + name.replace("_", "-")
    shown = str(default).lower() if isinstance(default, bool) else f"{default}".removesuffix(".0")
    text = f"{reason} [{shown}]" if shown else reason
    kind: dict[str, Any] = {"metavar": type(default).__name__.upper().replace("STR", "TEXT")}
    names = [*_ALSO.get(name, []), flag]
    if isinstance(default, bool):
        names.append("--no-" + flag[2:])
        kind = {"nargs": 0}
    table.add_argument(
        *names, dest=name, action=_Setting, default=argparse.SUPPRESS, help=text, **kind
    )


class _Setting(argparse.Action):
    """Keeps the text as it is; the table converts it, as it does an ini file's."""

    def __call__(
        self, parser: Any, namespace: Any, values: Any, option_string: str | None = None
    ) -> None:
        if self.nargs == 0:
            values = "false" if str(option_string).startswith("--no-") else "true"
        namespace.settings = {**(namespace.settings or {}), self.dest: values}


class _Bind(argparse.Action):
    """An address, as host and port or as a path."""

    def __call__(
        self, parser: Any, namespace: Any, values: Any, option_string: str | None = None
    ) -> None:
        if namespace.bind is not None:
            parser.error("--bind is given twice; cogen listens on one address")
        namespace.bind = _address(parser, values)


def _address(parser: argparse.ArgumentParser, text: str) -> dict[str, str]:
    if text.startswith("unix:"):
        if text == "unix:":
            parser.error("--bind unix: wants a path")
        return {"unix_socket": text.removeprefix("unix:")}
    match = _INET.fullmatch(text)
    if match is None:
        parser.error(f"--bind {text!r} is not host:port, [v6]:port, :port or unix:/path")
    # Without a host it is every address, as whoever writes it expects.
    host = match["host"].strip("[]") or ("::" if match["host"] else "0.0.0.0")  # noqa: S104
    return {"host": host, "port": match["port"], "unix_socket": ""}
