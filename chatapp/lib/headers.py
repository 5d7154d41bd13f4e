"""The headers that keep a page safe: only what we serve ourselves runs in it, or is shown."""

from __future__ import annotations

from typing import Final

__all__ = ["PAGE", "POLICIES"]

_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "img-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)

POLICIES: Final = (
    ("Content-Security-Policy", _POLICY),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
)

PAGE: Final = (("X-Content-Type-Options", "nosniff"), *POLICIES)  # of what is sent as it lies there
