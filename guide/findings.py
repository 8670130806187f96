"""What there is to say about a record before readers see it: `proofreading` with everything the site knows."""

from collections.abc import Iterator
from typing import Any

from django.db import models
from django.urls import reverse
from django.utils import timezone

from . import language, proofreading
from .images import Image
from .links import Addresses
from .models import Country, HelpLine, Page, Question, Section, Source
from .pages import Guide, pages, read
from .proofreading import Finding
from .publishing import Editable, Redirect
from .readability import Readability, measure

# Pages of the journal that a text may link to.
_DOORS = ("journal", "join", "sign-in", "account", "recover", "leave")


def addresses() -> Addresses:
    """Collect where a link inside the site can lead. About fifteen queries: ask once for many records."""
    guide = Guide.of(read(), language.ORIGINAL)
    old = {_kind(redirect.kind)(slug=redirect.slug).get_absolute_url() for redirect in Redirect.objects.all()}
    pictures = {image.get_absolute_url() for image in Image.objects.shown().defer("data")}
    live = {page.path for page in pages(guide)} | {reverse(name) for name in _DOORS} | old | pictures
    rows = [row for kind in (Section, Question, Country, Page) for row in kind._rows().filter(archived_at=None)]
    drafts = {row.get_absolute_url() for row in rows}
    return Addresses(live, live | drafts)


def find(record: Editable, known: Addresses) -> list[Finding]:
    """Return what there is to say about a record as it is, saved or not; errors first."""
    fields = list(_texts(record))
    texts = {field.name: getattr(record, field.name) for field in fields}
    required = [field.name for field in fields if not field.blank]
    found = proofreading.proofread(texts, known, required, record.language)
    if isinstance(record, Section) and not record.original_id:
        found += proofreading.source_findings(record.sources)
    if isinstance(record, HelpLine) and not record.original_id:
        found += proofreading.help_line_findings(record.verified_on, timezone.localdate())
    return found


def readability(record: Editable) -> Readability:
    return measure(*(getattr(record, field.name) for field in _texts(record)))


def _texts(record: Editable) -> Iterator[Any]:
    """Yield the fields in which words for readers stand, the body last."""
    for name in (*(("title",) if isinstance(record, Source) else record.translated), "body"):
        field = record._meta.get_field(name)
        if isinstance(field, models.Field) and field.editable:
            yield field


def _kind(name: str) -> type[Any]:
    return {"section": Section, "page": Page}[name]
