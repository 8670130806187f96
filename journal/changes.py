"""What changed between two versions of a text: paragraph by paragraph, and within those word by word.

The desk has a comparison of its own (`guide.desk.words`), which the journal may not import: it knows the guide by its
questions only. This one gives two columns in place of one, and ends in bounded time whatever the texts are.
"""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

Pieces = list[tuple[bool, str]]  # whether a piece is only in this text, and the piece

# Pairs of words, or of paragraphs, that are looked at for two texts. What comes after that is shown as changed whole.
MOST_PAIRS = 2_000_000
_WORD = re.compile(r"\s+|\S+")


def sides(old: str, new: str) -> tuple[Pieces, Pieces]:
    """Return both texts in pieces, which say whether they are in that text only. They add up to the texts."""
    left: Pieces = []
    right: Pieces = []
    room = MOST_PAIRS
    for before, after, is_same in _steps(old.splitlines(keepends=True), new.splitlines(keepends=True), room):
        words, others = (_WORD.findall("".join(lines)) for lines in (before, after))
        pairs = len(words) * len(others)
        fits = not is_same and pairs <= room
        room -= pairs if fits else 0
        for out, put, stays in _steps(words, others, pairs) if fits else [(before, after, is_same)]:
            left += [(not stays, "".join(out))] if out else []
            right += [(not stays, "".join(put))] if put else []
    return left, right


def _steps(old: Sequence[str], new: Sequence[str], room: int) -> Iterator[tuple[Sequence[str], Sequence[str], bool]]:
    """Yield stretches of two rows, and whether they are the same. Rows of too many pairs are one stretch of change."""
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    yield old[:start], new[:start], True
    middle = old[start : len(old) - end], new[start : len(new) - end]
    if len(middle[0]) * len(middle[1]) > room:
        yield *middle, False
    else:
        for tag, first, last, new_first, new_last in SequenceMatcher(None, *middle).get_opcodes():
            yield middle[0][first:last], middle[1][new_first:new_last], tag == "equal"
    yield old[len(old) - end :], new[len(new) - end :], True
