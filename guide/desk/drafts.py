"""Looking at drafts: on their public page, with what there is to say about them, and beside other versions."""

from itertools import zip_longest
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from guide import findings, previews
from guide.publishing import Editable

from . import words

VERSIONS_ON_A_PAGE = 50


def preview(desk: Any, request: HttpRequest, pk: str | None = None) -> HttpResponse:
    """Show the form that was sent, as it stands, on its public page. Nothing is saved."""
    record, form = _unsaved(desk, request, pk)
    html = previews.render(record, banner="Preview. Readers don’t see this.", framed=True) if record else None
    context = {"title": "Preview", "html": html, "form": form, "nowhere": record is not None and html is None}
    return TemplateResponse(request, "admin/guide/preview.html", {**admin.site.each_context(request), **context})


def check(desk: Any, request: HttpRequest, pk: str | None = None) -> HttpResponse:
    """Say what there is to say about the form that was sent. Nothing is saved."""
    record, _ = _unsaved(desk, request, pk)
    return HttpResponse(panel(record) if record else "", content_type="text/html; charset=utf-8")


def panel(record: Editable) -> SafeString:
    """Return words, minutes, grade and findings of a record, saved or not."""
    context = {
        "record": record,
        "measures": findings.readability(record),
        "findings": findings.find(record, findings.addresses()),
    }
    return render_to_string("admin/guide/checks.html", context)


def history(desk: Any, request: HttpRequest, pk: str) -> HttpResponse:
    """List every save of a record, newest first, each with the one before it."""
    record = _record(desk, request, pk)
    pages = Paginator(record.history.select_related("history_user"), VERSIONS_ON_A_PAGE)
    page = pages.get_page(request.GET.get("p"))
    numbers = list(record.history.values_list("history_id", flat=True)[page.start_index() : page.end_index() + 1])
    context = {
        "title": f"History of {record}",
        "opts": desk.opts,
        "module_name": capfirst(desk.opts.verbose_name_plural),
        "object": record,
        "page_obj": page,
        "versions": list(zip_longest(page.object_list, numbers[: len(page.object_list)])),
    }
    return TemplateResponse(request, "admin/guide/versions.html", {**admin.site.each_context(request), **context})


def compare(desk: Any, request: HttpRequest, pk: str) -> HttpResponse:
    """Show two versions of a record side by side in one text, word by word."""
    record = _record(desk, request, pk)
    newest = record.history.latest().history_id
    before, after = (_version(record, request.GET.get(name) or newest) for name in ("from", "to"))
    context = {
        "title": f"What changed: {record}",
        "record": record,
        "before": before,
        "after": after,
        "fields": list(words.fields(record.version(before.history_id), record.version(after.history_id))),
        "history": reverse(f"admin:guide_{desk.opts.model_name}_history", args=[record.pk]),
    }
    return TemplateResponse(request, "admin/guide/compare.html", {**admin.site.each_context(request), **context})


def restore(desk: Any, request: HttpRequest, pk: str, version: int) -> HttpResponse:
    """Save an old version again, as a draft."""
    record = _record(desk, request, pk, change=True)
    try:
        record.restore(_version(record, version).history_id, by=request.user)
    except ValidationError as problem:
        messages.error(request, f"Not restored: {' '.join(problem.messages)}")
    else:
        desk.log_change(request, record, f"Restored version {version} as a draft.")
        messages.success(request, "Restored as a draft. Readers see what they saw until it is published.")
    return redirect(reverse(f"admin:guide_{desk.opts.model_name}_change", args=[record.pk]))


def discard(desk: Any, request: HttpRequest, pk: str) -> HttpResponse:
    """Go back to what readers see."""
    record = _record(desk, request, pk, change=True)
    if record.live is None:
        messages.error(request, "Readers see nothing of it, so there is nothing to go back to.")
    else:
        record.discard_draft(by=request.user)
        desk.log_change(request, record, "Discarded the draft.")
        messages.success(request, "Discarded. The draft stays in the history.")
    return redirect(reverse(f"admin:guide_{desk.opts.model_name}_change", args=[record.pk]))


def link(desk: Any, request: HttpRequest, pk: str) -> HttpResponse:
    """Make a link that shows what was saved last to a reviewer without an account, for an hour."""
    record = _record(desk, request, pk)
    address = request.build_absolute_uri(reverse("draft", args=[previews.seal(record)]))
    desk.log_change(request, record, "Made a link for a reviewer.")
    context = {"title": "A link for a reviewer", "record": record, "address": address}
    return TemplateResponse(request, "admin/guide/link.html", {**admin.site.each_context(request), **context})


def _record(desk: Any, request: HttpRequest, pk: str, *, change: bool = False) -> Any:
    record = desk.get_object(request, pk)
    if record is None:
        raise Http404
    may = desk.has_change_permission if change else desk.has_view_permission
    if not may(request, record):
        raise PermissionDenied
    return record


def _version(record: Any, number: Any) -> Any:
    found = record.history.filter(history_id=int(number)).first() if str(number).isdigit() else None
    if found is None:
        raise Http404
    return found


def _unsaved(desk: Any, request: HttpRequest, pk: str | None) -> tuple[Any, Any]:
    """Return the record that a sent form makes, unsaved, and the form; no record if the form can't be read."""
    record = _record(desk, request, pk, change=True) if pk else None
    if record is None and not desk.has_add_permission(request):
        raise PermissionDenied
    form = desk.get_form(request, record, change=record is not None)(request.POST, instance=record)
    form.fields.pop("base", None)  # a preview of a stale form is still a preview
    if not form.is_valid():
        return None, form
    unsaved = form.save(commit=False)
    unsaved.follow_original()
    unsaved.render()
    return unsaved, form
