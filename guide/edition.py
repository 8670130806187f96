"""The published guide, ready as bytes: every page rendered once, the same for every reader.

A process renders the whole guide when it first needs it, and again within a second of the next
publication. Between publications a page is a look-up in a dictionary. While the database can't be reached
the last edition goes on being served.
"""

import hashlib
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import DatabaseError, connection
from django.template.loader import render_to_string

from .models import Publication
from .pages import Guide, pages

CHECK_SECONDS = 1.0


@dataclass(frozen=True)
class Page:
    """A page as it goes to readers."""

    body: bytes
    content_type: str
    etag: str


@dataclass(frozen=True)
class Edition:
    """One state of the whole guide: its records, and its pages by address."""

    number: int
    guide: Guide
    pages: Mapping[str, Page]


_lock = threading.Lock()
_current: Edition | None = None
_checked_at = 0.0


def current() -> Edition:
    """Return the edition readers see, at most `CHECK_SECONDS` behind the last publication.

    Raises `DatabaseError` only if this process has never had an edition to serve.
    """
    global _current, _checked_at
    known = _current
    if known and time.monotonic() - _checked_at < CHECK_SECONDS:
        return known
    with _lock:
        if _current and (_current is not known or time.monotonic() - _checked_at < CHECK_SECONDS):
            return _current
        try:
            number = Publication.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
            if _current is None or _current.number != number:
                _current = render(number, Guide.live())
        except DatabaseError:
            connection.close()
            if _current is None:
                raise
        _checked_at = time.monotonic()
        return _current


def render(number: int, guide: Guide) -> Edition:
    """Render every page of a guide."""
    rendered = {}
    for page in pages(guide):
        body = render_to_string(page.template, dict(page.context)).strip().encode() + b"\n"
        etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        rendered[page.path] = Page(body, page.content_type, etag)
    return Edition(number, guide, rendered)


def forget() -> None:
    """Drop the edition in memory, so that the next reader's is rendered anew."""
    global _current, _checked_at
    _current, _checked_at = None, 0.0
