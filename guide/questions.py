"""What the journal may know of the guide: its questions."""

from collections.abc import Sequence

from . import edition
from .models import Question

__all__ = ["Question", "live", "numbered"]


def live() -> Sequence[Question]:
    """Return the questions readers see, in order. At most one small query a second, whoever asks."""
    return edition.current().guide.questions


def numbered(number: int) -> Question | None:
    """Return the live question with a number, or None."""
    return next((question for question in live() if question.number == number), None)
