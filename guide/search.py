"""Search through the guide, in memory. It is small: no index is needed."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from . import rendering
from .models import Question
from .pages import Guide
from .publishing import Editable

SENTENCES_A_PAGE = 2


@dataclass(frozen=True)
class Result:
    title: str
    url: str
    sentences: list[SafeString]


def find(guide: Guide, words: str) -> list[Result]:
    """Return the pages that hold all the words, with the first sentences that hold one, words marked."""
    terms = [re.escape(term) for term in re.findall(r"\w+(?:['\-]\w+)*", _fold(_composed(words)))]
    if not terms:
        return []
    results = []
    for title, url, raw in _texts(guide):
        text = _composed(raw)
        folded = _fold(f"{title} {text}")
        if all(re.search(rf"\b{term}", folded) for term in terms):
            pattern = re.compile(rf"\b(?:{'|'.join(terms)})\w*")
            hits = [s for s in re.split(r"(?<=[.?!])\s+", text) if pattern.search(_fold(s))]
            results.append(Result(title, url, [_mark(s, pattern) for s in hits[:SENTENCES_A_PAGE]]))
    return results


def _texts(guide: Guide) -> Iterator[tuple[str, str, str]]:
    """Yield title, address and words of every page that can be found."""
    for part in guide.parts:
        section = part.section
        before, after = rendering.plain_text(section.body_html), rendering.plain_text(section.after_html)
        yield section.title, part.url, " ".join([section.lead, before, *map(_item, part.items), after])
    for question in guide.questions if guide.question_part else ():
        lines = [question.summary, rendering.plain_text(question.body_html)]
        lines += map(_sentence, [*question.follow_ups.splitlines(), *question.starters.splitlines()])
        yield question.prompt, question.get_absolute_url(), " ".join(lines)
    for country in guide.countries:
        services = " ".join(map(_item, guide.lines_of(country)))
        yield f"{gettext('Get help')}: {country.name}", country.get_absolute_url(), services
    for page in guide.pages.values():
        if not page.piece:
            signs = " ".join(_sentence(sign.text) for sign in guide.signs) if page.slug == "check" else ""
            words = [page.lead, rendering.plain_text(page.body_html), signs]
            yield page.title, page.get_absolute_url(), " ".join(filter(None, words))


def _item(item: Editable) -> str:
    """The words of a record where it stands in a list: of a question, those below it and not its own page's."""
    words = item.summary if isinstance(item, Question) else rendering.plain_text(item.body_html)
    return f"{_sentence(str(item))} {words}"


def _sentence(title: str) -> str:
    return title if title.endswith((".", "?", "!", "…")) else f"{title}."


def _composed(text: str) -> str:
    """Write accents that are characters of their own together with their letters."""
    return unicodedata.normalize("NFC", text)


def _fold(text: str) -> str:
    """Return a text without case and accents, letter for letter as long as before."""
    return "".join((unicodedata.normalize("NFD", c)[0].lower() or c)[:1] for c in text.replace("’", "'"))


def _mark(sentence: str, pattern: re.Pattern[str]) -> SafeString:
    parts, end = [], 0
    for match in pattern.finditer(_fold(sentence)):
        parts += [
            escape(sentence[end : match.start()]),
            f"<mark>{escape(sentence[match.start() : match.end()])}</mark>",
        ]
        end = match.end()
    return mark_safe("".join([*parts, escape(sentence[end:])]))  # noqa: S308 - every piece was escaped
