"""Weeks as ISO 8601 has them, from Monday to Sunday: “2026-W13”."""

from datetime import UTC, date, datetime, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext

FIRST = date(2019, 12, 30)  # of 2020-W01: nobody has a check-in of a week before
WEEK = timedelta(days=7)


def of(day: date) -> str:
    """Return the week of a day."""
    year, number, _ = day.isocalendar()
    return f"{year}-W{number:02}"


def begins(week: str) -> date:
    """Return the Monday of a week. Raises `ValueError` if there is no such week, and for one before `FIRST`."""
    monday = date.fromisoformat(f"{week}-1")
    if week != of(monday) or monday < FIRST:
        raise ValueError(week)
    return monday


def tomorrow() -> date:
    """Return the last day that has begun for anybody: somewhere it is already tomorrow."""
    return datetime.now(UTC).date() + timedelta(days=1)


def until(day: date) -> list[str]:
    """Return every week from the first one to that of a day, newest first."""
    return [of(FIRST + n * WEEK) for n in reversed(range((day - FIRST) // WEEK + 1))]


def label(week: str) -> str:
    """Return what a week is called: “Week of March 23”, with the year if it is another one."""
    monday = begins(week)
    this_year = monday.year == datetime.now(UTC).year
    day = date_format(monday, gettext("F j") if this_year else gettext("F j, Y"))
    return gettext("Week of {day}").format(day=day)
