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
    """An entry as a page needs it: its id, its question if it has one, and the addresses that belong to it."""

    entry: UUID
    question: Question | None = None

    def url(self, name: str = "", *args: int) -> str:
        """Return an address of the entry: the writing page, or ``history``, ``version``, ``delete`` …"""
        kind, key = ("answer", self.question.number) if self.question else ("page-entry", self.entry)
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

    def head(self, *, text: str, title: str, feeling: str, zone: ZoneInfo, before: Head | None) -> Head:
        """Return the head of what is written now. The question's wording is kept as it was answered."""
        question = self.question
        return Head(
            kind="answer" if question or (before and before.kind == "answer") else "page",
            question=question.slug if question else before.question if before else "",
            asked=question.prompt if question else before.asked if before else "",
            title=title,
            feeling=feeling,
            written=datetime.now(zone).replace(microsecond=0).isoformat(),
            zone=zone.key,
            words=len(text.split()),
        )


def find(vault: Vault, number: int | None = None, entry: UUID | None = None) -> Subject:
    """Return the subject at an address: a live question's number, or the id of an entry or draft of this vault.

    Raises `Http404` if there is none; an entry of somebody else is none.
    """
    if number is not None:
        question = questions.numbered(number)
        if question is None:
            raise Http404
        return Subject(entries.answer_id(vault, question.slug), question)
    if entry is None or not (entries.newest_of(vault, [entry]) or entries.draft(vault, entry)):
        raise Http404
    return Subject(entry)
