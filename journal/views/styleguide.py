"""Every component in every state, for whoever works on the look. Real templates with made-up words; nothing is read.

It is there on a developer's own machine and for staff, and for nobody else.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import wraps
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from guide import questions

from .. import check_ins, months, weeks
from ..check_ins import CheckIn
from ..decorators import View
from ..entries import Head, Version
from ..file_forms import ExportForm, ImportForm
from ..forms import (
    ConfirmKeyForm,
    EntryForm,
    JoinForm,
    OurForm,
    PageForm,
    ProveForm,
    SignInForm,
    UnlockForm,
)
from ..kept import Kept
from ..kinds import CheckInForm
from ..models import random_id
from ..picking import Source
from ..subjects import Subject

State = tuple[str, str, str, dict[str, Any]]  # name, what it is, template, context

KEY = "7KQ2M-X4RTA-9HWPC-3VNDE-8FJGS-5YB6Z"
WORDS = "I would want it to be different this time."
_AFRAID = {"title": "Are you afraid of this person?", "body_html": "<p>You don’t have to be sure.</p>"}


class SampleForm(OurForm):
    """One field of each kind that forms of the site have."""

    text = forms.CharField(label="Text", help_text="A line that helps.")
    password = forms.CharField(label="Password", widget=forms.PasswordInput)
    tick = forms.BooleanField(label="A box to tick", required=False, help_text="What ticking it does.")
    choice = forms.ChoiceField(label="A choice", choices=[(15, "15 quiet minutes"), (30, "30 quiet minutes")])


def for_staff(view: Callable[..., HttpResponse]) -> View:
    """Let nobody know that there is such a page who has no business with it."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.DEBUG and not (request.user.is_active and getattr(request.user, "is_staff", False)):
            raise Http404
        return view(request, *args, **kwargs)

    return wrapped


@require_safe
@for_staff
def index(request: HttpRequest) -> HttpResponse:
    """Show the components on one page, and list the whole pages."""
    context = {
        "form": SampleForm(auto_id="rest_%s"),
        "refused": SampleForm({"text": "", "tick": "1", "choice": "7"}, auto_id="refused_%s"),
        "feeling": EntryForm(initial={"feeling": "settled"}, auto_id="feeling_%s")["feeling"],
        "heads": [_head("settled"), _head("thinking"), _head("quiet")],
        "kept": _kept(),
        "key": KEY,
        "questions": questions.live(),
        "parts": _parts(),
        "lines": _lines(),
        "navigation": ["guide", "journal", "help"],
        "states": [("", "rest"), ("hover", "hover"), ("focus", "focus"), ("active", "pressed")],
        "buttons": ["", "alt", "link", "quiet", "danger"],
        "icons": ["lock", "leave", "back", "person", "bin", "check"],
        "afraid": {"pages": {"afraid": _AFRAID}, "home_country": {"emergency": "911"}},
        "sources": _sources(),
        "foreign": {"language": "other"},
        **_written(),
        "places": [(group, [(name, label) for name, label, *_ in states]) for group, states in _pages().items()],
    }
    return render(request, "admin/styleguide/index.html", context)


@require_safe
@for_staff
def whole_page(request: HttpRequest, name: str) -> HttpResponse:
    """Show a page of the journal or an answer to a refused form as it would look."""
    for states in _pages().values():
        for known, _, template, context in states:
            if known == name:
                request.opened = SimpleNamespace(seconds_left=900)  # type: ignore[attr-defined]
                return render(request, template, context)
    raise Http404


def _pages() -> dict[str, list[State]]:
    """The pages that are more than their components: name, state, template, context."""
    return {
        "Doors": [
            ("join-refused", "join, refused", "journal/join.html", {"form": JoinForm({"password": "short"})}),
            ("sign-in", "sign in", "journal/sign_in.html", {"form": SignInForm()}),
            ("sign-in-kept", "sign in, words wait", "journal/sign_in.html", {"form": SignInForm(), "kept": _kept()}),
            ("locked", "locked", "journal/unlock.html", {"form": UnlockForm()}),
            ("locked-refused", "locked, refused", "journal/unlock.html", {"form": UnlockForm({})}),
            ("locked-open", "locked, open elsewhere", "journal/unlock.html", {"is_open": True}),
            ("key", "recovery key", "journal/key.html", {"form": ConfirmKeyForm(), "key": KEY, "heading": "Your key"}),
        ],
        "A journal that is open": _open(),
        "Looking back, and files": _looking(),
        "Refusals": [
            ("resume", "words to save again", "journal/resume.html", {"kept": _kept()}),
            *((str(code), str(code), f"{code}.html", {}) for code in (400, 403, 404, 405, 500, 503)),
            ("413", "413", "413.html", {"megabytes": 8, "limit": "100,000"}),
            ("429", "429, words wait", "429.html", {"minutes": 15, "kept": _kept()}),
        ],
    }


