"""Search through what one person wrote. There is no index: rows are opened one by one, matched, and let go.

Words are looked for at the beginnings of words, all of them; those in quotes in their order. Capitals and accents
make no difference. Nothing of a search is kept.
"""

import json
import re
import string
import textwrap
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from . import entries, subjects
from .crypto import DecryptionError
from .entries import Head, Version
from .subjects import Subject
from .vault import Vault

MOST = 50  # entries shown of one search
SENTENCES = 3  # of an entry
LONGEST = 300  # characters of one sentence

# Over and under letters. Signs that make another letter (a voiced kana, a nukta) have a class below ten, and stay.
_MARKS = re.compile("[" + "".join(c for c in map(chr, range(0x300, 0x10000)) if unicodedata.combining(c) > 9) + "]+")
_QUOTES = str.maketrans(dict.fromkeys("“”„«»", '"'))
_QUOTED = re.compile(r'"([^"]*)"')
_AROUND_WORDS = string.punctuation + "¿¡…–—‘"
_WITHOUT_SPACES = "\u0e00"  # from Thai on, most scripts write words without spaces between them


@dataclass(frozen=True)
class Found:
    """An entry that holds the words, and the sentences of it that hold one of them, if they were asked for."""

    subject: Subject
    version: Version
    is_draft: bool
    sentences: list[SafeString]


def fold(text: str) -> str:
    """Return a text without what a search makes no difference of: capitals, accents, forms of letters."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.replace("’", "'")).casefold()
    return unicodedata.normalize("NFC", _MARKS.sub("", apart))


class Query:
    """What somebody looks for: words, and phrases in quotes. False if it holds no word."""

    def __init__(self, typed: str) -> None:
        folded = fold(typed.translate(_QUOTES))
        phrases = [_words(phrase) for phrase in _QUOTED.findall(folded)]
        terms = [term for term in (*phrases, *([word] for word in _words(_QUOTED.sub(" ", folded)))) if term]
        self._words = {word for term in terms for word in term}
        self._patterns = [re.compile(_pattern(term)) for term in terms]
        self._any = re.compile("|".join(map(_pattern, terms)))

    def __bool__(self) -> bool:
        return bool(self._words)

    def may_be_in(self, head: str, text: str) -> bool:
        """Whether all the words stand somewhere in a text or the JSON of its head. Quick: most rows end here."""
        if "\\" in head:  # letters that JSON writes in another way
            head = "\n".join(map(str, json.loads(head).values()))
        head, text = fold(head), fold(text)
        for word in self._words:  # noqa: SIM110 - `all` would take a third longer
            if word not in text and word not in head:
                return False
        return True

    def is_in(self, head: Head, text: str) -> bool:
        folded = fold("\n".join((head.title, head.asked, head.place, *head.signs.values(), text)))
        return all(pattern.search(folded) for pattern in self._patterns)

    def sentences(self, text: str) -> list[SafeString]:
        """Return the first sentences that hold something of it, marked."""
        hits = (sentence for sentence in _sentences(text) if self._any.search(fold(sentence)))
        return [self._marked(sentence) for sentence, _ in zip(hits, range(SENTENCES), strict=False)]

    def _marked(self, sentence: str) -> SafeString:
        """Mark what was found in a sentence as it was written, whose letters may be more or fewer than the folded."""
        folded = [fold(letter) for letter in sentence]
        places = [place for place, piece in enumerate(folded) for _ in piece] + [len(sentence)]
        marked, done = [], 0
        for hit in self._any.finditer("".join(folded)):
            start, end = places[hit.start()], places[hit.end()]
            marked += [escape(sentence[done:start]), format_html("<mark>{}</mark>", sentence[start:end])]
            done = end
        return mark_safe("".join([*marked, escape(sentence[done:])]))  # noqa: S308 - each piece is escaped


def find(vault: Vault, query: Query, *, with_sentences: bool = False) -> list[Found]:
    """Return the entries that hold what is looked for, drafts first, then last written first: at most `MOST` and one.

    A letter that waits is left out, and what can't be opened.
    """
    found: dict[object, Found] = {}
    for version, is_draft in _sift(vault, query):
        head = version.head
        if head is None or head.waits or version.entry in found or not query.is_in(head, version.text):
            continue
        if is_draft and head.kind == "letter" and _waits(vault, version):
            continue
        sentences = query.sentences(version.text) if with_sentences else []
        found[version.entry] = Found(subjects.of(version.entry, head), version, is_draft, sentences)
        if len(found) > MOST:
            break
    return list(found.values())


def _sift(vault: Vault, query: Query) -> Iterator[tuple[Version, bool]]:
    """Yield drafts, then newest versions, that may hold what is looked for, and whether each is a draft.

    Their heads are taken apart only then: to do it with every row would take half as long again.
    """
    for rows, numbered in ((entries.draft_rows(vault), "base"), (entries.newest_rows(vault), "number")):
        is_draft = numbered == "base"
        sealed: Any = rows.order_by("-pk").values_list("entry", numbered, "head", "body")
        for entry, number, sealed_head, sealed_body in sealed.iterator(entries.READ_AT_ONCE):
            place = entry.bytes
            try:
                head = vault.open_head(bytes(sealed_head), entry=place, revision=number, draft=is_draft).decode()
                text = vault.open_body(bytes(sealed_body), entry=place, revision=number, draft=is_draft).decode()
            except DecryptionError:
                continue
            if query.may_be_in(head, text):
                yield Version(entry, number, Head(**json.loads(head)), text), is_draft


def _waits(vault: Vault, draft: Version) -> bool:
    """Whether a draft is of a letter that waits: it may say the same."""
    newest = entries.newest_of(vault, [draft.entry]).get(draft.entry)
    return bool(newest and newest.head and newest.head.waits)


def _words(folded: str) -> list[str]:
    return [word for raw in folded.split() if (word := raw.strip(_AROUND_WORDS))]


def _pattern(term: list[str]) -> str:
    first = term[0][0]
    start = r"\b" if re.match(r"\w", first) and first < _WITHOUT_SPACES else ""
    return start + r"\W+".join(map(re.escape, term))


def _sentences(text: str) -> Iterator[str]:
    for sentence in re.split(r"(?<=[.?!…])\s+|\s*\n\s*", text):
        yield from [sentence] if len(sentence) <= LONGEST else textwrap.wrap(sentence, LONGEST)
