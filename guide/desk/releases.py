"""Asking for a release, saying yes to one, calling one off."""

from collections.abc import Iterator
from typing import Any, cast
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.apps import apps
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.forms.widgets import Script
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from guide import releases
from guide.models import KINDS
from guide.plans import Change, Release

from . import asking


class ReleaseForm(forms.Form):
    """What goes live together, why, and when."""

    chosen = forms.MultipleChoiceField(
        label="Records",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Tick at least one record."},
    )
    act = forms.ChoiceField(
        label="What",
        widget=forms.RadioSelect,
        initial="publish",
        choices=[("publish", "Publish what was saved last"), ("take-off", "Take off the site")],
    )
    note = forms.CharField(label="Why", max_length=200, required=False, help_text="For the others at the desk.")
    at = forms.DateTimeField(
        label="When",
        required=False,
        help_text="Leave it empty for now.",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"],
    )
    zone = forms.ChoiceField(
        label="Time zone",
        choices=[(name, name) for name in sorted(available_timezones())],
        widget=forms.Select(attrs={"data-own-zone": ""}),
        help_text="Yours, as far as the browser says it.",
    )

    class Media:
        js = (Script("js/zone.js", defer=True),)

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_bound:
            del self.fields["zone"].widget.attrs["data-own-zone"]  # it was chosen
        cast(forms.MultipleChoiceField, self.fields["chosen"]).choices = choices

    def clean(self) -> dict[str, Any]:
        """Read the time as the clock of its zone shows it."""
        values = super().clean() or {}
        at, zone = values.get("at"), values.get("zone")
        if at and zone:
            when = at.replace(tzinfo=ZoneInfo(zone))
            if when.astimezone(ZoneInfo("UTC")).astimezone(when.tzinfo) != when:
                raise ValidationError({"at": "The clocks are put forward then: there is no such time on that day."})
            if when <= timezone.now():
                raise ValidationError({"at": "That time is past."})
            values["at"] = when
        return values

    def changes(self) -> Iterator[Change]:
        for name in self.cleaned_data["chosen"]:
            kind, _, pk = name.partition(":")
            row = apps.get_model("guide", kind).objects.get(pk=pk)
            yield Change.to_newest(row) if self.cleaned_data["act"] == "publish" else Change.to_nothing(row)


def publishable(request: HttpRequest) -> Iterator[Any]:
    """Yield every record that this person may publish, those with something new first in each kind."""
    for model in KINDS.values():
        if asking.may_publish(request, str(model._meta.model_name)):
            rows = asking.with_plans(model._rows().with_newest().filter(archived_at=None))
            yield from rows.order_by("language", *(model._meta.ordering or ()))


def new(request: HttpRequest) -> HttpResponse:
    """Ask for a release of several records, now or at a time."""
    rows = list(publishable(request))
    if not rows:
        raise PermissionDenied
    choices = [(name_of(row), f"{row._meta.verbose_name}: {row} ({asking.state_of(row)})") for row in rows]
    initial = {"chosen": request.GET.getlist("record"), "zone": settings.TIME_ZONE}
    form = ReleaseForm(request.POST if request.method == "POST" else None, choices=choices, initial=initial)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        if asking.ask(request, form.changes(), values["note"], values["at"]):
            return redirect("desk")
    context = {**admin.site.each_context(request), "title": "Publish together or at a time", "form": form}
    return TemplateResponse(request, "admin/guide/release.html", context)


@require_POST
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Say yes to a release as the second person."""
    release = get_object_or_404(Release, pk=pk)
    _refuse_strangers(request, release)
    try:
        releases.approve(release, request.user)
    except releases.RefusedError as error:
        for problem in error.problems:
            messages.error(request, f"Not published. {problem}")
    else:
        release.refresh_from_db()
        changes = list(release.changes.all())
        for change in changes:
            asking.log(request, change, f"Said yes as the second person: release {release.pk}.")
        messages.success(request, asking.answer(release, changes))
    return redirect("desk")


@require_POST
def call_off(request: HttpRequest, pk: int) -> HttpResponse:
    """Let nothing come of a release."""
    release = get_object_or_404(Release, pk=pk)
    _refuse_strangers(request, release)
    releases.call_off(release)
    for change in release.changes.all():
        asking.log(request, change, f"Called off: release {release.pk}.")
    messages.success(request, "Called off. What was saved stays saved.")
    return redirect("desk")


def _refuse_strangers(request: HttpRequest, release: Release) -> None:
    if not may_settle(request, release):
        raise PermissionDenied


def may_settle(request: HttpRequest, release: Release) -> bool:
    """Whether this person may publish everything in a release."""
    return all(asking.may_publish(request, change.kind) for change in release.changes.all())


def name_of(record: Any) -> str:
    """Return how a form names a record: its kind and its number."""
    return f"{record._meta.model_name}:{record.pk}"
