from datetime import UTC, date, datetime

import pytest
import time_machine

from journal import weeks


@pytest.mark.parametrize(
    ("day", "week"),
    [
        (date(2026, 11, 22), "2026-W47"),  # a Sunday
        (date(2026, 11, 23), "2026-W48"),
        (date(2026, 12, 31), "2026-W53"),
        (date(2027, 1, 3), "2026-W53"),
        (date(2027, 1, 4), "2027-W01"),
        (date(2025, 12, 29), "2026-W01"),
    ],
)
def test_a_week_goes_from_monday_to_sunday_across_the_year(day: date, week: str) -> None:
    assert weeks.of(day) == week
    assert weeks.begins(week) <= day < weeks.begins(week) + weeks.WEEK


@pytest.mark.parametrize("week", ["2026-W54", "2027-W53", "2026W13", "2026-W1", "2019-W52", "2026-13", "0000-W01", ""])
def test_what_is_no_week_or_one_before_the_first_is_refused(week: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        weeks.begins(week)


def test_every_week_until_a_day_is_there_once_newest_first() -> None:
    every = weeks.until(date(2027, 1, 3))
    assert every[:2] == ["2026-W53", "2026-W52"]
    assert every[-1] == "2020-W01" == weeks.of(weeks.FIRST)
    assert len(every) == len(set(every)) == 53 + 52 * 5 + 53


@time_machine.travel(datetime(2027, 1, 2, tzinfo=UTC), tick=False)
def test_a_week_is_called_by_its_monday_with_the_year_if_it_is_another() -> None:
    assert weeks.label("2026-W53") == "Week of December 28, 2026"
    assert weeks.label("2027-W12") == "Week of March 22"
