"""Who the client is behind a proxy, and who cannot say so."""

import pytest

from cogen.errors import SettingsError
from cogen.web.forwarded import Forwarded, TrustedPeers


def seen(allow, peer, **headers):
    """The environ that the application gets."""
    environ = {
        "REMOTE_ADDR": peer,
        "REMOTE_PORT": "50000",
        "wsgi.url_scheme": "http",
        "HTTP_HOST": "inside:8080",
        **{f"HTTP_X_FORWARDED_{name.upper()}": value for name, value in headers.items()},
    }
    got = []
    application = Forwarded(lambda environ, _: got.append(dict(environ)) or [], TrustedPeers(allow))
    assert application(environ, None) == []
    return got[0]


def test_a_listed_proxy_says_who_the_client_is():
    environ = seen("10.0.0.1", "10.0.0.1", For="192.0.2.7", Proto="https", Host="chat.example:444")
    assert environ["REMOTE_ADDR"] == "192.0.2.7"
    assert environ["wsgi.url_scheme"] == "https"
    assert environ["HTTP_HOST"] == "chat.example:444"
    assert "REMOTE_PORT" not in environ


def test_anybody_else_keeps_the_headers_and_they_do_nothing():
    environ = seen("10.0.0.1", "10.0.0.2", For="192.0.2.7", Proto="https", Host="evil.example")
    assert environ["REMOTE_ADDR"] == "10.0.0.2"
    assert environ["REMOTE_PORT"] == "50000"
    assert environ["wsgi.url_scheme"] == "http"
    assert environ["HTTP_HOST"] == "inside:8080"
    assert environ["HTTP_X_FORWARDED_FOR"] == "192.0.2.7"


@pytest.mark.parametrize(
    ("forwarded_for", "client"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("127.0.0.1, 192.0.2.7", "192.0.2.7"),  # the client made up the first
        ("10.0.0.1, 192.0.2.7, 10.9.9.9", "192.0.2.7"),  # through two of ours
        ("10.0.0.3, 10.0.0.2", "10.0.0.3"),  # from inside
        ("192.0.2.7:4711", "192.0.2.7"),
        ("2001:db8::7", "2001:db8::7"),
        ("[2001:db8::7]:4711", "2001:db8::7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("nonsense, 192.0.2.7", "192.0.2.7"),
        ("nonsense, 10.0.0.2", "10.0.0.2"),
        ("192.0.2.7, nonsense", "10.0.0.1"),
        ("192.0.2.7, unknown", "10.0.0.1"),
        ("192.0.2.7, ", "10.0.0.1"),
        ("192.0.2.7:port", "10.0.0.1"),
        ("[2001:db8::7", "10.0.0.1"),
        ("[2001:db8::7]x", "10.0.0.1"),
        ("192.0.2.777", "10.0.0.1"),
        ("192.0.2.7\x1b[2J", "10.0.0.1"),
        ("", "10.0.0.1"),
    ],
)
def test_the_client_is_the_last_address_that_is_not_ours(forwarded_for, client):
    assert seen("10.0.0.0/8", "10.0.0.1", For=forwarded_for)["REMOTE_ADDR"] == client


@pytest.mark.parametrize(
    ("allow", "peer", "heeded"),
    [
        ("10.0.0.1,10.0.0.2", "10.0.0.2", True),
        ("10.0.0.0/24 , ::1", "10.0.0.77", True),
        ("10.0.0.0/24", "10.0.1.77", False),
        ("::1", "::1", True),
        ("127.0.0.1", "::ffff:127.0.0.1", True),
        ("unix", "", True),
        ("unix", "127.0.0.1", False),
        ("127.0.0.1", "", False),
        ("*", "203.0.113.9", True),
        ("*", "", True),
        ("fe80::/10", "fe80::1%eth0", True),
    ],
)
def test_peers(allow, peer, heeded):
    assert (seen(allow, peer, For="192.0.2.7")["REMOTE_ADDR"] == "192.0.2.7") is heeded


def test_with_a_star_the_client_cannot_make_up_an_address_either():
    assert seen("*", "10.0.0.1", For="127.0.0.1, 192.0.2.7")["REMOTE_ADDR"] == "192.0.2.7"


@pytest.mark.parametrize(
    "headers",
    [
        {"Proto": "javascript"},
        {"Proto": "https, ftp"},
        {"Proto": ""},
        {"Host": "a b"},
        {"Host": "evil.example/path"},
        {"Host": "user@evil.example"},
        {"Host": "a:999999"},
        {"Host": ""},
    ],
)
def test_what_is_malformed_changes_nothing(headers):
    environ = seen("*", "10.0.0.1", **headers)
    assert environ["wsgi.url_scheme"] == "http"
    assert environ["HTTP_HOST"] == "inside:8080"
    assert environ["REMOTE_PORT"] == "50000"


def test_the_nearest_proxy_has_the_last_word_on_scheme_and_host():
    environ = seen("*", "10.0.0.1", Proto="http, HTTPS", Host="evil.example, chat.example")
    assert environ["wsgi.url_scheme"] == "https"
    assert environ["HTTP_HOST"] == "chat.example"


@pytest.mark.parametrize("text", ["10.0.0.1/8", "localhost", "10.0.0", "10.0.0.1 10.0.0.2", "**"])
def test_a_list_with_something_else_in_it_is_refused(text):
    with pytest.raises(SettingsError, match="forwarded_allow_ips: ") as raised:
        TrustedPeers(text)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("text", ["", " ", ","])
def test_an_empty_list_trusts_nobody(text):
    assert not TrustedPeers(text)
    assert not TrustedPeers(text).peer("127.0.0.1")
    assert not TrustedPeers(text).peer("")