def _open() -> list[State]:
    prove = ProveForm({"password": ""}, has_code=False)
    return [
        ("home-empty", "home, nothing written", "journal/home.html", _home()),
        ("home", "home, in use", "journal/home.html", _home(used=True)),
        *((f"write-{name}", f"writing, {name}", "journal/write.html", each) for name, each in _boxes().items()),
        ("check-in", "a week", "journal/write_check-in.html", _week()),
        ("check-in-refused", "a week, refused", "journal/write_check-in.html", _week({"signs": "x", "base": 0})),
        ("check-ins", "all weeks", "journal/check_ins.html", _weeks(3, None, 0, 1, 2, 6)),
        ("check-ins-none", "all weeks, none", "journal/check_ins.html", _weeks()),
        ("pause", "a pause", "journal/pause.html", {"back": reverse("journal")}),
        ("history", "versions", "journal/history.html", _history(3)),
        ("history-one", "versions, one", "journal/history.html", _history(1)),
        ("history-none", "versions, none", "journal/history.html", _history(0)),
        ("confirm", "confirm: delete versions", "journal/delete.html", {**_history(3), "all": True}),
        ("confirm-account", "confirm: delete everything", "journal/delete_account.html", {"form": prove}),
    ]


def _looking() -> list[State]:
    return [
        ("timeline", "timeline", "journal/timeline.html", {"groups": [(_MONTH, _rows())], "older": 30}),
        ("month", "calendar", "journal/month.html", _month()),
        ("search", "search", "journal/search.html", {"longest": 200}),
        ("search-found", "search, found", "journal/search.html", _search()),
        ("compare", "compare", "journal/compare.html", _compare()),
        ("letter-waits", "a letter that waits", "journal/letter_waits.html", _letter()),
        ("limits-page", "limits, to print", "journal/paper.html", _paper()),
        ("export", "a copy", "journal/export.html", {"form": ExportForm(has_code=False)}),
        ("import", "bringing in", "journal/import.html", {"form": ImportForm()}),
    ]


def _head(feeling: str, **more: Any) -> Head:
    return Head("answer", feeling=feeling, written="2025-03-03T22:42:00-05:00", words=212, **more)


def _kept() -> Kept:
    return Kept(reverse("new-page"), {"title": ["A page"], "text": [WORDS], "base": ["0"]})


def _home(*, used: bool = False) -> dict[str, Any]:
    asked, entry = questions.live(), random_id()
    damaged = Version(entry, 1, None)
    found = [Version(entry, 1, _head("settled")), Version(entry, 1, _head("thinking")), damaged] if used else []
    rows = [(question, found[n] if n < len(found) else None, used and n == 3) for n, question in enumerate(asked)]
    page = Subject(entry), Version(entry, 1, _head("", title="A page"))
    gone = Subject(entry, "answer", number=99), Version(entry, 1, _head("", asked="A question of before?")), False
    lists = (
        {"pages": [page, (Subject(entry), damaged)], "unsaved": [page], "older": 30, "retired": [gone]} if used else {}
    )
    return {**_weeks(*((3, None, 0, 1, 2, 6) if used else ())), "rows": rows, "answered": len(found), **lists}


def _boxes() -> dict[str, dict[str, Any]]:
    """The writing page in all its states."""
    asked = questions.live()
    question = asked[1] if len(asked) > 1 else None
    subject = Subject(random_id(), "answer", question, question.number if question else None)
    newest = Version(subject.entry, 1, _head("settled"), WORDS)
    beads = [(each, place in {0, 3}) for place, each in enumerate(asked)]
    rest = {"subject": subject, "form": EntryForm(), "limit": "100,000", "beads": beads, "next_place": 3}
    filled = {**rest, "form": EntryForm(initial={"text": WORDS}), "newest": newest}
    return {
        "empty": rest,
        "again": filled,
        "long": {**rest, "form": EntryForm({"text": "x" * 100_001, "base": 0})},
        "draft": {**filled, "draft": newest},
        "clash": {**filled, "clash": newest},
        "gone": {**rest, "form": filled["form"], "gone": True},
        "damaged": {**rest, "newest": Version(subject.entry, 1, None)},
        "page": {"subject": Subject(subject.entry), "form": PageForm(), "limit": "100,000"},
        "record": {"subject": Subject(subject.entry), "form": PageForm(initial={"record": True}), "limit": "100,000"},
    }


def _week(sent: dict[str, Any] | None = None) -> dict[str, Any]:
    subject = Subject(random_id(), "check-in", week="2025-W10")
    form = CheckInForm(QueryDict(urlencode(sent)) if sent else None)
    return {"subject": subject, "form": form, "flags": questions.flags(), "limit": "100,000", "before": "2025-W09"}


