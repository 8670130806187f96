"""The chart of check-ins: the amber line, measured from the green one. Numbers and paths for `chart.html`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby, pairwise

from . import weeks

WIDTH, HEIGHT, MARGIN = 358, 182, 24
BASE = 132  # where the green line lies
BESIDE = 14  # how far from it the amber one runs when nothing was noticed
HIGHEST, FLAG = 30, 22  # the top of the amber line, and what one flag adds while that leaves room
CLOSE = 40  # weeks nearer than this leave no room for the names of two months


@dataclass(frozen=True)
class Point:
    """A week in the chart: how many flags were noticed, or None for a gap; and where it stands, as SVG has it."""

    monday: date
    count: int | None
    x: str
    y: str = ""
    number_y: str = ""
    drop_y: str = ""
    shows_month: bool = False

    @property
    def label(self) -> str:
        return weeks.label(weeks.of(self.monday))


@dataclass(frozen=True)
class Chart:
    points: Sequence[Point]
    lines: Sequence[str]  # the amber line: a path for each row of weeks without a gap
    frame: str  # the SVG's view box: no taller than what was noticed
    base: int = BASE
    end: int = WIDTH - 8  # of the green line


def draw(counts: Sequence[tuple[date, int | None]]) -> Chart:
    """Draw two weeks or more, evenly spaced, oldest first. No count is a gap, and no line leads over it."""
    most = max((count for _, count in counts if count is not None), default=0)
    step = (WIDTH - 2 * MARGIN) / (len(counts) - 1)
    flag = min(FLAG, (BASE - BESIDE - HIGHEST) / max(most, 1))
    places = [
        (MARGIN + n * step, None if count is None else BASE - BESIDE - flag * count)
        for n, (_, count) in enumerate(counts)
    ]
    months = [monday.month for monday, _ in counts]
    points = [
        Point(monday, count, _svg(x), *_heights(y), _shows_month(months, n, step))
        for n, ((monday, count), (x, y)) in enumerate(zip(counts, places, strict=True))
    ]
    rows = [list(row) for seen, row in groupby(places, lambda place: place[1] is not None) if seen]
    top = BASE - BESIDE - flag * most - HIGHEST
    frame = f"0 {_svg(top)} {WIDTH} {_svg(HEIGHT - top)}"
    return Chart(points, [_line([(x, y or 0) for x, y in row]) for row in rows if len(row) > 1], frame)


def _heights(y: float | None) -> tuple[str, str, str]:
    """Return where a dot stands, the number over it, and where the thread down to the green line begins."""
    return ("", "", "") if y is None else (_svg(y), _svg(y - 14), _svg(y + 8))


def _shows_month(months: Sequence[int], n: int, step: float) -> bool:
    """Whether a week's month is named below it: the first week's, and each that is another than before."""
    if n:
        return months[n] != months[n - 1]
    return step >= CLOSE or months[1] == months[0]


def _line(places: Sequence[tuple[float, float]]) -> str:
    """Return a path that is level at every dot, so that it is never higher or lower than what was noticed."""
    path = f"M{_svg(places[0][0])} {_svg(places[0][1])}"
    for (x0, y0), (x1, y1) in pairwise(places):
        middle = _svg((x0 + x1) / 2)
        path += f"C{middle} {_svg(y0)} {middle} {_svg(y1)} {_svg(x1)} {_svg(y1)}"
    return path


def _svg(number: float) -> str:
    """Write a number with at most one decimal, and with a point in every language."""
    return f"{number:.1f}".removesuffix(".0")
