"""A page of 100 bytes as a WSGI application, for gunicorn."""

from bench.peers import PLAIN


def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(PLAIN)))])
    return [PLAIN]
