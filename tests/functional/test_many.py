"""5,000 waiting requests and one push: each gets it exactly once."""

import asyncio
import resource
import threading

import pytest
import uvloop

from cogen.core.events import Signal, WaitForSignal
from tests.functional.servers import serving

CLIENTS = 5000
GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


@pytest.fixture(autouse=True)
def descriptors():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = 2 * CLIENTS + 500
    if hard != resource.RLIM_INFINITY and hard < needed:
        pytest.fail(f"only {hard} file descriptors are allowed")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, needed), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def poll(environ, start_response):
    start_response("200 OK", [])
    yield environ["cogen.yield"](WaitForSignal("push"))
    yield environ["cogen.wsgi"].take()


def middleware(application):
    def through(environ, start_response):
        body = application(environ, start_response)
        try:
            yield from body
        finally:
            body.close()

    return through


class Client(asyncio.Protocol):
    """Asks, and keeps what comes."""

    def __init__(self):
        self.got = b""

    def connection_made(self, transport):
        self.transport = transport
        transport.write(GET)

    def data_received(self, data):
        self.got += data


async def wait(ready, seconds=30):
    async with asyncio.timeout(seconds):
        while not ready():
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("layers", [0, 4])
def test_each_gets_it_exactly_once(layers):
    application = poll
    for _ in range(layers):
        application = middleware(application)

    before = threading.active_count()  # tests before may have left some that rest

    async def main(server):
        loop = asyncio.get_running_loop()
        clients = []
        for _ in range(CLIENTS // 250):
            made = await asyncio.gather(
                *(loop.create_connection(Client, "127.0.0.1", server.port) for _ in range(250))
            )
            clients += [client for _, client in made]
        await wait(lambda: server.parked() == CLIENTS)
        threads = threading.active_count() - before
        server.call(push, server)
        await wait(lambda: sum(client.got.endswith(b"0\r\n\r\n") for client in clients) == CLIENTS)
        await asyncio.sleep(0.1)
        assert threads < 10
        assert [client.got.count(b"\r\n4\r\nnews\r\n") for client in clients] == [1] * CLIENTS
        assert [client.got.count(b"HTTP/1.1 200 OK") for client in clients] == [1] * CLIENTS
        for client in clients:
            client.transport.abort()

    with (
        serving(application, backlog=CLIENTS) as server,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        runner.run(main(server))


def push(server):
    def coroutine():
        yield Signal("push", b"news")

    server.server._service.scheduler.add(coroutine)
