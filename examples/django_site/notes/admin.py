"""What the admin shows."""

from django.contrib import admin

from django_site.notes.models import Note


@admin.register(Note)
class NoteAdmin(admin.ModelAdmin):
    """Notes, the newest first."""

    list_display = ("text", "written")
    search_fields = ("text",)
