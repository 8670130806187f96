"""What an editor is told about a text while writing it: mistakes that readers would meet, and words to think over.

Nothing here knows a database or a request. Errors are what can't be right; a warning may be overruled by its reader.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import chain, pairwise

from markdown_it.token import Token

from . import rendering
from .links import EXCERPT, Addresses, Level, excerpt, problems_of_address
from .readability import Readability, sentences

LONGEST_SENTENCE = 25  # words
HIGHEST_GRADE = 8
STALE_DAYS = 90
_ENOUGH_WORDS = 30  # below, a grade says little: one long name would decide it

# Words to think over, and what helps instead. Whole words, in any case.
PHRASES: dict[str, tuple[tuple[str, str], ...]] = {
    "en": (
        (
            "should, shouldn't, must, mustn't, ought to",
            "say what one can do and what happens then",
        ),
        (
            "just, simply, obviously, of course",
            "leave it out, because what is easy for one reader is hard for another",
        ),
        (
            "victim, victims, toxic, narcissist, narcissists, narcissistic, abuser, abusers, psycho, crazy",
            "say what happened or what somebody did, not what they are",
        ),
        (
            "win them back, win him back, win her back, win your ex back, get them back, get him back, get her back, "
            "get your ex back, move on, get over it, get over them",
            "say it so that it pushes nobody to return or to leave",
        ),
        (
            "he, him, his, himself, she, her, hers, herself, husband, husbands, wife, wives, boyfriend, boyfriends, "
            "girlfriend, girlfriends, spouse, fiancé, fiancée",
            "write “they”, “your partner” or “your ex”, because it may be anybody",
        ),
        (
            "oops, whoops, sorry to see you go",
            "say what happened and what is safe",
        ),
    ),
}
_NO_SHOUTING = "write a full stop, because calm words need no raised voice"
_EMPTY_WORDS = {"here", "click here", "this", "this link", "link", "more", "read more", "learn more", "aquí"}
# What looks like HTML: “<” before a letter, or an attribute that carries a script or a style.
_HTML = re.compile(r"<(?:/?[a-z]|!-)[^\s<>]{0,40}>?|\b(?:on[a-z]{3,20}|style)=[\"']", re.IGNORECASE)


@dataclass(frozen=True)
class Finding:
    """One thing about one field, said in a sentence, with the words that it is about if there are any."""

    level: Level
    field: str
    message: str
    excerpt: str = ""


_Said = tuple[Level, str, str]  # a finding without its field


def proofread(
    texts: Mapping[str, str], addresses: Addresses, required: Collection[str] = (), language: str = "en"
) -> list[Finding]:
    """Return what there is to say about the Markdown texts of one record, errors first.

    `texts` are by field, and `required` names those that can't be empty. Words and the grade are looked at in
    languages that `PHRASES` knows. The grade is that of all texts together, and stands at the last of them.
    """
    found = [
        Finding("error", name, "This is empty: write something here.")
        for name in required
        if not texts.get(name, "").strip()
    ]
    read: list[str] = []
    for name, text in texts.items():
        tokens = rendering.parse(text)
        passages = rendering.passages(tokens)
        said = [*_marks(tokens), *_links(tokens, addresses), *_words(passages, language)]
        said += _long_sentences(new := sentences(passages))
        found += [Finding(level, name, message, excerpt) for level, message, excerpt in said]
        read += new
    measures = Readability.of(read)
    if language in PHRASES and measures.words >= _ENOUGH_WORDS and measures.grade > HIGHEST_GRADE:
        message = f"This reads like grade {measures.grade}: shorter words and sentences bring it to {HIGHEST_GRADE}."
        found.append(Finding("warning", list(texts)[-1], message))
    return sorted(dict.fromkeys(found), key=lambda finding: finding.level != "error")


def source_findings(sources: str) -> list[Finding]:
    """Return a warning if a part names no source."""
    return [] if sources.strip(" ,") else [Finding("warning", "sources", "No source is named: say where this is from.")]


def help_line_findings(verified_on: date | None, today: date) -> list[Finding]:
    """Return a warning if nobody has verified a help line, or not for more than `STALE_DAYS`."""
    if verified_on is None:
        message = "Nobody has verified this line: call it or look it up, then fill in the day."
    elif verified_on > today:
        message = "The day of the last look is still to come: fill in the day on which somebody verified this line."
    elif (days := (today - verified_on).days) > STALE_DAYS:
        message = f"This line was verified {days} days ago: call it or look it up again, then fill in the day."
    else:
        return []
    return [Finding("warning", "verified_on", message)]


def _marks(tokens: Sequence[Token]) -> Iterator[_Said]:
    """Look at headings, pictures, and HTML that would stand there as text."""
    above = 1  # the page's title
    for token, following in pairwise(tokens):
        if token.type == "heading_open":
            level = int(token.tag[1:])
            if level > above + 1:
                message = f"This heading skips a level: begin it with {'#' * (above + 1)}."
                yield "warning", message, excerpt(rendering.inline_text(following))
            above = level
    for child in _inline(tokens):
        if child.type == "image":
            yield from _picture(str(child.attrs["src"]), rendering.inline_text(child))
        elif child.type == "text" and (html := _HTML.search(child.content)):
            message = "Readers would see this code as text, and it does nothing: take it out, or write it in Markdown."
            yield "error", message, _around(child.content, html)


def _picture(source: str, words: str) -> Iterator[_Said]:
    if not words.strip():
        yield "warning", "This picture has no words for those who can’t see it: write them between [ and ].", source
    if not rendering.PICTURE.fullmatch(source):
        message = "Readers see pictures of this site only, and would see its words instead: upload it here."
        yield "warning", message, excerpt(source)


def _links(tokens: Sequence[Token], addresses: Addresses) -> Iterator[_Said]:
    href, words = "", ""
    for child in _inline(tokens):
        if child.type == "link_open":
            href, words = str(child.attrs["href"]), ""
        elif child.type != "link_close":
            words += rendering.inline_text(child)
        else:
            words = " ".join(words.split())
            for level, message in (*problems_of_address(href, addresses), *_problems_of_link_words(words)):
                yield level, message, excerpt(words or href)


def _problems_of_link_words(words: str) -> Iterator[tuple[Level, str]]:
    if not words:
        yield "error", "This link has no words: write between [ and ] where it leads."
    elif words.lower().rstrip(".") in _EMPTY_WORDS or words.lower().startswith(("http:", "https:", "www.")):
        yield "warning", "The words of this link don’t say where it leads: name the page or the site."


def _words(passages: Sequence[str], language: str) -> Iterator[_Said]:
    """Look for words to think over and for exclamation marks; each is said once, at its first place."""
    advice = _advice(language)
    phrases = "|".join(sorted(advice, reverse=True))  # “shouldn't” before “should”
    pattern = re.compile(rf"\b(?:{phrases})\b|!" if phrases else "!")
    first: dict[str, str] = {}
    times: Counter[str] = Counter()
    for passage in passages:
        for found in pattern.finditer(passage.lower().replace("’", "'")):
            times[found[0]] += 1
            if found[0] not in first:
                first[found[0]] = _around(passage, found)
    for word, place in first.items():
        often = f" {times[word]} times" if times[word] > 1 else ""
        yield "warning", f"“{word}” stands here{often}: {advice.get(word, _NO_SHOUTING)}.", place


@cache
def _advice(language: str) -> dict[str, str]:
    return {phrase: advice for phrases, advice in PHRASES.get(language, ()) for phrase in phrases.split(", ")}


def _long_sentences(found: Sequence[str]) -> Iterator[_Said]:
    for sentence in found:
        if (count := len(rendering.split_words(sentence))) > LONGEST_SENTENCE:
            yield "warning", f"This sentence has {count} words: make two of it.", excerpt(sentence)


def _inline(tokens: Sequence[Token]) -> Iterator[Token]:
    return chain.from_iterable(token.children or () for token in tokens)


def _around(text: str, found: re.Match[str]) -> str:
    start, end = max(0, found.start() - EXCERPT // 2), found.end() + EXCERPT // 2
    return f"{'…' if start else ''}{text[start:end].strip()}{'…' if end < len(text) else ''}"
