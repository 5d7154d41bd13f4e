"""The end of a WebSocket of the chat: what was said before it is said, and not what comes after."""

import json

import pytest
from websockets.frames import Close, Frame, Opcode

from tests.chatapp.harness import Site
from tests.web.peer import Peer

SAID = ["one", "two", "three", "four"]


def come(site, query="", *subprotocols):
    peer = Peer(site, f"/ws{query}", list(subprotocols) or None)
    assert peer.status == 101
    return peer


@pytest.mark.parametrize("how", ["bye", "end", "reset"])
@pytest.mark.parametrize("json_form", [False, True], ids=["text", "json"])
def test_all_is_said_that_was_said_before_the_end(how, json_form):
    """As ``printf 'one\\ntwo\\n' | websocat ws://...`` does."""
    site = Site()
    peer = come(site, "", *(["chat.v1.json"] if json_form else []))
    site.store.later = site.loop.call_soon
    for text in SAID:
        peer.say(json.dumps({"type": "say", "text": text}) if json_form else text, settle=False)
    getattr(peer, how)()
    assert site.said() == SAID
    peer.end() if not peer.gone else None
    site.advance(60)
    assert site.scheduler.statistics().coroutines == 0


def test_who_is_told_to_go_is_not_heard_any_more():
    site = Site()
    peer = come(site)
    cookie = (peer.header("set-cookie") or "").partition(";")[0]
    site.roster.leave(site.sessions.load(cookie).id)  # it logs out in another window
    site.settle()
    peer.send(Frame(Opcode.TEXT, b"hello").serialize(mask=True))  # its goodbye is on its way
    assert site.said() == []
    assert peer.farewell == Close(1000, "You are not in this room any more.")
