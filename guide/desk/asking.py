"""What an editor asks for, and what the desk answers: shared by buttons, actions and the page of releases."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.db.models import Exists, OuterRef
from django.http import HttpRequest

from guide import releases
from guide.plans import Change, Release

PUBLISHED = "Published. Readers see it now; a page they have just opened may stay as it was for a minute."
TAKEN_OFF = "Taken off the site. Nothing was deleted."
WAITS = "Saved, and readers still see what they saw. A second person has to say yes first: it is on the page Desk."
SCHEDULED = "Planned. Readers see what they saw until then. What is planned is on the page Desk."


def may_publish(request: HttpRequest, kind: str) -> bool:
    return request.user.has_perm(f"guide.publish_{kind}")


def ask(
    request: HttpRequest, changes: Iterable[Change], note: str = "", due_at: datetime | None = None
) -> Release | None:
    """Ask for changes in the name of who is signed in, say what came of it, and log it. None if it was refused."""
    changes = list(changes)
    try:
        release = releases.ask(changes, request.user, note, due_at)
    except releases.RefusedError as error:
        for problem in error.problems:
            messages.error(request, f"Not published. {problem}")
        return None
    release.refresh_from_db()
    for change in changes:
        log(request, change, _in_words(release, change))
    messages.success(request, answer(release, changes))
    return release


def log(request: HttpRequest, change: Change, words: str) -> None:
    """Write into the desk's log what was done with a record."""
    row = change.model.objects.get(pk=change.record)
    LogEntry.objects.log_actions(request.user.pk or 0, [row], CHANGE, change_message=words, single_object=True)


def answer(release: Release, changes: list[Change]) -> str:
    """Say what came of a release, as it is now."""
    if release.done_at:
        return PUBLISHED if any(change.version for change in changes) else TAKEN_OFF
    return WAITS if release.waits else SCHEDULED


def _in_words(release: Release, change: Change) -> str:
    what = f"version {change.version}" if change.version else "taking it off the site"
    state = "Published" if release.done_at else "Asked for a yes to" if release.waits else "Planned"
    return f"{state}: {what}{f' ({release.note})' if release.note else ''}."


def with_plans(queryset: Any) -> Any:
    """Add ``waits`` and ``scheduled``: whether an open release is about the record."""
    mine = Change.objects.filter(
        kind=queryset.model._meta.model_name, record=OuterRef("pk"), release__in=Release.objects.open()
    )
    waiting = mine.filter(release__in=Release.objects.waiting())
    return queryset.annotate(waits=Exists(waiting), scheduled=Exists(mine.exclude(release__due_at=None)))


def state_of(record: Any) -> str:
    """Say what readers see of a row (with ``newest``, ``waits`` and ``scheduled``), and what is planned."""
    if record.archived_at:
        return "archived"
    state = "draft" if record.live is None else "live" if record.live == record.newest else "live + draft"
    waits = ", waits for a second person" if record.waits else ""
    return f"{state}{waits}{', scheduled' if record.scheduled else ''}"
