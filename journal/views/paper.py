"""Limits or summary on one page, to be read and printed."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from .. import entries, picking, sentences, subjects
from ..decorators import unlocked
from ..kinds import ENDINGS
from ..vault import Vault


@require_safe
@unlocked
def paper(request: HttpRequest, vault: Vault, kind: str) -> HttpResponse:
    """Show what was saved last, without a draft; the writing page if there is nothing, or if it can't be opened."""
    subject = subjects.find(vault, kind)
    found = entries.read(vault, subject.entry)
    if found is None or found.head is None:
        return redirect(subject.write_url)
    lines, rest = picking.part(found.text) if kind == "summary" else (sentences.lines(found.text), "")
    ending = dict(ENDINGS).get(found.head.ending, "")
    return render(
        request, "journal/paper.html", {"subject": subject, "lines": lines, "rest": rest.strip(), "ending": ending}
    )
