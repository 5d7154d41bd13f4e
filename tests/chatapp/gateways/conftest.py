"""What the tests of the gateways share."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chatapp.gateways.telnet import TelnetGateway
from tests.chatapp.gateways.people import Person, door
from tests.chatapp.harness import Site


@pytest.fixture
def gateway(site: Site) -> TelnetGateway:
    return door(site)


@pytest.fixture
def comes(site: Site, gateway: TelnetGateway) -> Callable[..., Person]:
    """Somebody connects, and has read the greeting."""

    def coming(address: str = "192.0.2.1") -> Person:
        person = Person(site, gateway, address)
        person.sees()
        return person

    return coming
