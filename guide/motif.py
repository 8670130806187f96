"""The two lines. Green is always the reader, amber the other person, dotted is maybe.

Every path begins and ends upright at a shared place, so that drawings join whatever their heights.
"""

from collections.abc import Sequence

# Home's list of contents: (class, path) in a box 64 wide and 100 high for each row; the reader is at x = 22.
READER = ("you", "M22 0V100")
LEAD_IN = ("them", "M70 4C52 30 31 34 31 80")
_PARTED = ("them", "M31 0C31 45 46 50 46 100")
_DRIFTED = ("them", "M46 0C46 50 62 55 72 96")
_RETURNING = ("them maybe", "M70 14C58 52 50 62 50 100")
_NEAR = ("them maybe", "M50 0C50 55 32 55 32 100")
_TANGLED = ("them", "M32 0C32 10 44 14 44 28S5 42 5 56 42 68 42 82 32 92 32 100")
_BESIDE = ("them", "M32 0V100")
_OTHERS = ("oth", "M70 2C50 24 40 40 40 100M72 18C56 40 45 52 45 100M74 34C62 56 50 62 50 100")
_OTHERS_GONE = ("oth", "M40 0C40 40 56 50 72 62M45 0C45 32 58 42 74 48M50 0C50 24 62 30 76 34")
_TWO_WAYS = ("them maybe", "M32 0C32 50 29 60 29 100M32 4C32 50 46 50 48 100")

THREAD: dict[int, Sequence[tuple[str, str]]] = {
    1: [READER, _PARTED],
    2: [READER, _DRIFTED],
    3: [READER, _RETURNING],
    4: [READER, _NEAR],
    5: [READER, _TANGLED],
    6: [READER, _BESIDE, _OTHERS],
    7: [READER, _OTHERS_GONE, _TWO_WAYS],
}

# Bands over the parts: heights of each line, evenly spaced over 640 of width, and where knots are tied.
BAND_WIDTH, BAND_HEIGHT = 640, 96
_CALM = (70, 78, 77, 70, 64, 62, 66, 72, 76)
BANDS: dict[int, Sequence[tuple[str, Sequence[float]]]] = {
    1: [("you", (64, 66, 68, 70, 72, 72, 70, 68, 68)), ("them", (52, 52, 54, 56, 52, 42, 30, 20, 14))],
    2: [("you", (68, 70, 72, 74, 72, 68, 64, 64, 66)), ("them", (40, 36, 28, 18, 8, -4, -18))],
    3: [("you", _CALM), ("them maybe", (30, 24, 22, 23, 27, 31, 33, 31, 26))],
    4: [("you", (74, 72, 70, 70, 72, 72, 70, 68, 68)), ("them maybe", (14, 16, 22, 32, 42, 50, 54, 55, 55))],
    5: [("you", (58, 56, 54, 54, 56, 56, 54, 56, 58)), ("them", (40, 76, 30, 82, 26, 80, 34, 74, 44))],
    6: [
        ("you", (70, 69, 68, 68, 69, 70, 70, 69, 68)),
        ("them", (56, 55, 54, 54, 55, 56, 56, 55, 54)),
        ("oth", (4, 14, 26, 34, 36, 32, 24, 14, 4)),
        ("oth", (-6, 8, 20, 28, 30, 26, 16, 6, -6)),
        ("oth", (14, 22, 32, 40, 42, 38, 30, 22, 12)),
    ],
    7: [
        ("you", (66, 68, 70, 70, 68, 66, 66, 68, 70)),
        ("them maybe", (54, 54, 54, 52, 46, 36, 24, 14, 8)),
        ("them maybe", (54, 54, 54, 54, 54, 54, 54, 56, 58)),
    ],
}
KNOTS = 8  # of the part with the questions, on the reader's line
KNOTTED_BAND = 3


def smooth(heights: Sequence[float]) -> str:
    """Return a path through evenly spaced heights that leaves each of them level with its neighbors' slope."""
    step = BAND_WIDTH / 8
    slopes = [(heights[min(i + 1, len(heights) - 1)] - heights[max(i - 1, 0)]) / 6 for i in range(len(heights))]
    path = [f"M0 {heights[0]:g}"]
    for i in range(1, len(heights)):
        x, third = i * step, step / 3
        path.append(
            f"C{x - 2 * third:.4g} {heights[i - 1] + slopes[i - 1]:.4g} {x - third:.4g} "
            f"{heights[i] - slopes[i]:.4g} {x:g} {heights[i]:g}"
        )
    return "".join(path)


def knots() -> list[tuple[str, str]]:
    """Return where the eight knots sit on the calm line, one in the middle of each step."""
    step = BAND_WIDTH / 8
    return [(f"{(i + 0.5) * step:g}", f"{(_CALM[i] + _CALM[i + 1]) / 2 + _sag(i):.4g}") for i in range(KNOTS)]


def _sag(i: int) -> float:
    """How far the curve of `smooth` leaves the straight line at the middle of a step."""
    before = (_CALM[i + 1] - _CALM[max(i - 1, 0)]) / 6
    after = (_CALM[min(i + 2, 8)] - _CALM[i]) / 6
    return 3 * (before - after) / 8
