"""What changed between two texts: nothing is lost of either, and it ends in time."""

import random

import pytest

from journal.changes import sides


def joined(pieces: list[tuple[bool, str]]) -> str:
    return "".join(piece for _, piece in pieces)


def changed(pieces: list[tuple[bool, str]]) -> list[str]:
    return [piece for is_changed, piece in pieces if is_changed]


@pytest.mark.parametrize(
    ("old", "new", "removed", "added"),
    [
        ("", "", [], []),
        ("same", "same", [], []),
        ("", "all new", [], ["all new"]),
        ("I miss them.", "I miss us.", ["them."], ["us."]),
        ("One.\n\nTwo is here.\n", "One.\n\nTwo was here.\nThree.\n", ["is"], ["was", "\nThree."]),
        ("a\nb\nc\n", "a\nc\n", ["b\n"], []),
        ("Maybe on Sundays", "Maybe never on Sundays", [], ["never "]),
    ],
)
def test_what_is_in_one_text_only_is_marked_there(old: str, new: str, removed: list[str], added: list[str]) -> None:
    left, right = sides(old, new)
    assert (changed(left), changed(right)) == (removed, added)
    assert (joined(left), joined(right)) == (old, new)


def test_texts_of_any_kind_come_back_whole() -> None:
    chance = random.Random(4)
    for _ in range(300):
        old, new = ("".join(chance.choices("ab \n\té🙂\u2028", k=chance.randrange(60))) for _ in range(2))
        left, right = sides(old, new)
        assert (joined(left), joined(right)) == (old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("".join(f"{n}\n" for n in range(14_000)), "".join(f"{n ^ 1}\n" for n in range(14_000))),
        (" ".join(map(str, range(15_000))), " ".join(str(n ^ 1) for n in range(15_000))),
        ("x" * 100_000, "y" * 100_000),
    ],
    ids=["paragraphs", "words", "letters"],
)
def test_texts_that_would_take_minutes_are_shown_as_changed_whole(old: str, new: str) -> None:
    """Rows in which each two neighbors changed places: a comparison of all of them would not end within a minute."""
    left, right = sides(old, new)
    assert (joined(left), joined(right)) == (old, new)
    assert len(changed(left)) == len(changed(right)) == 1
