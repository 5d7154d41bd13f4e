"""Every setting of the server: name, type, bounds, default, one line why. The only place.

`read` makes such a table from an ini section and the environment; the chat's settings use it too.
"""

from __future__ import annotations

import difflib
import os
import resource
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, get_args, get_type_hints

import msgspec
from msgspec import Meta

from cogen.errors import SettingsError
from cogen.web.http11 import Limits

__all__ = ["SECRET", "ServerSettings", "describe", "read"]

S = TypeVar("S", bound=msgspec.Struct)

Port = Annotated[int, Meta(ge=0, le=65535)]
Size = Annotated[int, Meta(ge=1)]
Seconds = Annotated[float, Meta(gt=0, le=31_536_000)]

SECRET = frozenset(("keyfile_password",))  # never shown, and never in a command line


class ServerSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``[server:main]`` of the ini file. Sizes in bytes, times in seconds."""

    host: Annotated[str, Meta(description="address to listen on")] = "127.0.0.1"
    port: Annotated[Port, Meta(description="port to listen on; 0 lets the system choose")] = 8080
    unix_socket: Annotated[
        str, Meta(description="path of a unix socket to listen on instead of host and port")
    ] = ""
    backlog: Annotated[Size, Meta(description="connections the kernel holds until accepted")] = 2048
    max_connections: Annotated[
        int,
        Meta(ge=0, description="open at once; 0 for as many as file descriptors allow; then 503"),
    ] = 0
    max_request_line: Annotated[Size, Meta(description="longer ones are answered 414")] = 8192
    max_header: Annotated[Size, Meta(description="a larger header is answered 431")] = 8192
    max_headers: Annotated[Size, Meta(description="more headers are answered 431")] = 100
    max_body: Annotated[Size, Meta(description="a larger body is answered 413")] = 1024 * 1024
    head_timeout: Annotated[
        Seconds, Meta(description="for a request's head to arrive: silent connections, slow heads")
    ] = 10.0
    body_timeout: Annotated[
        Seconds, Meta(description="for the body's next KiB to arrive, or all of a smaller one")
    ] = 30.0
    write_timeout: Annotated[
        Seconds, Meta(description="for a client that does not read to read on")
    ] = 60.0
    ack_timeout: Annotated[
        Seconds, Meta(description="for a client's machine to acknowledge what a long answer says")
    ] = 25.0
    keep_alive: Annotated[
        float,
        Meta(
            ge=0, le=31_536_000, description="for the next request on an open connection; 0 closes"
        ),
    ] = 75.0
    websocket_max_message: Annotated[
        Size, Meta(description="a larger message ends its WebSocket with 1009")
    ] = 64 * 1024
    websocket_heartbeat: Annotated[
        Seconds,
        Meta(description="of silence, after which a WebSocket is pinged; after twice it is gone"),
    ] = 20.0
    websocket_compression: Annotated[
        bool, Meta(description="permessage-deflate, for clients that offer it")
    ] = False
    graceful_timeout: Annotated[
        Seconds, Meta(description="for requests under way to end when the server is stopped")
    ] = 30.0
    stream_bodies: Annotated[
        bool,
        Meta(description="call the application before the body is there: see cogen.input"),
    ] = False
    workers: Annotated[
        int,
        Meta(ge=1, le=1024, description="processes that share the port, each with its own memory"),
    ] = 1
    certfile: Annotated[
        str, Meta(description="file with the certificate and its chain (PEM): serve HTTPS")
    ] = ""
    keyfile: Annotated[
        str, Meta(description="file with its private key (PEM), when certfile has none")
    ] = ""
    keyfile_password: Annotated[str, Meta(description="password of the private key")] = ""
    forwarded_allow_ips: Annotated[
        str, Meta(description="peers whose X-Forwarded-… counts: addresses, networks, unix, *")
    ] = ""
    access_log: Annotated[
        str, Meta(description="file with a line for each request; - for standard output")
    ] = ""
    access_log_format: Annotated[
        Literal["combined", "json"], Meta(description="of these lines: combined or json")
    ] = "combined"
    reload: Annotated[bool, Meta(description="start again when a file changes")] = False
    debug: Annotated[
        bool, Meta(description="send tracebacks to clients; never where others can reach it")
    ] = False

    def limits(self) -> Limits:
        """The part that a request's parser needs."""
        return Limits(self.max_request_line, self.max_header, self.max_headers, self.max_body)

    def connections(self) -> int:
        """How many connections may be open: what file descriptors allow, less a reserve."""
        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        most = max(1, soft - min(64, soft // 4))
        return min(most, self.max_connections) if self.max_connections else most


def read(
    table: type[S],
    section: Mapping[str, str],
    environment: Mapping[str, str] | None = None,
    *,
    prefix: str = "",
    variables: str = "",
    flags: Mapping[str, str] | None = None,
) -> S:
    """Make a table of settings from an ini section; the environment has the last word.

    Args:
        table: a Struct whose fields are the settings.
        section: the keys of the ini section.
        environment: by default the process's.
        prefix: what every key in the section begins with, e.g. ``chat.``; other keys are refused.
        variables: what the names of environment variables begin with, e.g. ``COGEN_``. A variable
            ``…_FILE`` names a file that holds the value.
        flags: of a command line, by the setting's name; these count most.

    Raises:
        SettingsError: a key that is unknown, or a value that does not fit; one line, naming it.
    """
    environment = os.environ if environment is None else environment
    names = table.__struct_fields__
    values: dict[str, str] = {}
    said: dict[str, str] = {}  # by whom
    for key, value in section.items():
        name = key.removeprefix(prefix)
        if name not in names or not key.startswith(prefix):
            near = difflib.get_close_matches(key, [prefix + each for each in names], 1)
            hint = f" (did you mean {near[0]!r}?)" if near else ""
            raise SettingsError(f"unknown setting {key!r}{hint}")
        values[name] = value
        said[name] = key
    _refuse_unknown(environment, variables, names)
    for name in names:
        variable = variables + name.upper()
        if f"{variable}_FILE" in environment:
            values[name] = _file(f"{variable}_FILE", environment[f"{variable}_FILE"])
            said[name] = f"{variable}_FILE"
        elif variable in environment:
            values[name] = environment[variable]
            said[name] = variable
    for name, value in (flags or {}).items():
        values[name], said[name] = value, "--" + name.replace("_", "-")
    hints = get_type_hints(table, include_extras=True)
    converted = {name: _convert(said[name], value, hints[name]) for name, value in values.items()}
    return table(**converted)


def describe(table: type[msgspec.Struct]) -> list[tuple[str, Any, str]]:
    """Name, default and reason of each setting, in the table's order."""
    hints = get_type_hints(table, include_extras=True)
    described = []
    for field in msgspec.structs.fields(table):
        meta = [each for each in get_args(hints[field.name])[1:] if isinstance(each, Meta)]
        reason = " ".join(each.description for each in meta if each.description)
        described.append((field.name, field.default, reason))
    return described


_TRUE = frozenset(("true", "yes", "on", "1", "t", "y"))
_FALSE = frozenset(("false", "no", "off", "0", "f", "n"))


def _convert(key: str, value: str, hint: Any) -> Any:
    value = value.strip()
    base = get_args(hint)[0] if get_args(hint) else hint
    if base is bool:
        if value.lower() in _TRUE | _FALSE:
            return value.lower() in _TRUE
        raise SettingsError(f"{key} is true or false, not {value!r}")
    try:
        return msgspec.convert(value, hint, strict=False)
    except msgspec.ValidationError as error:
        shown = "(a secret)" if _secret(hint) else repr(value)
        raise SettingsError(f"{key} = {shown}: {error}".replace("`", "")) from None


def _secret(hint: Any) -> bool:
    extras = (each.extra or {} for each in get_args(hint)[1:] if isinstance(each, Meta))
    return any(extra.get("secret") for extra in extras)


def _refuse_unknown(environment: Mapping[str, str], variables: str, names: Any) -> None:
    known = {variables + name.upper() for name in names}
    for variable in environment:
        ours = bool(variables) and variable.startswith(variables)
        if ours and not {variable, variable.removesuffix("_FILE")} & known:
            raise SettingsError(f"unknown setting {variable} in the environment")


def _file(variable: str, path: str) -> str:
    try:
        value = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{variable}: cannot read {path!r}: {error}") from None
    if not value:
        raise SettingsError(f"{variable}: {path!r} is empty")
    return value
