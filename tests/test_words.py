"""Every page that is shipped, read as a proofreader would: words to think over, long sentences, the grade."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from django.test import Client
from django.urls import reverse

from guide import rendering
from guide.proofreading import HIGHEST_GRADE, LONGEST_SENTENCE, PHRASES
from guide.readability import Readability, sentences
from tests.conftest import Person
from tests.test_html import DOORS, of_errors
from tests.test_site import html_pages, private_pages

pytestmark = pytest.mark.django_db

# Words that may stand in one passage, with a part of it and the reason.
EXCEPTIONS = {
    ("her", "Jennifer Chain, PhD, is a couples therapist."): "a person with a name",
    ("she", "Jennifer Chain, PhD, is a couples therapist."): "the same person",
}
INLINE = {"a", "b", "i", "em", "strong", "span", "cite", "br", "mark"}


class Passages(HTMLParser):
    """Collects the running text of a page, block by block; scripts, numbers and addresses are no text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = [""]
        self.silent = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent += tag in {"script", "style", "textarea"}
        if tag not in INLINE:
            self.found.append("")

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in {"script", "style", "textarea"}
        if tag not in INLINE:
            self.found.append("")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.found[-1] += data


def words_of(html: str) -> list[str]:
    main = re.search(r"<main.*</main>", html, re.DOTALL)
    return [text for piece in Passages(main[0] if main else html).found if (text := " ".join(piece.split()))]


def pages(alice: Person) -> Iterator[tuple[str, list[str]]]:
    """Yield every English page; that of a journal has words of its own, and a draft."""
    for path in html_pages():
        if not path.startswith("/es/"):
            yield path, words_of(Client().get(path).content.decode())
    for name in DOORS:
        yield name, words_of(Client().get(reverse(name)).content.decode())
    for path in private_pages(alice):
        answer = alice.client.get(path)
        if answer.status_code == 200:
            yield path, words_of(answer.content.decode())
    for name, html in of_errors(alice):
        yield name, words_of(html.decode())


def words_to_think_over(passages: list[str]) -> Iterator[str]:
    phrases = sorted((phrase for said, _ in PHRASES["en"] for phrase in said.split(", ")), reverse=True)
    for passage in passages:
        for found in re.finditer(rf"\b(?:{'|'.join(phrases)})\b|!", passage.lower().replace("’", "'")):
            if not any(found[0] == word and part in passage for word, part in EXCEPTIONS):
                yield f"{found[0]}: {passage}"


def problems(passages: list[str]) -> list[str]:
    found = sentences(passages)
    long = [sentence for sentence in found if len(rendering.split_words(sentence)) > LONGEST_SENTENCE]
    grade = Readability.of(found).grade
    return [*words_to_think_over(passages), *long, *([f"grade {grade}"] if grade > HIGHEST_GRADE else [])]


def test_every_page_says_it_calmly_shortly_and_plainly(alice: Person) -> None:
    found = {name: problems(passages) for name, passages in pages(alice)}
    assert len(found) > 60
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def test_every_exception_is_still_needed(alice: Person) -> None:
    said = "\n".join(passage for _, passages in pages(alice) for passage in passages)
    assert [part for _, part in EXCEPTIONS if part not in said] == []


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>You <b>should</b> go.</p>", ["should: You should go."]),
        ("<p>Go!</p><script>should</script>", ["!: Go!"]),
        ("<p>" + "a " * 26 + "</p>", [" ".join("a" * 26)]),
        ("<p>Organizational characteristics notwithstanding.</p>", ["grade 49.1"]),
    ],
)
def test_what_is_wrong_is_found(html: str, expected: list[str]) -> None:
    assert problems(words_of(html)) == expected
