"""Django, whose settings are the process's: configured once, for all tests."""

import types
from collections.abc import Iterator
from contextlib import contextmanager

import django
from django.conf import settings
from django.test import override_settings
from django.urls import path


@contextmanager
def project(middleware: tuple[str, ...] = (), **views) -> Iterator[None]:
    """Settings for a while: each view at the address that is its name."""
    configure()
    urls = types.ModuleType("urls")
    urls.urlpatterns = [path(name, view) for name, view in views.items()]
    with override_settings(ROOT_URLCONF=urls, MIDDLEWARE=list(middleware)):
        yield


def configure() -> None:
    """The least that Django needs."""
    if not settings.configured:
        sqlite = {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
        settings.configure(
            ALLOWED_HOSTS=["*"],
            ROOT_URLCONF=__name__,
            SECRET_KEY="secret",
            DATABASES={"default": sqlite},
        )
        django.setup()
