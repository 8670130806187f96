"""What the journal may know of the guide: its questions, and its red flags."""

from collections.abc import Mapping, Sequence

from . import edition
from .models import Flag, Question, Section

__all__ = ["Flag", "Question", "flags", "live", "numbered", "retired"]


class _Shelf:
    """The questions off the site, with the edition beside which they were read."""

    retired: tuple[edition.Edition, Mapping[int, str]] | None = None


def live() -> Sequence[Question]:
    """Return the questions readers see, in order. At most one small query a second, whoever asks."""
    return edition.current().guide.questions


def numbered(number: int) -> Question | None:
    """Return the live question with a number, or None."""
    return next((question for question in live() if question.number == number), None)


def flags() -> Sequence[Flag]:
    """Return the red flags readers see, in order; none if no part shows them."""
    parts = edition.current().guide.parts
    return next((part.items for part in parts if part.section.shows == Section.List.FLAGS), ())


def retired() -> Mapping[int, str]:
    """Return number and short name of each question that is off the site, in order. One query for each edition."""
    now = edition.current()
    if _Shelf.retired is None or _Shelf.retired[0] is not now:
        seen = {question.slug for question in live()}
        rows = Question.objects.filter(live=None).exclude(slug__in=seen).order_by("position", "number")
        _Shelf.retired = now, dict(rows.values_list("number", "slug"))
    return _Shelf.retired[1]