def _weeks(*counts: int | None) -> dict[str, Any]:
    """Check-ins of weeks in a row, oldest first; none is a gap."""
    signs = {flag.slug: flag.title for flag in questions.flags()}
    kept: list[CheckIn] = []
    for n, count in enumerate(counts):
        if count is not None:
            noticed = dict(list(signs.items())[:count])
            week = weeks.of(weeks.FIRST + n * weeks.WEEK)
            kept.insert(0, CheckIn(week, Version(random_id(), 1, Head("check-in", week=week, signs=noticed))))
    return {**check_ins.overview(kept, kept[0].week if kept else "2025-W10"), "rows": kept}


def _history(count: int) -> dict[str, Any]:
    subject = Subject(random_id(), "answer", number=2)
    versions = [Version(subject.entry, number, _head("settled")) for number in range(count, 0, -1)]
    versions = [Version(subject.entry, 9, None), *versions[1:]] if count > 1 else versions
    rows = [(version, "#") for version in versions]
    return {"subject": subject, "called": "Do I have the time?", "rows": rows, "doomed": versions}


_MONTH = date(2025, 3, 1)


def _rows() -> list[tuple[Subject, Version, str]]:
    entry = random_id()
    heads = [_head("settled", asked="Do I have the time?"), _head("", title="A page", record=True), None]
    return [(Subject(entry), Version(entry, 1, head), "#") for head in heads]


def _month() -> dict[str, Any]:
    days = {date(2025, 3, 3): _rows()[:2], date(2025, 3, 9): _rows()[:1]}
    names = {"month": _MONTH, "label": months.label(_MONTH), "weeks": months.weeks(_MONTH)}
    around = {"before": months.before(_MONTH), "after": months.after(_MONTH), "today": date(2025, 3, 12)}
    return {**names, **around, "days": days, "written": sorted(days.items())}


def _search() -> dict[str, Any]:
    hits = [{"subject": subject, "version": version, "sentences": [WORDS]} for subject, version, _ in _rows()[:2]]
    return {"longest": 200, "typed": "different", "query": True, "found": hits, "with_sentences": True}


def _compare() -> dict[str, Any]:
    subject = Subject(random_id(), "answer", number=2)
    pair = [Version(subject.entry, number, _head(feeling)) for number, feeling in ((1, "thinking"), (2, "settled"))]
    pieces = [[(False, "I would want it "), (True, "back")], [(False, "I would want it "), (True, "different")]]
    columns = list(zip(pair, pieces, strict=True))
    return {
        "subject": subject,
        "called": "Do I have the time?",
        "columns": columns,
        "of": 2,
        "picked": [1, 2],
        "marked": 1,
    }


def _letter() -> dict[str, Any]:
    head = Head("letter", title="What I never said", opens="2999-03-06T22:42:00-05:00")
    return {"subject": Subject(random_id(), "letter"), "head": head}


def _paper() -> dict[str, Any]:
    return {"subject": Subject(random_id(), "limits"), "lines": ["No shouting.", "My friends stay mine."]}


def _written() -> dict[str, Any]:
    """What the journal's pages are made of."""
    week = Head("check-in", signs={"a": "One", "b": "Two"}, words=1)
    return {
        **_weeks(3, None, 0, 1, 2, 6),
        **_month(),
        "amounts": [_head("settled"), week],
        "draft": Version(random_id(), 1, _head("")),
        "damaged": Version(random_id(), 1, None),
        "told": [{"is_stale": True}, {"done": "Saved."}],
        "picks": [
            Source("Do I have the time?", datetime(2025, 3, 3, tzinfo=UTC), [(WORDS, True), ("Not yet.", False)])
        ],
        "limits": _paper()["lines"],
    }


def _parts() -> list[dict[str, Any]]:
    """Parts as the guide's own templates take them, one for each kind of list."""
    text = {"title": "Words before action", "body_html": "<p>What it looks like, in a line or two.</p>"}
    sign = {"text": "They check your phone", "body_html": "<p>Or they ask who wrote.</p>"}
    book = {"title": "A book", "author": "somebody", "body_html": "<p>What it is about.</p>"}
    lists = [("questions", questions.live()[:2]), ("tips", [text] * 2), ("signs", [sign] * 2), ("books", [book] * 2)]
    return [{"section": {"shows": shows}, "items": items} for shows, items in lists]


def _sources() -> list[dict[str, str]]:
    by = {"author": "Somebody", "published": "March 7, 2025", "body_html": "<p>What came from it.</p>"}
    kinds = ("article", "book", "organization")
    return [{"kind": kind, "title": f"An {kind}" if kind[0] in "ao" else f"A {kind}", **by} for kind in kinds]


def _lines() -> list[dict[str, Any]]:
    checked = datetime(2025, 3, 3, tzinfo=UTC).date()
    line = {"name": "A help line", "body_html": "<p>Who answers.</p>", "phone": "555 0100", "dial": "5550100"}
    more = {"text_line": "Text START to 55501", "website": "https://example.org/", "site": "example.org"}
    return [
        {**line, **more, "hours": "24 hours, every day", "languages": "English, Spanish", "verified_on": checked},
        line,
    ]
