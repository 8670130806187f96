"""Words, sentences and two measures of a text, as its readers meet it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guide import rendering
from guide.readability import Readability, measure, sentences


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("One two. Three four? Five.", ["One two.", "Three four?", "Five."]),
        ("“Not yet.” It may be.", ["“Not yet.”", "It may be."]),
        ("Wait… Then go. (Or stay.) Done", ["Wait…", "Then go.", "(Or stay.)", "Done"]),
        ("It costs 3.50 dollars. 911 is free.", ["It costs 3.50 dollars.", "911 is free."]),
        ("She said no… and left.", ["She said no… and left."]),
        ("You may hear a no. Either can hurt.", ["You may hear a no.", "Either can hurt."]),
        ("Ask Dr. Lishman, e.g. Today.", ["Ask Dr. Lishman, e.g. Today."]),
        ("J. K. Rowling in the U.S. Army", ["J. K. Rowling in the U.S. Army"]),
        ("¿Y ahora? ¿Qué? Él no.", ["¿Y ahora?", "¿Qué?", "Él no."]),
        ("# Head\n\nText", ["Head", "Text"]),
        ("If:\n\n- one thing\n- another. And more", ["If:", "one thing", "another.", "And more"]),
        ("| a b | c |\n|---|---|\n| d | e |", ["a b", "c", "d", "e"]),
        ("::: safety If it is *fear*\nGo.\n:::", ["If it is fear", "Go."]),
        ("One\n{list}\ntwo", ["One", "two"]),
        ("[two\nwords](https://example.org/a.b). **So**", ["two words.", "So"]),
        ("---\n\n… !\n\n***", []),
        ("", []),
    ],
)
def test_sentences_end_where_a_reader_stops(text: str, found: list[str]) -> None:
    assert sentences(rendering.passages(rendering.parse(text))) == found


def test_a_text_is_counted_as_a_whole() -> None:
    assert measure("# Going back", "You don't know **yet**. Somebody [listens](/help/).") == Readability(
        words=8, sentences=3, characters=38, long_words=2
    )


def test_the_grade_is_the_automated_readability_index() -> None:
    # 4.71 * 500 / 100 + 0.5 * 100 / 5 - 21.43
    assert Readability(words=100, sentences=5, characters=500, long_words=0).grade == 12.1


def test_lix_is_the_words_of_a_sentence_and_the_percentage_of_long_words() -> None:
    assert Readability(words=100, sentences=5, characters=500, long_words=30).lix == 50


def test_a_word_is_long_from_seven_letters() -> None:
    assert measure("twelve").long_words == 0
    assert measure("sixteen").long_words == 1


def test_what_is_easier_than_a_grade_has_grade_0() -> None:
    assert measure("I am. I am.").grade == 0.0


def test_an_empty_text_measures_0() -> None:
    nothing = measure("", "---")
    assert (nothing.words, nothing.sentences, nothing.grade, nothing.lix) == (0, 0, 0.0, 0)


@settings(deadline=None)
@given(st.text())
def test_a_sentence_has_words_and_all_words_are_in_sentences(text: str) -> None:
    found = sentences(rendering.passages(rendering.parse(text)))
    counts = [len(rendering.split_words(sentence)) for sentence in found]
    assert 0 not in counts
    assert sum(counts) == rendering.count_words(text) == measure(text).words
