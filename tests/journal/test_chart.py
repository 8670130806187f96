"""The chart as numbers and paths: what stands where."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal import chart


def weekly(*counts: int | None, start: date = date(2026, 2, 2)) -> chart.Chart:
    return chart.draw([(start + timedelta(days=7 * n), count) for n, count in enumerate(counts)])


def test_each_flag_lifts_the_amber_line_by_the_same_and_none_leaves_it_beside_the_green_one() -> None:
    drawn = weekly(0, 1, 2, 4)
    assert [point.y for point in drawn.points] == ["118", "96", "74", "30"]
    assert [point.number_y for point in drawn.points] == ["104", "82", "60", "16"]
    assert [point.x for point in drawn.points] == ["24", "127.3", "230.7", "334"]
    assert drawn.base == 132


@pytest.mark.parametrize(
    ("counts", "frame"), [((0, 4), "0 0 358 182"), ((0, 1), "0 66 358 116"), ((8, 0), "0 0 358 182")]
)
def test_the_drawing_is_no_taller_than_what_was_noticed(counts: tuple[int, ...], frame: str) -> None:
    assert weekly(*counts).frame == frame


def test_more_flags_than_fit_are_drawn_closer() -> None:
    assert [point.y for point in weekly(0, 8).points] == ["118", "30"]


def test_a_line_is_level_at_every_dot() -> None:
    assert weekly(3, 2).lines == ["M24 52C179 52 179 74 334 74"]


def test_a_skipped_week_keeps_its_place_and_no_line_leads_over_it() -> None:
    drawn = weekly(1, 1, None, 2, None, 3, 3)
    assert [point.x for point in drawn.points] == ["24", "75.7", "127.3", "179", "230.7", "282.3", "334"]
    assert [point.y for point in drawn.points] == ["96", "96", "", "74", "", "52", "52"]
    assert drawn.lines == ["M24 96C49.8 96 49.8 96 75.7 96", "M282.3 52C308.2 52 308.2 52 334 52"]


@pytest.mark.parametrize(
    ("start", "count", "named"),
    [
        (date(2026, 2, 2), 6, [0, 4]),
        (date(2026, 2, 23), 4, [0, 1]),
        (date(2026, 2, 23), 12, [1, 6, 10]),  # there is no room for two months side by side
        (date(2026, 12, 14), 5, [0, 3]),
    ],
)
def test_a_month_is_named_where_it_begins(start: date, count: int, named: list[int]) -> None:
    points = weekly(*[1] * count, start=start).points
    assert [n for n, point in enumerate(points) if point.shows_month] == named


@given(st.lists(st.none() | st.integers(0, 40), min_size=2, max_size=12))
def test_whatever_was_noticed_stands_inside_the_drawing(counts: list[int | None]) -> None:
    drawn = weekly(*counts)
    seen = [point for point in drawn.points if point.count is not None]
    assert [point.count for point in seen] == [count for count in counts if count is not None]
    for point in seen:
        assert 0 < float(point.x) < chart.WIDTH
        assert float(drawn.frame.split()[1]) < float(point.number_y)
        assert chart.HIGHEST <= float(point.y) <= chart.BASE - chart.BESIDE
