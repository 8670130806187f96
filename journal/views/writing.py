"""The journal: its home, writing and deleting."""

import operator
import secrets
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import number_format
from django.views.decorators.http import require_POST, require_safe

from guide import questions
from guide.questions import Question

from .. import check_ins, done, entries, kept, picking, profile, session, subjects
from ..decorators import on_form, unlocked
from ..entries import ClashError, ElsewhereError, Head, Version
from ..forms import EntryForm
from ..kinds import FORMS, NEW_FORMS
from ..models import random_id
from ..subjects import Subject
from ..vault import Vault
from . import letters

PAGES_SHOWN = 10


@require_safe
@unlocked
def home(request: HttpRequest, vault: Vault) -> HttpResponse:
    """Show the questions with their state, answers to those that are gone, and the other pages. No word of a text."""
    ids = {question: entries.answer_id(vault, question.slug) for question in questions.live()}
    retired = subjects.retired(vault)
    weeks = check_ins.ids(vault)
    apart = {*ids.values(), *retired, *weeks}
    answers = entries.newest_of(vault, apart)
    unsaved = {found.entry: found for found in entries.drafts(vault)}
    own = {entries.named(vault, Head(kind)) for kind in subjects.ONE_OF_THEIR_KIND}
    pages = entries.newest_beside(vault, apart | own, count=PAGES_SHOWN)
    context = {
        "rows": [(question, answers.get(entry), unsaved.get(entry)) for question, entry in ids.items()],
        "retired": [
            (subject, answers.get(entry) or unsaved[entry], unsaved.get(entry))
            for entry, subject in retired.items()
            if entry in answers or entry in unsaved
        ],
        "unsaved": [(subjects.of(entry, found.head), found) for entry, found in unsaved.items() if entry not in apart],
        "answered": len(answers),
        **check_ins.overview(check_ins.among(answers, weeks), check_ins.this_week(vault)),
        "unsaved_weeks": [
            (subjects.of(entry, unsaved[entry].head), unsaved[entry]) for entry in weeks if entry in unsaved
        ],
        "pages": [(subjects.of(found.entry, found.head), found) for found in pages],
        "profile": profile.read(vault),
        "go_on": _last_draft(unsaved.values()),
        "written_at": _last_written(*answers.values(), *pages) if request.GET.get("done") == "saved" else None,
    }
    return render(request, "journal/home.html", context)


def _last_draft(drafts: Iterable[Version]) -> tuple[Subject, Version] | None:
    """Return what was typed last and not saved, and what it is about."""
    known = [(found.head.written_at, found) for found in drafts if found.head and found.head.written_at]
    if not known:
        return None
    last = max(known, key=operator.itemgetter(0))[1]
    return subjects.of(last.entry, last.head), last


def _last_written(*versions: Version) -> datetime | None:
    return max((found.head.written_at for found in versions if found.head and found.head.written_at), default=None)


@on_form
@unlocked
def write(request: HttpRequest, vault: Vault, /, kind: str, **key: Any) -> HttpResponse:
    """Show the newest text in its box, or its draft; or save what was written over it."""
    subject = subjects.find(vault, kind, **key)
    newest = entries.read(vault, subject.entry)
    form_class = FORMS[subject.kind]
    if request.method != "POST" and newest and newest.head and newest.head.waits:
        return letters.waiting(request, vault, subject, newest.head)
    if request.method != "POST":
        kept_draft = entries.draft(vault, subject.entry)
        shown = kept_draft if kept_draft and kept_draft.head else newest
        begun = kept_draft if shown is kept_draft else None
        initial = {**_initial(vault, shown, begun), **form_class.taken_apart(shown.text if shown else "")}
        return _box(request, vault, subject, form_class(initial=initial), newest, draft=begun)
    form = _sent(request, vault, subject, newest)
    if "pause" in request.POST:
        return _pause(request, vault, subject, form)
    if "add" in request.POST:
        return _add(request, vault, subject, form, newest)
    if not form.is_valid():
        return _refuse(request, vault, subject, form, newest)
    return _save(request, vault, subject, form, newest)


def _sent(request: HttpRequest, vault: Vault, subject: Subject, newest: Version | None) -> EntryForm:
    """Return the form of an entry as it was sent. A check-in may go on with flags that have left the site since."""
    signs: dict[str, str] = {}
    for found in (newest, entries.draft(vault, subject.entry)) if subject.kind == "check-in" else ():
        signs |= found.head.signs if found and found.head else {}
    return FORMS[subject.kind](request.POST, initial={"signs": signs})


