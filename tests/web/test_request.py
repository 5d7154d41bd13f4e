"""The names of headers in the environ."""

from cogen.web.request import cgi_name


def test_an_underscore_gives_no_name():
    assert cgi_name(b"X_A") == ""
    assert cgi_name(b"x-a") == "HTTP_X_A"
