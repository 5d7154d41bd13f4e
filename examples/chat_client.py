"""A client of chat.v1.json that loses nothing: shows what is said, says what is typed.

python examples/chat_client.py ws://localhost:5001/ws ann
"""

import asyncio
import json
import random
import sys
import uuid
from contextlib import suppress

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus


class Chat:
    def __init__(self, url, name):
        self.url = url
        self.name = name
        self.cursor = None  # where it goes on
        self.cookie = None  # who it is: a nonce counts for one session
        self.unanswered = {}  # what it has said, by id, until that is acknowledged
        self.socket = None

    async def run(self):
        """Until the server wants it no more; gives its reason."""
        pause = 1.0
        while True:
            try:
                async with self.connection() as self.socket:
                    await self.begin()
                    pause = 1.0
                    while True:
                        await self.hear(json.loads(await self.socket.recv()))
            except ConnectionClosed as closed:
                if closed.rcvd is not None and closed.rcvd.code not in (1001, 1011, 1013):
                    return closed.rcvd.reason
            except InvalidStatus as refused:
                if refused.response.status_code < 500:
                    raise
            except (OSError, InvalidHandshake):
                pass  # it is not there now
            await asyncio.sleep(pause * random.random())  # not all at once
            pause = min(2 * pause, 30.0)

    def connection(self):
        url = self.url
        if self.cursor is not None:
            url += f"{'&' if '?' in url else '?'}cursor={self.cursor}"
        headers = {"Cookie": self.cookie} if self.cookie is not None else {}
        return connect(url, subprotocols=["chat.v1.json"], additional_headers=headers)

    async def begin(self):
        cookie = self.socket.response.headers.get("Set-Cookie")
        if cookie is not None:
            self.cookie = cookie.partition(";")[0]
        await self.socket.send(json.dumps({"type": "nick", "name": self.name}))
        for frame in list(self.unanswered.values()):  # what was said before is not said twice
            await self.socket.send(frame)

    async def hear(self, frame):
        self.cursor = frame.get("cursor", self.cursor)
        match frame["type"]:
            case "message" | "presence":
                print(f"{frame['message']['sender']}: {frame['message']['text']}", flush=True)
            case "gap":
                print(f"-- {frame['missed']} messages missed --", flush=True)
            case "ack":
                self.unanswered.pop(frame["id"], None)
            case "error" if "retry_after" in frame and frame.get("id") in self.unanswered:
                await asyncio.sleep(frame["retry_after"])
                await self.socket.send(self.unanswered[frame["id"]])
            case "error":
                self.unanswered.pop(frame.get("id"), None)
                print(f"-- {frame['detail']} --", flush=True)

    async def say(self, text):
        id = uuid.uuid4().hex
        frame = {"type": "say", "text": text, "nonce": id, "id": id}
        self.unanswered[id] = json.dumps(frame)
        if self.socket is not None:
            with suppress(ConnectionClosed):  # then it is said when it is back
                await self.socket.send(self.unanswered[id])


async def typed():
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    async for line in reader:
        yield line.decode()


async def main(url, name):
    chat = Chat(url, name)

    async def say_all():
        async for line in typed():
            await chat.say(line)

    saying = asyncio.create_task(say_all())
    print(await chat.run(), flush=True)
    saying.cancel()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
