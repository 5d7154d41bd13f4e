"""Doors beside HTTP: opened with the server, ended with it."""

import subprocess
import sys
import textwrap

from tests.functional.chat_server import ROOT

PROGRAM = """
    import os, signal, socket
    from cogen.web.duplex import Duplex
    from cogen.web.gateways import announce, announced
    from cogen.web.server import Server
    from cogen.web.settings import ServerSettings

    class Loud(socket.socket):
        def listen(self, *backlog):
            super().listen(*backlog)
            os.kill(os.getpid(), signal.SIGTERM)  # from whoever has waited for this

    class Gateway:
        def bind(self, settings):
            sock = Loud()
            sock.bind((settings.host, 0))
            return sock

        def connect(self, service):
            return Duplex(service)

    announce(Gateway())
    gateways = announced()
    assert announced() == [] and len(gateways) == 1
    Server(lambda *_: [], ServerSettings(port=0), gateways=gateways).run()
    print("ended")
"""


def test_a_signal_that_comes_as_soon_as_it_listens_ends_it_gracefully():
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(PROGRAM)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert (done.returncode, done.stdout) == (0, "ended\n"), done.stderr
