"""What there is to do: the page Desk, and the page Checks with what there is to say about every text."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import groupby
from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from guide import findings
from guide.models import KINDS, HelpLine
from guide.plans import Release
from guide.proofreading import STALE_DAYS
from guide.publishing import Editable, Redirect

from . import asking
from .releases import may_settle


@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """Show what is to be done."""
    stale = timezone.localdate() - timedelta(days=STALE_DAYS)
    lines = HelpLine.objects.originals().exclude(live=None)
    done = Release.objects.exclude(done_at=None).select_related("asked_by", "approved_by").prefetch_related("changes")
    opened = Release.objects.open().select_related("asked_by").prefetch_related("changes")
    drafts = (row for model in _kinds(request) for row in asking.with_plans(_rows(model).with_newest()))
    context = {
        "title": "Desk",
        "waiting": list(_with_rows(request, opened.waiting())),
        "planned": list(_with_rows(request, opened.exclude(due_at=None).exclude(pk__in=opened.waiting()))),
        "drafts": [(row, asking.state_of(row)) for row in drafts if row.live != row.newest],
        "lines": lines.filter(Q(verified_on=None) | Q(verified_on__lt=stale)).order_by("verified_on", "country"),
        "stale_days": STALE_DAYS,
        "done": done.order_by("-done_at")[:10],
    }
    return TemplateResponse(request, "admin/guide/desk.html", {**admin.site.each_context(request), **context})


@require_safe
def checks(request: HttpRequest) -> HttpResponse:
    """Show what there is to say about every record as it was saved last."""
    known = findings.addresses()
    rows = [row for model in _kinds(request) for row in _rows(model)]
    moved = list(Redirect.objects.all())
    checked = [(row, findings.readability(row), findings.find(row, known)) for row in rows]
    context = {
        "title": "Checks",
        "kinds": [(kind, list(group)) for kind, group in groupby(checked, lambda each: type(each[0])._meta)],
        "errors": sum(finding.level == "error" for _, _, found in checked for finding in found),
        "moved": [(old, row) for row, *_ in checked for old in moved if (old.kind, old.record) == _name(row)],
        "warnings": sum(finding.level != "error" for _, _, found in checked for finding in found),
    }
    return TemplateResponse(request, "admin/guide/all_checks.html", {**admin.site.each_context(request), **context})


def _kinds(request: HttpRequest) -> Iterator[type[Editable]]:
    return (model for model in KINDS.values() if request.user.has_perm(f"guide.view_{model._meta.model_name}"))


def _name(row: Any) -> tuple[str, int]:
    return str(row._meta.model_name), row.pk


def _rows(model: type[Editable]) -> Any:
    return model._rows().filter(archived_at=None).order_by("language", *(model._meta.ordering or ()))


def _with_rows(request: HttpRequest, releases: Iterable[Release]) -> Iterator[tuple[Release, bool, list[Any]]]:
    """Yield releases, whether this person may settle them, and their changes with the records they are about."""
    releases = list(releases)
    changes = [change for release in releases for change in release.changes.all()]
    rows: dict[str, dict[int, Any]] = {}
    for kind, model in ((change.kind, change.model) for change in changes):
        if kind not in rows:
            rows[kind] = model._rows().in_bulk([change.record for change in changes if change.kind == kind])
    for release in releases:
        about = [(change, rows[change.kind][change.record]) for change in release.changes.all()]
        yield release, may_settle(request, release), about
