"""The application."""

from django.apps import AppConfig


class NotesConfig(AppConfig):
    """For ``INSTALLED_APPS``."""

    name = "django_site.notes"
