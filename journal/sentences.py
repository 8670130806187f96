"""Text cut into its lines and sentences, so that one can be picked. No character but space is lost or changed."""

import re
from collections.abc import Iterable

_END = ".?!…؟۔।"
_CLOSING = "\"'”’»)\\]"
_CUT = re.compile(rf"(?<=[{_END}])\s+|(?<=[{_END}][{_CLOSING}])\s+|(?<=[。！？])|[\r\n]+")


def split(text: str) -> list[str]:
    """Return the sentences of a text. A short form such as “Dr.” ends one too; nothing is lost by that."""
    return [piece for piece in (found.strip() for found in _CUT.split(text)) if piece]


def lines(text: str) -> list[str]:
    """Return the lines of a text that are not empty."""
    return [line for line in (found.strip() for found in re.split(r"[\r\n]+", text)) if line]


def each_once(found: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(found))
