"""Months as a calendar shows them, their weeks beginning where the reader's language begins them."""

from calendar import Calendar
from collections.abc import Sequence
from datetime import date, timedelta

from django.utils.formats import date_format, get_format
from django.utils.translation import gettext

YEARS = range(1900, 2200)


def begins(year: int, month: int) -> date:
    """Return the first day of a month. Raises `ValueError` if there is none, or if it is of no year we show."""
    if year not in YEARS:
        raise ValueError(year)
    return date(year, month, 1)


def before(month: date) -> date:
    return (month - timedelta(days=1)).replace(day=1)


def after(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


def label(month: date) -> str:
    """Return what a month is called: “March 2026”."""
    return date_format(month, gettext("F Y"))


def weeks(month: date) -> Sequence[Sequence[date]]:
    """Return the weeks that a month has days in, with the days of other months that fill them."""
    first = (int(get_format("FIRST_DAY_OF_WEEK")) - 1) % 7  # Django counts from Sunday, Python from Monday
    return Calendar(first).monthdatescalendar(month.year, month.month)
