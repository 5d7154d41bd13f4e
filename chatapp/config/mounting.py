"""Other applications below a path of the chat, by keys of its section: ``/chatter = chatter``.

They have the chat's sessions, and the chat itself in ``environ['chatapp.chat']``. Paste's URLMap in
front of the chat would do that too, but for the sessions; and every poll would go through it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from chatapp.controllers.live import CHAT
from chatapp.lib.chat import Chat
from cogen.web.exchange import Application

__all__ = ["Mounts"]


class Mounts:
    """Calls the application that is mounted at the longest part of the path; else the fallback.

    Args:
        applications: by path.
        chat: what they find in the environ.
        fallback: gets what is below no mount.
    """

    def __init__(
        self, applications: Mapping[str, Application], chat: Chat, fallback: Application
    ) -> None:
        self._applications = sorted(applications.items(), key=lambda each: -len(each[0]))
        self._chat = chat
        self._fallback = fallback

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        path: str = environ["PATH_INFO"]
        for mount, application in self._applications:
            if path.startswith(mount) and path[len(mount) : len(mount) + 1] in ("", "/"):
                environ["SCRIPT_NAME"] += mount
                environ["PATH_INFO"] = path[len(mount) :]
                environ[CHAT] = self._chat
                return application(environ, start_response)
        return self._fallback(environ, start_response)
