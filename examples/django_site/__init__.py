"""A small Django project that lives beside the chat; see docs/django.md."""
