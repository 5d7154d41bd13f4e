"""A page, and a view that blocks."""

import time

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from django_site.notes.models import Note


def index(request: HttpRequest) -> HttpResponse:
    """The newest notes."""
    return render(request, "notes/index.html", {"notes": Note.objects.all()[:100]})


def slow(request: HttpRequest) -> HttpResponse:
    """As a slow database or another server would: it keeps its thread for two seconds."""
    time.sleep(2)
    return HttpResponse("slept\n", content_type="text/plain")
