"""The same small server, each time in its framework's own way.

``POST /push`` gives its body to every poll that waits; ``GET /pull`` waits for it, at most 10 s.
Where a peer takes part in the row of the batches, ``GET /batch?since=N`` answers everything after
message N, and waits if there is nothing. In the row of the fanout ``GET /socket`` is a WebSocket,
which gets every push as one text message. ``GET /plain`` is a page of 100 bytes. All of it is
text/plain and says its Content-Length. Each is run as ``python -m bench.peers.<name> PORT``.
"""

TIMEOUT = 10  # seconds
PLAIN = b"0123456789" * 10
KEPT = 1000  # messages that a log holds
