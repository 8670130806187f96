"""The published guide, ready as bytes: every page rendered once, the same for every reader.

A process renders the whole guide when it first needs it, and again within a second of the next
publication. Between publications a page is a look-up in a dictionary. While the database can't be reached, or
a page can't be rendered, the last edition goes on being served.
"""

import gzip
import hashlib
import logging
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

import brotli
from django.apps import apps
from django.db import Error, connection
from django.db.models import Count, Max
from django.template.loader import render_to_string
from django.utils.translation import override

from . import images, language, releases
from .pages import Guide, PageSpec, Records, machine_pages, pages, read
from .publishing import Publication, Redirect

logger = logging.getLogger(__name__)

CHECK_SECONDS = 0.5  # with the time it takes to render, a publication is there within a second
FOR_A_MINUTE = "public, max-age=60"
HTML = "text/html; charset=utf-8"
ENCODINGS = ("br", "gzip")  # the smallest first
FOR_GOOD = "public, max-age=31536000, immutable"


Headers = list[tuple[str, str]]


@dataclass(frozen=True)
class Encoded:
    """A page in one encoding, and the headers that are its own."""

    body: bytes
    etag: str
    about: Headers  # what comes with the body
    kept: Headers  # how long it may be kept, and what it is known by


@dataclass(frozen=True)
class Page:
    """A page as it goes to readers, compressed too unless it is a picture."""

    body: bytes
    content_type: str
    etag: str
    cache: str = FOR_A_MINUTE
    compressed: Mapping[str, bytes] = field(default_factory=dict)  # by encoding

    def encoded(self, accepted: str) -> Encoded:
        """Return the page in the smallest encoding that a request's Accept-Encoding names, or as it is."""
        for encoding in _accepted(accepted):
            if encoding in self.compressed:
                return self._in_each[encoding]
        return self._in_each[""]

    @cached_property
    def _in_each(self) -> dict[str, Encoded]:
        """The page in each encoding, made once."""
        return {encoding: self._in(encoding, body) for encoding, body in {"": self.body, **self.compressed}.items()}

    def _in(self, encoding: str, body: bytes) -> Encoded:
        etag = f'{self.etag[:-1]}-{encoding}"' if encoding else self.etag
        about = [("Content-Type", self.content_type), ("Content-Length", str(len(body))), ("Vary", "Accept-Encoding")]
        about += [("Content-Encoding", encoding)] if encoding else []
        return Encoded(body, etag, about, [("Cache-Control", self.cache), ("ETag", etag)])


@lru_cache(maxsize=200)
def _accepted(header: str) -> list[str]:
    """Return which encodings of ours an Accept-Encoding names, and not with the weight 0. See RFC 9110, 12.5.3."""
    named = (item.partition(";") for item in header.lower().split(","))
    wanted = {name.strip() for name, _, weight in named if weight.replace(" ", "").rstrip(".0") != "q="}
    return [encoding for encoding in ENCODINGS if encoding in wanted]


@dataclass(frozen=True)
class Edition:
    """One state of the whole guide: its records by language, and its pages by address."""

    number: int
    guides: Mapping[str, Guide]
    pages: Mapping[str, Page]
    moved: Mapping[str, str]  # from old addresses to those of today
    not_found: Mapping[tuple[str, str], Page]  # by language, and by the name of what was asked for

    def missing(self, code: str, name: str | None) -> Page:
        """Return the page for an address where nothing is; with the questions or countries, if one was asked for."""
        return self.not_found.get((code, name or "")) or self.not_found[code, ""]

    @property
    def guide(self) -> Guide:
        """The guide in the language that is spoken now."""
        return self.guides[language.current()]


class _Shelf:
    """The edition this process has, and when it last looked for a newer one."""

    edition: Edition | None = None
    # Of the publications looked at last, whether they could be rendered or not: the newest number, and how many there
    # are. On PostgreSQL a lower number may appear after a higher one.
    seen: dict[str, int | None] | None = None
    checked_at = 0.0

    def is_fresh(self) -> bool:
        return self.edition is not None and time.monotonic() - self.checked_at < CHECK_SECONDS


_shelf = _Shelf()
_lock = threading.Lock()


