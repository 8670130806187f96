"""What a person wrote, offered sentence by sentence: for the limits, and for the summary."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext

from guide import questions

from . import check_ins, entries, sentences, subjects
from .entries import Head, Version
from .vault import Vault


@dataclass(frozen=True)
class Source:
    """Something to pick from: what it is called, when it was written, and its sentences with whether each is picked."""

    called: str
    written_at: datetime | None
    rows: list[tuple[str, bool]]

    @property
    def is_picked_from(self) -> bool:
        return any(picked for _, picked in self.rows)


def limits(vault: Vault) -> list[str]:
    """Return the person's limits."""
    found = entries.read(vault, entries.named(vault, Head("limits")))
    return sentences.lines(found.text) if found else []


def sources(vault: Vault, kind: str, picked: Collection[str]) -> list[Source]:
    """Return what can be picked from for limits or for a summary: newest answers, check-ins, and limits.

    What was picked before and stands there no longer comes first.
    """
    asked = [entries.answer_id(vault, question.slug) for question in questions.live()]
    weeks = check_ins.ids(vault)
    own = [entries.named(vault, Head("limits"))] if kind == "summary" else []
    order = [*own, *asked, *subjects.retired(vault), *weeks]
    found = entries.texts_of(vault, order)
    offered = [source for entry in order if entry in found and (source := _source(found[entry], picked))]
    there = {sentence for source in offered for sentence, _ in source.rows}
    gone = [(sentence, True) for sentence in picked if sentence not in there]
    return [Source(gettext("Picked before, and changed there since"), None, gone), *offered] if gone else offered


def _source(version: Version, picked: Collection[str]) -> Source | None:
    head = version.head
    if head is None:
        return None
    cut = sentences.lines if head.kind == "limits" else sentences.split
    rows = sentences.each_once([*head.signs.values(), *cut(version.text)])
    called = head.asked or subjects.of(version.entry, head).name
    return Source(called, head.written_at, [(row, row in picked) for row in rows]) if rows else None


def beside(vault: Vault, kind: str, picked: Collection[str]) -> dict[str, Any]:
    """Return what the writing page of a kind shows beside its box."""
    if kind == "letter":
        return {"limits": limits(vault)}
    return {"sources": sources(vault, kind, picked)} if kind in subjects.ONE_OF_THEIR_KIND else {}


# --- the text of a summary: picked sentences, one on each line; an empty line; what else is to be remembered ----


def join(picked: Iterable[str], rest: str) -> str:
    return "\n".join(picked) + ("\n\n" + rest if rest else "")


def part(text: str) -> tuple[list[str], str]:
    """Return the picked sentences of a summary, and the rest: `join` undone."""
    picked, _, rest = text.partition("\n\n")
    return sentences.lines(picked), rest
