"""What an entry is about: one of the guide's questions, or a free page."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import Http404
from django.urls import reverse

from guide import questions
from guide.questions import Question

from . import entries
from .entries import Head
from .vault import Vault


@dataclass(frozen=True)
class Subject:
    """An entry as a page needs it: its id, what it answers if it is an answer, and the addresses that belong to it."""

    entry: UUID
    question: Question | None = None  # that readers see now
    number: int | None = None  # of a question, seen or not: stands in the address instead of the entry
    answered: Head | None = None  # says what was asked if the question is off the site

    @property
    def is_answer(self) -> bool:
        return bool(self.question or self.answered)

    @property
    def asked(self) -> str:
        """The wording that is answered by writing now: the one readers see, or the last one they saw."""
        return self.question.prompt if self.question else self.answered.asked if self.answered else ""

    def url(self, name: str = "", *args: int) -> str:
        """Return an address of the entry: the writing page, or ``history``, ``version``, ``delete`` …"""
        kind, key = ("answer", self.number) if self.number is not None else ("page-entry", self.entry)
        return reverse(f"{kind}-{name}" if name else kind, args=[key, *args])

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
    def delete_url(self) -> str:
        return self.url("delete")

    def head(self, *, text: str, title: str, feeling: str, zone: ZoneInfo) -> Head:
        """Return the head of what is written now. The question's wording is kept as it was answered."""
        slug = self.question.slug if self.question else self.answered.question if self.answered else ""
        return Head(
            kind="answer" if self.is_answer else "page",
            question=slug,
            asked=self.asked,
            title=title,
            feeling=feeling,
            written=datetime.now(zone).replace(microsecond=0).isoformat(),
            zone=zone.key,
            words=len(text.split()),
        )


def of(entry: UUID, head: Head | None, number: int | None = None) -> Subject:
    """Return the subject of an entry that was found by its id: a free page, or an answer as its head says."""
    if head is None or head.kind != "answer":
        return Subject(entry, number=number)
    question = next((question for question in questions.live() if question.slug == head.question), None)
    return Subject(entry, question, number, answered=head)


def find(vault: Vault, number: int | None = None, entry: UUID | None = None) -> Subject:
    """Return the subject at an address: a live question's number, or the id of an entry or draft of this vault.

    A question that is off the site is there for whoever answered it, or has a draft of an answer. Raises
    `Http404` if there is none; an entry of somebody else is none.
    """
    if number is not None:
        question = questions.numbered(number)
        if question:
            return Subject(entries.answer_id(vault, question.slug), question, number)
        slug = questions.retired().get(number)
        entry = entries.answer_id(vault, slug) if slug else None
    if entry is None:
        raise Http404
    found = entries.newest_of(vault, [entry]).get(entry) or entries.draft(vault, entry)
    if found is None:
        raise Http404
    return of(entry, found.head, number)


def retired(vault: Vault) -> dict[UUID, Subject]:
    """Return a subject for each question that is off the site, by the id that an answer to it has here."""
    ids = {number: entries.answer_id(vault, slug) for number, slug in questions.retired().items()}
    return {entry: Subject(entry, number=number) for number, entry in ids.items()}
