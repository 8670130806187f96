"""Months, and the weeks of them as a language begins them."""

from datetime import date

import pytest
from django.utils import translation

from journal import months

MARCH = date(2026, 3, 1)


@pytest.mark.parametrize(
    ("code", "first", "last"), [("en", date(2026, 3, 1), date(2026, 4, 4)), ("es", date(2026, 2, 23), date(2026, 4, 5))]
)
def test_weeks_begin_on_the_day_that_they_begin_on_in_a_language(code: str, first: date, last: date) -> None:
    with translation.override(code):
        found = months.weeks(MARCH)
    assert {len(week) for week in found} == {7}
    assert (found[0][0], found[-1][-1]) == (first, last)


@pytest.mark.parametrize(("code", "said"), [("en", "March 2026"), ("es", "marzo de 2026")])
def test_a_month_is_called_by_its_name_and_year(code: str, said: str) -> None:
    with translation.override(code):
        assert months.label(MARCH) == said


def test_the_months_beside_one_cross_the_year() -> None:
    assert months.before(date(2026, 1, 1)) == date(2025, 12, 1)
    assert months.after(date(2025, 12, 1)) == date(2026, 1, 1)
    assert months.after(date(2026, 1, 1)) == date(2026, 2, 1)


@pytest.mark.parametrize(("year", "month"), [(2026, 0), (2026, 13), (1899, 12), (2200, 1), (0, 1), (10_000, 1)])
def test_a_month_that_is_none_is_refused(year: int, month: int) -> None:
    with pytest.raises(ValueError, match=r".+"):
        months.begins(year, month)
