"""How hard a text is to read: words, sentences, a US school grade and LIX. Two formulas, no dictionary."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Self

from . import rendering

LONG_WORD = 7  # letters, from which a word counts as long in LIX

_OPENING = "\"'“‘([¿¡"
_CLOSING = "\"'”’)]*"
# Their full stop ends no sentence. What often stands last in one, such as “etc.” or “no.”, is not among them.
_ABBREVIATIONS = {"dr", "dra", "e.g", "eg", "i.e", "mr", "mrs", "ms", "mt", "prof", "sra", "st", "vs"}
_INITIALS = re.compile(r"(?:[^\W\d_]\.)+")


@dataclass(frozen=True)
class Readability:
    """The counts of a text, and what two formulas make of them. The measures of an empty text are 0."""

    words: int
    sentences: int
    characters: int  # letters and digits
    long_words: int

    @classmethod
    def of(cls, sentences: Iterable[str]) -> Self:
        counted = [rendering.split_words(sentence) for sentence in sentences]
        letters = [sum(map(str.isalnum, word)) for words in counted for word in words]
        return cls(len(letters), len(counted), sum(letters), sum(count >= LONG_WORD for count in letters))

    @property
    def grade(self) -> float:
        """The Automated Readability Index, as a US school grade with one decimal; what is easier than grade 0 is 0.

        4.71 × characters ÷ words + 0.5 × words ÷ sentences − 21.43, from R. J. Senter and E. A. Smith,
        “Automated Readability Index”, AMRL-TR-66-220, Aerospace Medical Research Laboratories, 1967.
        """
        if not self.words:
            return 0.0
        index = 4.71 * self.characters / self.words + 0.5 * self.words / self.sentences - 21.43
        return max(0.0, round(index, 1))

    @property
    def lix(self) -> int:
        """The readability index LIX: below 25 is very easy, 40 a newspaper, above 60 very hard.

        Words ÷ sentences + 100 × words of more than 6 letters ÷ words, from C. H. Björnsson, “Läsbarhet”, Liber,
        1968; for English see J. Anderson, “Lix and Rix”, Journal of Reading 26 (6), 1983, pages 490 to 496.
        """
        if not self.words:
            return 0
        return round(self.words / self.sentences + 100 * self.long_words / self.words)


def measure(*texts: str) -> Readability:
    """Return the measures of Markdown texts that stand on one page."""
    return Readability.of(
        sentence for text in texts for sentence in sentences(rendering.passages(rendering.parse(text)))
    )


def sentences(passages: Iterable[str]) -> list[str]:
    """Return the sentences of plain passages, those without a word left out. The end of a passage ends a sentence."""
    found = (sentence for passage in passages for sentence in _split(passage))
    return [sentence for sentence in found if rendering.split_words(sentence)]


def _split(passage: str) -> Iterator[str]:
    pieces, sentence = passage.split(), list[str]()
    for piece, following in zip_longest(pieces, pieces[1:], fillvalue=""):
        sentence.append(piece)
        if not following or _is_last(piece, following):
            yield " ".join(sentence)
            sentence = []


def _is_last(piece: str, following: str) -> bool:
    """Whether a sentence ends between these two. After a full stop, one does not begin with a small letter."""
    piece = piece.strip(_OPENING + _CLOSING)
    if not piece.endswith((".", "!", "?", "…")) or following.lstrip(_OPENING)[:1].islower():
        return False
    return piece.rstrip(".").lower() not in _ABBREVIATIONS and not _INITIALS.fullmatch(piece)
