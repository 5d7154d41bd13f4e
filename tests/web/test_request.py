"""The names of headers in the environ, and the request that comes again."""

from cogen.web.request import Request, cgi_name


def test_an_underscore_gives_no_name():
    assert cgi_name(b"X_A") == ""
    assert cgi_name(b"x-a") == "HTTP_X_A"


def test_a_request_that_comes_again_has_a_body_of_its_own():
    request = Request()
    request.method, request.target = "GET", b"/"
    request.headers["HTTP_HOST"] = "a"
    again = request.again()
    assert (again.method, again.target, again.headers) == ("GET", b"/", {"HTTP_HOST": "a"})
    assert again.body is not request.body
    assert again.body.complete
