"""Letters that nobody is sent: while one waits, and the end of its wait."""

from contextlib import suppress
from dataclasses import replace
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from .. import entries, subjects
from ..decorators import on_form, unlocked
from ..entries import ClashError, Head
from ..subjects import Subject
from ..vault import Vault


def waiting(request: HttpRequest, vault: Vault, subject: Subject, head: Head) -> HttpResponse:
    """Show until when a letter waits, and nothing of its text."""
    context = {"subject": subject, "head": head, "draft": entries.draft(vault, subject.entry)}
    return render(request, "journal/letter_waits.html", context)


@on_form
@unlocked
def end_wait(request: HttpRequest, vault: Vault, entry: UUID) -> HttpResponse:
    """Ask, then end the wait of a letter: a version that says the same and has opened now."""
    subject = subjects.find(vault, "letter", entry=entry)
    found = entries.read(vault, entry, early=True)
    if found is None:
        raise Http404
    if not found.head or not found.head.waits:
        return redirect(subject.write_url)
    if request.method != "POST":
        return render(request, "journal/letter_open.html", {"subject": subject, "head": found.head})
    zone = ZoneInfo(found.head.zone) if found.head.zone else None
    head = subject.head({"title": found.head.title}, found.text, zone)
    head = replace(head, opens=head.written)
    with suppress(ClashError):  # another tab was first: its page says what is there now
        entries.write(vault, entry, found.number, head, found.text, writers=())
    return redirect(subject.write_url)