@on_form
@unlocked
def new(request: HttpRequest, vault: Vault, kind: str) -> HttpResponse:
    """Show an empty box, or save the first version of an entry under the id that came with the box."""
    form_class = NEW_FORMS[kind]
    if request.method != "POST":
        subject = Subject(random_id(), kind)
        form = form_class(initial={**_initial(vault, None), "entry": subject.entry})
        return _box(request, vault, subject, form, None)
    form = form_class(request.POST)
    form.is_valid()
    entry = form.cleaned_data.get("entry") or random_id()
    if "pause" in request.POST:
        return _pause(request, vault, Subject(entry, kind), form)
    if form.errors:
        return _refuse(request, vault, Subject(entry, kind), form, None)
    newest = entries.read(vault, entry)
    subject = subjects.of(entry, newest.head) if newest else Subject(entry, kind)
    return _save(request, vault, subject, form, newest)


@require_POST
@unlocked
def draft(request: HttpRequest, vault: Vault, /, kind: str, **key: Any) -> HttpResponse:
    """Seal what stands in the box, whatever is wrong with it; answer in how many seconds the journal locks."""
    subject = subjects.find(vault, kind, **key)
    return _seal(request, vault, subject, _sent(request, vault, subject, entries.read(vault, subject.entry)))


@require_POST
@unlocked
def new_draft(request: HttpRequest, vault: Vault, kind: str) -> HttpResponse:
    form = NEW_FORMS[kind](request.POST)
    form.is_valid()
    entry = form.cleaned_data.get("entry")
    return _seal(request, vault, Subject(entry, kind), form) if entry else HttpResponse(status=400)


def _seal(request: HttpRequest, vault: Vault, subject: Subject, form: EntryForm) -> HttpResponse:
    newest = entries.read(vault, subject.entry)
    answer = {"left": session.seconds_left(request)}
    try:
        _keep_draft(vault, subject, form, newest)
    except ElsewhereError:
        return JsonResponse(answer, status=409)
    return JsonResponse(answer | {"clash": bool(newest and newest.number != form.cleaned_data.get("base"))})


def _keep_draft(vault: Vault, subject: Subject, form: EntryForm, newest: Version | None) -> None:
    """Seal what stands in the box. Raises `ElsewhereError` if the entry has a draft of another page."""
    form.is_valid()
    given, text = form.cleaned_data, form.put_together()
    typed = form.as_typed
    if subject.kind != "check-in" and (signs := typed.pop("signs", None)):  # a page has no boxes to tick
        text = "\n".join([*signs.values(), "", text]).rstrip()
    head = subject.head(typed, text, given.get("zone"))
    head = _by(form, head)
    if newest or _says_something(head, text):
        entries.keep_draft(vault, subject.entry, given.get("base", 0), head, text, given.get("over", ""))
    else:
        entries.end_draft(vault, subject.entry, head, text, _writers(form))


def _keep_draft_anyway(vault: Vault, subject: Subject, form: EntryForm) -> Subject:
    """Seal what stands in the box, and return of what: a page or letter of its own, if another tab has a draft."""
    try:
        _keep_draft(vault, subject, form, entries.read(vault, subject.entry))
    except ElsewhereError:
        subject = Subject(random_id(), subject.kind if subject.kind in NEW_FORMS else "page")
        _keep_draft(vault, subject, form, None)
    return subject


def _by(form: EntryForm, head: Head) -> Head:
    """Return a head that says in which page it was typed, and when in its turn it was sent."""
    return replace(head, writer=form.cleaned_data.get("writer", ""), turn=form.cleaned_data.get("turn") or 0)


def _writers(form: EntryForm) -> set[str]:
    """The page that a form was typed in, and the one whose draft it began with."""
    return {form.cleaned_data.get("writer", ""), form.cleaned_data.get("over", "")}


def _pause(request: HttpRequest, vault: Vault, subject: Subject, form: EntryForm) -> HttpResponse:
    """Keep what stands in the box as a draft, and show the quiet page, with a way back to it."""
    subject = _keep_draft_anyway(vault, subject, form)
    is_there = entries.read(vault, subject.entry) or entries.draft(vault, subject.entry)
    back = subject.write_url if is_there else request.path
    return redirect(f"{reverse('pause')}?{urlencode({'next': back})}")


def _add(request: HttpRequest, vault: Vault, subject: Subject, form: EntryForm, newest: Version | None) -> HttpResponse:
    """Show the box again with what was picked in it, to be changed before it is saved."""
    data = request.POST.copy()
    data["text"] = form.put_together()
    data.setlist("picked", [])
    return _box(request, vault, subject, type(form)(data, initial=form.initial), newest)


def _refuse(
    request: HttpRequest, vault: Vault, subject: Subject, form: EntryForm, newest: Version | None
) -> HttpResponse:
    """Show what can't be saved with the reason. If the journal was to be locked it is, with the words as a draft."""
    if "lock" in request.POST:
        return _lock(request, _keep_draft_anyway(vault, subject, form))
    if "base" in form.errors:
        return _clash(request, vault, subject, form, newest)  # nothing says what it was written over
    return _box(request, vault, subject, form, newest, status=422)


