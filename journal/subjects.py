"""What an entry is about: one of the guide's questions, a week, a letter, a free page, …, and where its pages are."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext

from guide import questions
from guide.questions import Question

from . import entries, weeks
from .entries import Head, Version
from .vault import Vault

# What a form says about an entry, beside its text. Each is a field of `Head`.
TYPED = ("title", "feeling", "signs", "opens", "ending", "record", "happened", "place")

ONE_OF_THEIR_KIND = ("limits", "summary")


@dataclass(frozen=True)
class Subject:
    """An entry as a page needs it: its id, its kind, what it is about, and the addresses that belong to it."""

    entry: UUID
    kind: str = "page"
    question: Question | None = None  # that readers see now
    number: int | None = None  # of a question, seen or not
    week: str = ""  # of a check-in
    answered: Head | None = None  # says what was asked if the question is off the site

    @property
    def is_answer(self) -> bool:
        return self.kind == "answer"

    @property
    def asked(self) -> str:
        """The wording that is answered by writing now: the one readers see, or the last one they saw."""
        return self.question.prompt if self.question else self.answered.asked if self.answered else ""

    def url(self, name: str = "", *args: int) -> str:
        """Return an address of the entry: the writing page, or ``history``, ``version``, ``delete`` …"""
        address, keys = self._address
        return reverse(f"{address}-{name}" if name else address, args=[*keys, *args])

    @property
    def name(self) -> str:
        """What it is called where nobody gave it a title and nothing was asked."""
        match self.kind:
            case "check-in":
                return weeks.label(self.week)
            case "letter":
                return gettext("An unsent letter")
            case "limits":
                return gettext("My limits")
            case "summary":
                return gettext("Decision summary")
        return gettext("A page without a title")

    def titled(self, versions: Iterable[Version]) -> dict[str, str]:
        """Return what the entry is called on a page about it: its question, its title, or its name."""
        head = next((found.head for found in versions if found.head), None)
        asked_in = self.question.language if self.question else ""  # no translation: it is told in English
        return {"called": self.asked or (head.title if head else "") or self.name, "called_in": asked_in}

    @property
    def _address(self) -> tuple[str, list[Any]]:
        match self.kind:
            case "answer" if self.number is not None:
                return "answer", [self.number]
            case "check-in":
                return "check-in", [self.week]
            case "letter":
                return "letter", [self.entry]
            case "limits" | "summary":
                return self.kind, []
        # An answer to a question that is nowhere any more is among the pages.
        return "page-entry", [self.entry]

    @property
    def write_url(self) -> str:
        return self.url()

    @property
    def draft_url(self) -> str:
        return self.url("draft")

    @property
    def draft_delete_url(self) -> str:
        return self.url("draft-delete")

    @property
    def history_url(self) -> str:
        return self.url("history")

    @property
    def compare_url(self) -> str:
        return self.url("compare")

    @property
    def delete_url(self) -> str:
        return self.url("delete")

    def head(self, typed: Mapping[str, Any], text: str, zone: ZoneInfo | None) -> Head:
        """Return the head of what is written now. The question's wording is kept as it was answered.

        Without a zone it is written by the site's clock, and says so by naming none.
        """
        slug = self.question.slug if self.question else self.answered.question if self.answered else ""
        return Head(
            kind=self.kind,
            question=slug,
            asked=self.asked,
            week=self.week,
            written=datetime.now(zone or ZoneInfo(settings.TIME_ZONE)).replace(microsecond=0).isoformat(),
            zone=zone.key if zone else "",
            words=len(text.split()),
            **{name: typed[name] for name in TYPED if typed.get(name)},
        )


def of(entry: UUID, head: Head | None) -> Subject:
    """Return the subject of an entry that was found by its id, as its head says; a page if that can't be opened."""
    if head is None:
        return Subject(entry)
    if head.kind != "answer":
        return Subject(entry, head.kind, week=head.week)
    question = next((question for question in questions.live() if question.slug == head.question), None)
    gone = {slug: number for number, slug in questions.retired().items()}
    number = question.number if question else gone.get(head.question)
    return Subject(entry, "answer", question, number, answered=head)


def find(vault: Vault, kind: str, *, number: int = 0, week: str = "", entry: UUID | None = None) -> Subject:
    """Return the subject at an address: by its question's number, its week, or its id in this vault.

    A question that is off the site is there for whoever answered it, or has a draft of an answer. Raises
    `Http404` if there is none; an entry of somebody else is none.
    """
    if kind in ONE_OF_THEIR_KIND:
        return Subject(entries.named(vault, Head(kind)), kind)
    if kind == "check-in":
        return _check_in(vault, week)
    if kind == "answer" and (question := questions.numbered(number)):
        return Subject(entries.answer_id(vault, question.slug), kind, question, number)
    if kind == "answer" and (slug := questions.retired().get(number)):
        entry = entries.answer_id(vault, slug)
    found = (entries.newest_of(vault, [entry]).get(entry) or entries.draft(vault, entry)) if entry else None
    if found is None:
        raise Http404
    if found.head is None:
        return Subject(found.entry, kind, number=number or None)
    if found.head.kind != kind and (found.head.kind, kind) != ("answer", "page"):
        raise Http404
    return of(found.entry, found.head)


def _check_in(vault: Vault, week: str) -> Subject:
    try:
        begins = weeks.begins(week)
    except ValueError:
        raise Http404 from None
    if begins > weeks.tomorrow():
        raise Http404
    return Subject(entries.named(vault, Head("check-in", week=week)), "check-in", week=week)


def retired(vault: Vault) -> dict[UUID, Subject]:
    """Return a subject for each question that is off the site, by the id that an answer to it has here."""
    ids = {number: entries.answer_id(vault, slug) for number, slug in questions.retired().items()}
    return {entry: Subject(entry, "answer", number=number) for number, entry in ids.items()}
