"""Texts cut into sentences: nothing but space is lost, whatever the language."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal import picking, sentences

TEXTS = st.text(st.one_of(st.characters(codec="utf-8"), st.sampled_from(".?!… \n\r”)。؟")), max_size=200)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", []),
        (" \r\n ", []),
        ("One", ["One"]),
        ("One. Two? Three! Four… Five", ["One.", "Two?", "Three!", "Four…", "Five"]),
        ("One...  Two?!\r\nThree\rFour\n\nFive", ["One...", "Two?!", "Three", "Four", "Five"]),
        ("“Stop.” I said (twice.) Then", ["“Stop.”", "I said (twice.)", "Then"]),
        ("3.50 at a.b.c", ["3.50 at a.b.c"]),
        ("Dr. Lee came at 5 p.m. again.", ["Dr.", "Lee came at 5 p.m.", "again."]),
        ("هل انتهى الأمر؟ لا أعرف. ربما", ["هل انتهى الأمر؟", "لا أعرف.", "ربما"]),
        ("好。真的吗？是", ["好。", "真的吗？", "是"]),
        ("👩‍👩‍👧! 🏳️‍🌈 yes.", ["👩‍👩‍👧!", "🏳️‍🌈 yes."]),
    ],
)
def test_a_text_is_cut_at_line_ends_and_after_marks(text: str, pieces: list[str]) -> None:
    assert sentences.split(text) == pieces


@given(TEXTS)
def test_no_character_but_space_is_lost_or_changed(text: str) -> None:
    for cut in (sentences.split, sentences.lines):
        assert "".join("".join(cut(text)).split()) == "".join(text.split())
        assert [piece for piece in cut(text) if piece != piece.strip() or {"\r", "\n"} & set(piece)] == []


@given(st.lists(TEXTS.map(lambda text: " ".join(text.split())).filter(bool)), TEXTS)
def test_a_summary_is_parted_into_what_it_was_joined_from(picked: list[str], rest: str) -> None:
    assert picking.part(picking.join(picked, rest)) == (picked, rest)


@pytest.mark.parametrize("text", ["." * 100_000, " " * 100_000, ". " * 50_000, ".”" * 50_000, "x" * 100_000])
def test_the_longest_text_is_cut_in_no_time(text: str) -> None:
    began = time.perf_counter()
    sentences.split(text)
    assert time.perf_counter() - began < 1
