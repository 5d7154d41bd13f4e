import pytest

from cogen.web.inbox import PIECE, Inbox


def test_what_was_put_comes_out_in_order_and_in_small_pieces():
    inbox = Inbox()
    data = bytes(range(256)) * 300
    inbox.put(data[:10])
    inbox.put(data[10:])
    assert inbox.size == len(inbox) == len(data)
    pieces = []
    while inbox.size:
        pieces.append(inbox.take())
    assert b"".join(pieces) == data
    assert max(len(piece) for piece in pieces) == PIECE


def test_nothing_is_there():
    inbox = Inbox()
    inbox.put(b"")
    with pytest.raises(IndexError):
        inbox.take()
    inbox.put(b"a")
    inbox.clear()
    assert not inbox.size
    with pytest.raises(IndexError):
        inbox.take()
