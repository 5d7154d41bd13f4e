"""Those who speak: each says its texts one after the other, and knows which were acknowledged."""

from __future__ import annotations

import json
from collections import deque

from tests.chatapp.harness import Curl, Line, Response, Site
from tests.chatapp.readers import AGAIN, give_up_unread


class Speaker:
    """Says each text once, and does not ask what became of one whose connection has dropped.

    Attributes:
        said: rooms and texts, in order.
        acknowledged: by text, the number that it was said to have.
    """

    def __init__(self, site: Site, curl: Curl | None = None) -> None:
        self.site = site
        self.curl = curl or site.curl()
        self.said: list[tuple[int, str]] = []
        self.acknowledged: dict[str, int] = {}
        self.line: Line | None = None
        self._left: deque[tuple[int, str]] = deque()
        self._next = 0.0

    def say(self, text: str, room: int = 1) -> None:
        """When what it said before is answered."""
        self._left.append((room, text))

    def began_anew(self, site: Site) -> None:
        """The server was started anew."""
        self.site = self.curl.site = site
        self._next = 0.0

    @property
    def done(self) -> bool:
        """All is said, as far as it says it again."""
        return not self._left

    def attend(self) -> bool:
        """As `Reader.attend`."""
        line = self.line
        if line is None:
            if not self._left or self.site.loop.time() < self._next:
                return False
            if self._left[0] not in self.said:
                self.said.append(self._left[0])
            self.line = self.ask(*self._left[0])
            return True
        give_up_unread(line)
        if line.answered:
            (response,) = line.answers()
            self.curl.keep(response)
            line.end()
            self.answered(response)
        elif line.transport.lost or line.closed:
            self.lost()
        else:
            return False
        self.line = None
        return True

    def ask(self, room: int, text: str) -> Line:
        """Send it."""
        target = f"/chat/push?room={room}"
        return self.curl.ask("POST", target, text.encode(), settle=False)

    def answered(self, response: Response) -> None:
        """It is said, or refused."""
        _, text = self._left.popleft()
        if response.status == 200 and response.body != b"ok\r\n":
            self.acknowledged[text] = int(response.body[3:])

    def lost(self) -> None:
        """Nobody knows whether it is said."""
        self._left.popleft()


class Stubborn(Speaker):
    """Says each text until it is acknowledged, always with the same nonce."""

    def ask(self, room: int, text: str) -> Line:
        target, nonce = f"/api/rooms/{room}/messages", text.replace(" ", "-")
        content = json.dumps({"text": text, "nonce": nonce}).encode()
        headers = {"Content_Type": "application/json"}
        return self.curl.ask("POST", target, content, settle=False, **headers)

    def answered(self, response: Response) -> None:
        if response.status not in (200, 201):
            self._next = self.site.loop.time() + AGAIN
            return
        _, text = self._left.popleft()
        seq = response.json["seq"]
        assert self.acknowledged.setdefault(text, seq) == seq

    def lost(self) -> None:
        pass

    def repeat(self) -> None:
        """Say the last one again."""
        self._left.append(self.said[-1])


class Administrator(Speaker):
    """Does each thing once: the texts are methods, paths and JSON."""

    def __init__(self, site: Site, token: str) -> None:
        super().__init__(site)
        self._authorization = f"Bearer {token}"

    def do(self, method: str, path: str, content: object = None) -> None:
        """When what it did before is answered."""
        body = json.dumps(content) if content is not None else ""
        self.say(f"{method} {path} {body}", room=0)

    def ask(self, room: int, text: str) -> Line:
        method, path, body = text.split(" ", 2)
        headers = {"Content_Type": "application/json", "Authorization": self._authorization}
        return self.curl.ask(method, path, body.encode(), settle=False, **headers)

    def answered(self, response: Response) -> None:
        self._left.popleft()
