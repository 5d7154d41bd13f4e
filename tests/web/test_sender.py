import pytest

from cogen.web.body import Body
from cogen.web.sender import STEP, Sender
from cogen.web.settings import ServerSettings


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def sender(clock):
    return Sender(ServerSettings(head_timeout=10, body_timeout=30, keep_alive=75), clock)


def test_a_new_connection_has_the_time_of_a_head(sender):
    assert not sender.overdue(109.9)
    assert sender.overdue(110)


def test_between_two_requests_it_has_longer_than_within_one(sender):
    sender.await_request(in_head=False)
    assert sender.deadline == 175
    sender.await_request(in_head=True)
    assert sender.deadline == 110


def test_each_step_of_a_body_gives_time_and_a_drop_gives_none(sender, clock):
    body = Body()
    sender.rest()
    sender.await_body(body)
    assert sender.deadline == 130
    clock.now = 120
    body.feed(b"a" * (STEP - 1))
    sender.await_body(body)
    assert sender.deadline == 130
    body.feed(b"a")
    sender.await_body(body)
    assert sender.deadline == 150
    body.finish()
    sender.await_body(body)
    assert not sender.overdue(1e9)
    body.close()


def test_at_rest_nothing_is_due_for_so_long(sender):
    sender.rest()
    assert not sender.overdue(1e9)
    sender.rest(2)
    assert sender.deadline == 102
