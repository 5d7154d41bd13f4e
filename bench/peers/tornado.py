"""Tornado, on uvloop."""

import asyncio
import sys

import uvloop
from tornado import web

from bench.peers.waiting import Waiters

waiters = Waiters()


class Pull(web.RequestHandler):
    async def get(self):
        self.set_header("Content-Type", "text/plain")
        self.write(await waiters.wait())


class Push(web.RequestHandler):
    def post(self):
        waiters.push(self.request.body)
        self.set_header("Content-Type", "text/plain")
        self.write(b"ok")


async def main():
    application = web.Application(
        [("/pull", Pull), ("/push", Push)], log_function=lambda handler: None
    )
    application.listen(int(sys.argv[1]), "127.0.0.1", backlog=2048)
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main())
