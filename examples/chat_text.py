"""The chat over a WebSocket, as lines of text: says what is typed, shows what is said."""

import sys
from threading import Thread

from websockets.sync.client import connect


def show(room):
    for line in room:
        print(line, flush=True)


with connect(sys.argv[1]) as room:  # ws://localhost:5001/ws
    Thread(target=show, args=[room]).start()
    for line in sys.stdin:
        room.send(line)
