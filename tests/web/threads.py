"""Threaded applications behind connections without sockets."""

import threading
import time

from cogen.web.threaded import Threaded
from tests.web.harness import Served


class ThreadedServed(Served):
    """An application in threads, and what is needed to wait for them."""

    def __init__(self, application, threads=10, around=None, **settings):
        self.threaded = Threaded(application, threads)
        super().__init__(around(self.threaded) if around else self.threaded, **settings)

    def until(self, ready, *args, seconds=10):
        deadline = time.monotonic() + seconds
        while True:
            self.settle()
            if ready(*args):
                return
            assert time.monotonic() < deadline, "it never was"
            time.sleep(0.001)

    def rest(self):
        """Until no thread has anything to do."""

        def resting():
            now = self.threaded.statistics()
            return now.idle == now.threads and not now.waiting

        self.until(resting)
        self.settle()

    def ask(self, *data):
        client = self.client().send(*data)
        self.rest()
        return client.take()


class Steps:
    """An application that gives a chunk each time that it is told to.

    Attributes:
        go: lets it take its next step.
        log: what has happened in the thread.
    """

    def __init__(self, *chunks):
        self.chunks = chunks
        self.go = threading.Semaphore(0)
        self.log = []
        self.threads = set()

    def __call__(self, environ, start_response):
        self.log.append("called " + environ["PATH_INFO"])
        start_response("200 OK", [("Content-Type", "text/plain")])
        return self

    def __iter__(self):
        for chunk in self.chunks:
            assert self.go.acquire(timeout=10)
            self.threads.add(threading.get_ident())
            if isinstance(chunk, Exception):
                raise chunk
            self.log.append(f"gives {chunk[:10]!r}")
            yield chunk

    def close(self):
        self.threads.add(threading.get_ident())
        self.log.append("closed")
