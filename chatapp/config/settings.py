"""Every setting of the chat: ``chat.…`` keys of ``[app:main]``. The only place."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

__all__ = ["ChatSettings"]

Count = Annotated[int, Meta(ge=1)]
Seconds = Annotated[float, Meta(gt=0, le=31_536_000)]  # a year; never infinity
Rate = Annotated[float, Meta(ge=0, le=1_000_000)]


class ChatSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Each is overridden by an environment variable: ``CHAT_WINDOW`` for ``chat.window``."""

    data: Annotated[
        str, Meta(min_length=1, description="folder for what must outlive the process")
    ] = "data"
    secret: Annotated[
        str,
        Meta(
            pattern="^(.{32,})?$",
            description="signs the sessions; made at the first start and kept in data",
        ),
    ] = ""
    admin_token: Annotated[
        str,
        Meta(
            pattern="^([!-~]{16,})?$",
            description="who sends it is the administrator; without it nobody is",
        ),
    ] = ""
    window: Annotated[Count, Meta(description="messages that the room's log holds")] = 1000
    queue_size: Annotated[Count, Meta(description="messages that a client's queue holds")] = 10
    queue_bytes: Annotated[
        Count, Meta(description="characters of the texts that a client's queue holds")
    ] = 65_536
    linger: Annotated[
        Seconds, Meta(description="without a pull, after which a person has left the room")
    ] = 15.0
    pull_timeout: Annotated[Seconds, Meta(description="the longest wait of a pull")] = 10.0
    heartbeat: Annotated[
        Seconds, Meta(description="of silence, after which a stream says that it is still there")
    ] = 15.0
    idle: Annotated[
        Seconds, Meta(description="without a pull, after which a client is removed")
    ] = 60.0
    max_text: Annotated[Count, Meta(description="bytes of UTF-8 in a message")] = 8192
    max_clients: Annotated[Count, Meta(description="clients at the same time; then 503")] = 100_000
    push_rate: Annotated[
        Rate, Meta(description="messages a second that one may send; 0 for no limit")
    ] = 0.0
    login_rate: Annotated[
        Rate, Meta(description="names a second that one may choose; 0 for no limit")
    ] = 0.0
    room_rate: Annotated[
        Rate, Meta(description="rooms a second that one may make; 0 for no limit")
    ] = 0.0
