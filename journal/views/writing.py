"""The journal: its home, writing, and looking back."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from guide import questions
from guide.questions import Question

from .. import entries, session, subjects
from ..decorators import on_form, unlocked
from ..entries import ClashError, Version
from ..forms import EntryForm, NewPageForm, PageForm
from ..models import random_id
from ..subjects import Subject
from ..vault import Vault

PAGES_A_SCREEN = 30


@require_safe
@unlocked
def home(request: HttpRequest, vault: Vault) -> HttpResponse:
    """Show the questions with their state, and the other pages. Never a word of what was written."""
    ids = {question: entries.answer_id(vault, question.slug) for question in questions.live()}
    answers = entries.newest_of(vault, ids.values())
    asked = request.GET.get("from", "")
    start = int(asked[:6]) if asked.isdecimal() else 0
    pages = entries.newest_beside(vault, ids.values(), start=start, count=PAGES_A_SCREEN + 1)
    context = {
        "rows": [(question, answers.get(entry)) for question, entry in ids.items()],
        "answered": len(answers),
        "pages": pages[:PAGES_A_SCREEN],
        "older": start + PAGES_A_SCREEN if len(pages) > PAGES_A_SCREEN else None,
        "start": start,
    }
    return render(request, "journal/home.html", context)


@on_form
@unlocked
def write(request: HttpRequest, vault: Vault, number: int | None = None, entry: UUID | None = None) -> HttpResponse:
    """Show the newest text in its box, or save what was written over it."""
    subject = subjects.find(vault, number, entry)
    newest = entries.read(vault, subject.entry)
    form_class = EntryForm if subject.question else PageForm
    if request.method != "POST":
        return _box(request, vault, subject, form_class(initial=_initial(vault, newest)), newest)
    form = form_class(request.POST)
    if not form.is_valid():
        return _box(request, vault, subject, form, newest, status=422)
    return _save(request, vault, subject, form, newest)


@on_form
@unlocked
def new_page(request: HttpRequest, vault: Vault) -> HttpResponse:
    """Show an empty box, or save the first version of a page under the id that came with the box."""
    if request.method != "POST":
        subject = Subject(random_id())
        return _box(
            request,
            vault,
            subject,
            NewPageForm(initial={**_initial(vault, None), "entry": subject.entry}),
            None,
        )
    form = NewPageForm(request.POST)
    if not form.is_valid():
        return _box(request, vault, Subject(random_id()), form, None, status=422)
    subject = Subject(form.cleaned_data["entry"])
    return _save(request, vault, subject, form, entries.read(vault, subject.entry))


def _save(
    request: HttpRequest, vault: Vault, subject: Subject, form: EntryForm, newest: Version | None
) -> HttpResponse:
    given = form.cleaned_data
    head = subject.head(
        text=given["text"],
        title=given.get("title", ""),
        feeling=given["feeling"],
        zone=given["zone"],
        before=newest.head if newest else None,
    )
    # A version without a change, and an empty box over nothing, store nothing.
    written = given["text"].strip() or head.title.strip() or head.feeling
    worth_saving = not newest.says(head, given["text"]) if newest else bool(written)
    if worth_saving:
        try:
            entries.write(vault, subject.entry, given["base"], head, given["text"])
        except ClashError as clash:
            return _clash(request, vault, subject, form, clash.newest)
    if "lock" in request.POST:
        return _lock(request, subject)
    following = _following(subject) if "next" in request.POST else None
    return redirect("answer", following.number) if following else redirect("journal")


def _lock(request: HttpRequest, subject: Subject) -> HttpResponse:
    """Lock after a save; unlocking leads back to what was written."""
    response = redirect(f"{reverse('unlock')}?{urlencode({'next': subject.write_url})}")
    session.forget(request, response)
    return response


def _clash(
    request: HttpRequest, vault: Vault, subject: Subject, form: EntryForm, newest: Version | None
) -> HttpResponse:
    """Show both texts. Saving again puts this one on top; the other stays in the history."""
    data = request.POST.copy()
    data["base"] = str(newest.number if newest else 0)
    return _box(request, vault, subject, type(form)(data), newest, clash=newest, status=409)


def _box(
    request: HttpRequest,
    vault: Vault,
    subject: Subject,
    form: EntryForm,
    newest: Version | None,
    *,
    clash: Version | None = None,
    status: int = 200,
) -> HttpResponse:
    question = subject.question
    context: dict[str, Any] = {
        "subject": subject,
        "form": form,
        "newest": newest,
        "clash": clash,
        "limit": f"{entries.LIMIT:,}",
        "asked": question.prompt if question else newest.head.asked if newest and newest.head else "",
    }
    if question:
        ids = {each: entries.answer_id(vault, each.slug) for each in questions.live()}
        answered = entries.newest_of(vault, ids.values())
        context["beads"] = [(each, ids[each] in answered) for each in ids]
        context["next_place"] = list(ids).index(question) + 2 if _following(subject) else None
    return render(request, "journal/write.html", context, status=status)


def _initial(vault: Vault, newest: Version | None) -> dict[str, Any]:
    head = newest.head if newest else None
    return {
        "text": newest.text if newest else "",
        "title": head.title if head else "",
        "feeling": head.feeling if head else "",
        "base": newest.number if newest else 0,
        "zone": entries.last_zone(vault) or settings.TIME_ZONE,
    }


def _following(subject: Subject) -> Question | None:
    live = list(questions.live())
    place = next((i for i, question in enumerate(live) if question == subject.question), len(live))
    return live[place + 1] if place + 1 < len(live) else None


@require_safe
@unlocked
def history(request: HttpRequest, vault: Vault, number: int | None = None, entry: UUID | None = None) -> HttpResponse:
    """List the dated versions of an entry."""
    subject = subjects.find(vault, number, entry)
    versions = entries.versions(vault, subject.entry)
    rows = [(version, subject.url("version", version.number)) for version in versions]
    return render(request, "journal/history.html", {"subject": subject, "rows": rows, **_title(subject, versions)})


@require_safe
@unlocked
def version(
    request: HttpRequest, vault: Vault, revision: int, number: int | None = None, entry: UUID | None = None
) -> HttpResponse:
    """Show one version, as it was written."""
    subject = subjects.find(vault, number, entry)
    found = entries.read(vault, subject.entry, revision)
    if found is None:
        raise Http404
    context = {"subject": subject, "version": found, "delete_url": subject.url("version-delete", revision)}
    return render(request, "journal/version.html", {**context, **_title(subject, [found])})


@on_form
@unlocked
def delete(
    request: HttpRequest,
    vault: Vault,
    revision: int | None = None,
    number: int | None = None,
    entry: UUID | None = None,
) -> HttpResponse:
    """Ask, then delete one version of an entry or all of them."""
    subject = subjects.find(vault, number, entry)
    versions = entries.versions(vault, subject.entry)
    doomed = [found for found in versions if revision in {None, found.number}]
    if not doomed:
        raise Http404
    if request.method == "POST":
        entries.delete(vault, subject.entry, revision)
        return redirect(subject.history_url if len(doomed) < len(versions) else reverse("journal"))
    context = {"subject": subject, "doomed": doomed, "all": revision is None, **_title(subject, versions)}
    return render(request, "journal/delete.html", context)


def _title(subject: Subject, versions: list[Version]) -> dict[str, str]:
    """What an entry is called on a page about it: its question, its title, or its day."""
    head = next((found.head for found in versions if found.head), None)
    asked = subject.question.prompt if subject.question else head.asked if head else ""
    return {"called": asked or (head.title if head else "") or "A page of yours"}
