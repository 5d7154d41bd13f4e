"""One table."""

from django.db import models


class Note(models.Model):
    """What somebody wrote, and when."""

    text = models.CharField(max_length=200)
    written = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-written", "-id")

    def __str__(self) -> str:
        return self.text
