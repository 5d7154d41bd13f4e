"""The cursors of chat.v1.json: a client that goes on from the last one it read loses nothing."""

import json

from tests.chatapp.harness import Site
from tests.web.peer import Peer


def come(site, cursor):
    return Peer(site, f"/ws?cursor={cursor}", ["chat.v1.json"])


def test_hello_says_where_the_client_was_so_that_the_gap_after_it_cannot_be_lost():
    site = Site(keep=5, window=3)
    begin = site.room.cursor(1)
    for number in range(20):
        site.say("bob", str(number))
    frames = [json.loads(each) for each in come(site, begin).heard()]
    hello, gap, first = frames[:3]
    assert hello["cursor"] == begin
    assert (gap["type"], gap["missed"], gap["cursor"]) == ("gap", 14, site.room.cursor(15))
    assert first["message"]["seq"] == 16
    again = come(site, hello["cursor"])
    assert json.loads(again.heard()[1]) == gap