def current() -> Edition:
    """Return the edition readers see, at most `CHECK_SECONDS` behind the last publication.

    Raises `django.db.Error` only if this process has never had an edition to serve.
    """
    # One thread looks for a newer edition; the others are served the one there is, if there is one.
    if not _shelf.is_fresh() and _lock.acquire(blocking=_shelf.edition is None):
        try:
            if not _shelf.is_fresh():
                _refresh()
        finally:
            _lock.release()
    assert _shelf.edition is not None  # noqa: S101 - _refresh sets it or raises
    return _shelf.edition


def _refresh() -> None:
    """Put the newest edition on the shelf. Whatever fails, the one that is there stays."""
    try:
        releases.carry_out_due()
        seen = Publication.objects.aggregate(number=Max("pk"), count=Count("pk"))
        if _shelf.edition is None or _shelf.seen != seen:
            _shelf.seen = seen
            _shelf.edition = render(seen["number"] or 0, _in_every_language(read()))
    except Exception as error:
        if isinstance(error, Error):
            connection.close()
            _shelf.seen = None  # look again when it is back
        if _shelf.edition is None:
            raise
        logger.exception("A new edition could not be made; readers keep number %s.", _shelf.edition.number)
    _shelf.checked_at = time.monotonic()


def render(number: int, guides: Mapping[str, Guide]) -> Edition:
    """Render every page of the guide, in every language."""
    rendered: dict[str, Page] = {}
    not_found: dict[tuple[str, str], Page] = {}
    for code, guide in guides.items():
        with override(code):
            rendered |= {page.path: _page(page) for page in pages(guide)}
            not_found |= {(code, name): _not_found(**lists) for name, lists in _there_instead(guide).items()}
    rendered |= {page.path: _page(page) for page in machine_pages(guides[language.ORIGINAL])}
    moved = _moved(guides)
    followed = {path: _following(page, moved) for path, page in rendered.items()}
    return Edition(number, guides, followed | _pictures(), moved, not_found)


def _there_instead(guide: Guide) -> dict[str, dict[str, Any]]:
    """What somebody sees who asks for something that is not there, by its kind of address: what is there of it."""
    return {"": {}, "question": {"questions": guide.questions}, "country": {"countries": guide.countries}}


def _not_found(**lists: Any) -> Page:
    return _finished(render_to_string("404.html", lists).encode(), HTML)


def _moved(guides: Mapping[str, Guide]) -> dict[str, str]:
    """Return where every old address leads, in each language, as far as readers see its record."""
    today = {(type(record), record.pk): record for record in guides[language.ORIGINAL].records_with_addresses}
    moved: dict[str, str] = {}
    for old in Redirect.objects.all():
        model = apps.get_model("guide", old.kind)
        if record := today.get((model, old.record)):
            paths = model(slug=old.slug).get_absolute_url(), record.get_absolute_url()
            moved |= {language.address(paths[0], code): language.address(paths[1], code) for code in language.CODES}
    return moved


def _following(page: Page, moved: Mapping[str, str]) -> Page:
    """Return a page whose links lead to the addresses of today."""
    body = page.body
    for old, new in moved.items():
        for end in ('"', "#"):
            body = body.replace(f'href="{old}{end}'.encode(), f'href="{new}{end}'.encode())
    return page if body == page.body else _finished(body, page.content_type)


def _in_every_language(records: Records) -> dict[str, Guide]:
    return {code: Guide.of(records, code) for code in language.CODES}


def _page(page: PageSpec) -> Page:
    body = render_to_string(page.template, {**page.context, "path": page.path}).strip().encode() + b"\n"
    return _finished(body, page.content_type)


def _finished(body: bytes, content_type: str) -> Page:
    # Brotli's quality 5 takes a tenth of the time that its best takes, for a page that is a seventh larger.
    compressed = {"br": brotli.compress(body, quality=5), "gzip": gzip.compress(body, mtime=0)}
    return Page(body, content_type, f'"{hashlib.sha256(body).hexdigest()[:32]}"', compressed=compressed)


def _pictures() -> dict[str, Page]:
    """The pictures of the guide. An address has a digest of what stands there, which never changes."""
    return {
        image.get_absolute_url(): Page(bytes(image.data), images.CONTENT_TYPE, f'"{image.digest[:32]}"', FOR_GOOD)
        for image in images.Image.objects.shown()
    }


def forget() -> None:
    """Drop the edition in memory, so that the next reader's is rendered anew."""
    _shelf.edition, _shelf.seen = None, None