def _save(
    request: HttpRequest, vault: Vault, subject: Subject, form: EntryForm, newest: Version | None
) -> HttpResponse:
    given = form.cleaned_data
    head = _by(form, subject.head(given, given["text"], given["zone"]))
    # A version without a change, and an empty box over nothing, store nothing.
    text = given["text"]
    # A week without a sign is an answer too.
    says_something = subject.kind == "check-in" or _says_something(head, text)
    worth_saving = not newest.says(head, text) if newest else says_something
    if worth_saving:
        try:
            entries.write(vault, subject.entry, given["base"], head, text, _writers(form))
        except ClashError as clash:
            return _clash(request, vault, subject, form, clash.newest)
    else:
        entries.end_draft(vault, subject.entry, head, text, _writers(form))
    if "lock" in request.POST:
        return _lock(request, subject)
    following = _following(subject) if "next" in request.POST else None
    there = reverse("answer", args=[following.number]) if following else _after(subject, head)
    return done.go_on(there, "saved") if worth_saving else redirect(there)


def _after(subject: Subject, head: Head) -> str:
    """Return where saving leads to: a letter that waits says until when."""
    if head.waits:
        return subject.write_url
    return reverse("check-ins" if subject.kind == "check-in" else "journal")


def _says_something(head: Head, text: str) -> bool:
    return bool(text.strip() or head.title.strip() or any(getattr(head, name) for name in subjects.TYPED[1:]))


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
    return _box(request, vault, subject, type(form)(data, initial=form.initial), newest, status=409)


def _box(
    request: HttpRequest,
    vault: Vault,
    subject: Subject,
    form: EntryForm,
    newest: Version | None,
    *,
    draft: Version | None = None,
    status: int = 200,
) -> HttpResponse:
    question = subject.question
    is_new = "entry" in form.fields and subject.kind in NEW_FORMS
    context: dict[str, Any] = {
        "subject": subject,
        "form": form,
        "newest": newest,
        "clash": newest if status == 409 else None,
        "gone": status == 409 and newest is None,
        "draft": draft,
        "added": "add" in request.POST,
        "draft_url": reverse(f"new-{subject.kind}-draft") if is_new else subject.draft_url,
        "owner": kept.owner(vault),
        "limit": number_format(entries.LIMIT, force_grouping=True),
    }
    if question:
        ids = {each: entries.answer_id(vault, each.slug) for each in questions.live()}
        answered = entries.newest_of(vault, ids.values())
        context["beads"] = [(each, ids[each] in answered) for each in ids]
        context["next_place"] = list(ids).index(question) + 2 if _following(subject) else None
    context |= picking.beside(vault, subject.kind, getattr(form, "ticked", []))
    if subject.kind == "check-in":
        context |= {"flags": questions.flags(), **check_ins.beside(subject.week)}
    return render(request, [f"journal/write_{subject.kind}.html", "journal/write.html"], context, status=status)


def _initial(vault: Vault, newest: Version | None, draft: Version | None = None) -> dict[str, Any]:
    head = newest.head if newest else None
    return {
        **{name: getattr(head, name) for name in subjects.TYPED if head},
        "base": newest.number if newest else 0,
        "zone": entries.last_zone(vault),
        "writer": secrets.token_hex(8),
        "over": draft.head.writer if draft and draft.head else "",
    }


def _following(subject: Subject) -> Question | None:
    live = list(questions.live())
    place = next((i for i, question in enumerate(live) if question == subject.question), len(live))
    return live[place + 1] if place + 1 < len(live) else None


@on_form
@unlocked
def delete_draft(request: HttpRequest, vault: Vault, /, kind: str, **key: Any) -> HttpResponse:
    """Ask, then throw away what was kept of an entry without being saved."""
    subject = subjects.find(vault, kind, **key)
    found = entries.draft(vault, subject.entry)
    if found is None:
        raise Http404
    if request.method == "POST":
        entries.drop_draft(vault, subject.entry)
        return done.go_on(subject.write_url if found.number else reverse("journal"), "thrown-away")
    newest = entries.newest_of(vault, [subject.entry]).get(subject.entry) if subject.kind == "letter" else None
    context = {"subject": subject, "draft": found, "withheld": newest and newest.head and newest.head.waits}
    return render(request, "journal/delete_draft.html", {**context, **subject.titled([found])})


@on_form
@unlocked
def delete(request: HttpRequest, vault: Vault, /, kind: str, revision: int | None = None, **key: Any) -> HttpResponse:
    """Ask, then delete one version of an entry or all of them."""
    subject = subjects.find(vault, kind, **key)
    versions = entries.versions(vault, subject.entry)
    doomed = [found for found in versions if revision in {None, found.number}]
    if not doomed:
        raise Http404
    if request.method == "POST":
        entries.delete(vault, subject.entry, revision)
        return done.go_on(subject.history_url if len(doomed) < len(versions) else reverse("journal"), "deleted")
    context = {"subject": subject, "doomed": doomed, "all": revision is None, **subject.titled(versions)}
    return render(request, "journal/delete.html", context)
