"""Looking back: what was written by month and by day, words looked for, and the dated versions of an entry."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from .. import changes, entries, months, search, subjects, weeks
from ..decorators import on_form, unlocked
from ..entries import Version
from ..subjects import Subject
from ..vault import Vault

ROWS_A_SCREEN = 30
LONGEST_QUERY = 200  # characters

Row = tuple[Subject, Version, str]  # what it is about, what was written, and where that is read


@require_safe
@unlocked
def timeline(request: HttpRequest, vault: Vault) -> HttpResponse:
    """List everything that was written by month, last written first. No word of a text."""
    asked = request.GET.get("from", "")
    start = int(asked[:6]) if asked.isdecimal() else 0
    found = entries.newest_beside(vault, [], start=start, count=ROWS_A_SCREEN + 1)
    older = start + ROWS_A_SCREEN if len(found) > ROWS_A_SCREEN else None
    context = {"groups": _by_month(found[:ROWS_A_SCREEN]), "start": start, "older": older}
    return render(request, "journal/timeline.html", context)


def _by_month(found: Sequence[Version]) -> list[tuple[date | None, list[Row]]]:
    """Put versions under their months. One that can't be opened has no date, and stays beside what came after it."""
    groups: dict[date | None, list[Row]] = defaultdict(list)
    when = next((month for version in found if (month := _month(version))), None)
    for version in found:
        when = _month(version) or when
        subject = subjects.of(version.entry, version.head)
        groups[when].append((subject, version, subject.write_url))
    # Somebody who travels may write in an earlier month than before.
    return sorted(groups.items(), key=lambda group: group[0] or date.min, reverse=True)


def _month(version: Version) -> date | None:
    day = _day(version)
    return day.replace(day=1) if day else None


def _day(version: Version) -> date | None:
    """The day that something was written, by the writer's clock then."""
    when = version.head.written_at if version.head else None
    return when.date() if when else None


@require_safe
@unlocked
def this_month(request: HttpRequest, vault: Vault) -> HttpResponse:
    """Lead to the month that it is where the person wrote last."""
    today = _today(vault)
    return redirect("month", today.year, today.month)


def _today(vault: Vault) -> date:
    return datetime.now(ZoneInfo(entries.last_zone(vault) or settings.TIME_ZONE)).date()


@require_safe
@unlocked
def month(request: HttpRequest, vault: Vault, year: int, month: int) -> HttpResponse:
    """Show on which days of a month something was written, and what."""
    try:
        first = months.begins(year, month)
    except ValueError:
        raise Http404 from None
    days = _by_day(entries.heads_of(vault, f"{first:%Y-%m}"))
    before, after = months.before(first), months.after(first)
    context = {
        "month": first,
        "label": months.label(first),
        "weeks": months.weeks(first),
        "days": days,
        "written": sorted(days.items()),
        "today": _today(vault),
        "before": before if before.year in months.YEARS else None,
        "after": after if after <= weeks.tomorrow() else None,
    }
    return render(request, "journal/month.html", context)


def _by_day(versions: Iterable[Version]) -> dict[date, list[Row]]:
    """Return what was written on each day: of an entry its last version of that day, the latest first."""
    days: dict[date, dict[Any, Row]] = defaultdict(dict)
    for version in versions:
        day = _day(version)
        if day and version.entry not in days[day]:
            subject = subjects.of(version.entry, version.head)
            days[day][version.entry] = (subject, version, subject.url("version", version.number))
    return {day: list(rows.values()) for day, rows in days.items()}


@on_form
@unlocked
def find(request: HttpRequest, vault: Vault) -> HttpResponse:
    """Look for words in everything somebody wrote. They come by POST, and stand in no address."""
    typed = request.POST.get("q", "")[:LONGEST_QUERY]
    query = search.Query(typed if request.method == "POST" else "")
    asked = "sentences" in request.POST
    found = search.find(vault, query, with_sentences=asked) if query else []
    context = {
        "typed": typed,
        "query": query,
        "found": found[: search.MOST],
        "most": search.MOST if len(found) > search.MOST else None,
        "with_sentences": asked,
        "longest": LONGEST_QUERY,
    }
    return render(request, "journal/search.html", context)


@require_safe
@unlocked
def history(request: HttpRequest, vault: Vault, /, kind: str, **key: Any) -> HttpResponse:
    """List the dated versions of an entry."""
    subject = subjects.find(vault, kind, **key)
    versions = entries.versions(vault, subject.entry)
    rows = [(version, subject.url("version", version.number)) for version in versions]
    return render(request, "journal/history.html", {"subject": subject, "rows": rows, **subject.titled(versions)})


@require_safe
@unlocked
def version(request: HttpRequest, vault: Vault, /, kind: str, revision: int, **key: Any) -> HttpResponse:
    """Show one version, as it was written."""
    subject = subjects.find(vault, kind, **key)
    found = entries.read(vault, subject.entry, revision)
    if found is None:
        raise Http404
    context = {"subject": subject, "version": found, "delete_url": subject.url("version-delete", revision)}
    return render(request, "journal/version.html", {**context, **subject.titled([found])})


@require_safe
@unlocked
def compare(request: HttpRequest, vault: Vault, /, kind: str, **key: Any) -> HttpResponse:
    """Show two versions beside each other, the older one first: those that were picked, or the first and the latest."""
    subject = subjects.find(vault, kind, **key)
    numbers = sorted(version.number for version in entries.versions(vault, subject.entry))
    if not numbers:
        raise Http404
    picked = sorted(_picked(request, name, numbers[end], numbers) for name, end in (("a", 0), ("b", -1)))
    pair = [entries.read(vault, subject.entry, number) for number in dict.fromkeys(picked)]
    texts = [version.text if version else "" for version in pair]
    marked = "marked" in request.GET and len(pair) > 1
    pieces = changes.sides(*texts) if marked else [[(False, text)] for text in texts]
    context = {
        "subject": subject,
        "columns": list(zip(pair, pieces, strict=True)),
        "picked": picked,
        "marked": marked,
        "of": len(numbers),
    }
    return render(request, "journal/compare.html", {**context, **subject.titled([found for found in pair if found])})


def _picked(request: HttpRequest, name: str, otherwise: int, numbers: Sequence[int]) -> int:
    """Return the number of a version that an address names. Raises `Http404` if there is none of that number."""
    said = request.GET.get(name, "")
    number = int(said[:10]) if said.isdecimal() else otherwise
    if number not in numbers:
        raise Http404
    return number
