"""From Markdown to safe HTML, once, when a record is saved.

CommonMark, typographic quotes, tables, and two asides that editors write as a fenced block::

    ::: safety If your honest answer is fear
    You deserve support first.
    :::

A picture is one of ours, uploaded at the desk. One that stands elsewhere would tell another site who reads: its words
are shown in its place.

What comes out is cleaned with an allow-list, so that no text in the database can carry a script.
"""

import re
from collections.abc import Sequence
from html import unescape
from math import ceil
from typing import Any

import nh3
from django.core.exceptions import ValidationError
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from mdit_py_plugins.container import container_plugin

LIST_MARK = "{list}"
LIMIT = 100_000  # characters: the worst text that long takes some seconds to render
DEPTH = 20  # blocks inside each other; a list and its point count as two
_NO_PICTURES = "no-pictures"
_BELOW = "below"
WORDS_A_MINUTE = 200

_ASIDES = {"safety": "safe", "note": "tell"}
_TAGS = {
    "a", "blockquote", "br", "code", "div", "em", "h2", "h3", "h4", "h5", "h6", "hr", "img", "li", "ol", "p", "pre",
    "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_ATTRIBUTES = {
    "a": {"href", "title"},
    "div": {"class"},
    "img": {"alt", "decoding", "height", "loading", "src", "width"},
    "ol": {"start"},
    "td": {"class"},
    "th": {"class"},
}
_SCHEMES = {"http", "https", "tel", "sms", "mailto"}
_WORD = re.compile(r"[^\W_]+(?:[’'\-][^\W_]+)*")
# The address of a picture has its size in it, so that a page keeps room for it while it is on its way.
PICTURE = re.compile(r"/images/[A-Za-z0-9_-]+-([0-9]{1,4})x([0-9]{1,4})-[0-9a-f]{12}\.webp", re.ASCII)
_LINE_ENDS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
# Control characters, soft hyphens, spaces of no width, byte order marks. Joiners stay: some scripts need them.
_UNSEEN = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u200b\u2060\ufeff]")
_SPACES = re.compile(r"[ \xa0]+")


def clean_text(text: str) -> str:
    """Return a text as somebody would type it: word processors leave characters in it that nobody sees.

    A single no-break space between two words stays, because somebody may have meant it.
    """
    return _SPACES.sub(_spaces, _UNSEEN.sub("", _LINE_ENDS.sub("\n", text)))


def _spaces(run: re.Match[str]) -> str:
    """Return the plain spaces for a run of spaces; one without a no-break space is left alone."""
    if "\xa0" not in run[0]:
        return run[0]
    text, (start, end) = run.string, run.span()
    if start == 0 or end == len(text) or text[start - 1] == "\n" or text[end] == "\n":
        return ""
    return run[0] if len(run[0]) == 1 else " "


def markdown_to_html(text: str, below: int = 0) -> str:
    """Return the HTML of a Markdown text, with nothing in it that could run, load or style.

    Its headings are of level 2, 3 and 4, and that many levels lower where the text stands below other headings.
    """
    return _clean(_markdown.render(text, {_BELOW: below}))


def refuse_unreadable(text: str) -> None:
    """Raise `ValidationError` for a Markdown text of which readers would not see all."""
    if len(text) > LIMIT:
        raise ValidationError(f"This text has {len(text):,} characters. There is room for {LIMIT:,}.")
    if any(token.nesting == 1 and token.level >= DEPTH - 1 for token in _markdown.parse(text)):
        raise ValidationError("Lists or quotes stand too deep inside each other. Readers wouldn’t see the deepest.")


def line_to_html(text: str) -> str:
    """Return the HTML of one line of Markdown, without a paragraph around it and without pictures."""
    return _clean(_markdown.renderInline(text, {_NO_PICTURES: True}))


def split_at_list(body: str) -> tuple[str, str]:
    """Return the Markdown before and after the line ``{list}``; all of it is before if there is none."""
    lines = body.splitlines()
    place = lines.index(LIST_MARK) if LIST_MARK in lines else len(lines)
    return "\n".join(lines[:place]).strip(), "\n".join(lines[place + 1 :]).strip()


def count_lists(body: str) -> int:
    return body.splitlines().count(LIST_MARK)


def parse(text: str) -> list[Token]:
    """Return the tokens of a Markdown text as it was typed.

    Quotes stay straight, and a link is a link wherever it leads: it is for looking at, not for rendering.
    """
    return _as_typed.parse(text)


def passages(tokens: Sequence[Token]) -> list[str]:
    """Return the words of each paragraph, heading, list item and cell, without marks, targets and the list."""
    found: list[str] = []
    for token in tokens:
        if token.type == "inline":
            found += inline_text(token).split(LIST_MARK)
        elif token.type in {"fence", "code_block"}:
            found.append(token.content)
    return [" ".join(passage.split()) for passage in found if passage.strip()]


def inline_text(token: Token) -> str:
    """Return the words of a line of tokens. Those of a picture stand where it stands."""
    if token.children is not None:
        return "".join(inline_text(child) for child in token.children)
    return " " if token.type in {"softbreak", "hardbreak"} else token.content


def split_words(plain: str) -> list[str]:
    return _WORD.findall(plain)


def count_words(*texts: str) -> int:
    """Return how many words a reader meets in Markdown texts. Link targets and marks don't count."""
    return sum(len(split_words(passage)) for text in texts for passage in passages(parse(text)))


def reading_minutes(words: int) -> int:
    return max(1, ceil(words / WORDS_A_MINUTE))


def plain_text(html: str) -> str:
    """Return the words of rendered HTML on one line, for search and for descriptions."""
    spaced = re.sub(r"</(p|li|td|th)>", " ", re.sub(r"</h\d>", ". ", html))
    return " ".join(unescape(nh3.clean(spaced, tags=set())).split())


def _clean(html: str) -> str:
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_allow,
        url_schemes=_SCHEMES,
        link_rel="noreferrer",
        strip_comments=True,
    ).strip()


def _allow(tag: str, name: str, value: str) -> str | None:
    """Keep every attribute that is on the list, but no address of a picture that is not ours."""
    return value if (tag, name) != ("img", "src") or PICTURE.fullmatch(value) else None


def _render_picture(self: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    token = tokens[index]
    words = escapeHtml(self.renderInlineAsText(token.children or [], options, env))
    address = str(token.attrs["src"])
    picture = PICTURE.fullmatch(address)
    if not picture or _NO_PICTURES in env:
        return words
    width, height = picture.groups()
    size = f'width="{width}" height="{height}"'
    return f'<img src="{address}" alt="{words}" {size} loading="lazy" decoding="async">'


def _render_aside(self: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    token = tokens[index]
    if token.nesting == -1:
        return "</div>\n"
    return f'<div class="{_ASIDES[token.info.split()[0]]}">\n'


def _align_by_class(self: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    """Render a table cell whose alignment is a class: the policy allows no ``style`` attribute."""
    style = str(tokens[index].attrs.pop("style", ""))
    if style:
        tokens[index].attrSet("class", style.removeprefix("text-align:"))
    return str(self.renderToken(tokens, index, options, env))


def _title_asides(state: StateCore) -> None:
    """What follows the kind of an aside is its heading."""
    tokens: list[Token] = []
    for token in state.tokens:
        tokens.append(token)
        title = token.info.strip().partition(" ")[2].strip()
        if token.type.startswith("container_") and token.nesting == 1 and title:
            tokens += [
                Token("heading_open", "h2", 1, block=True),
                Token("inline", "", 0, content=title, children=[], map=token.map),
                Token("heading_close", "h2", -1, block=True),
            ]
    state.tokens = tokens


def _lower_headings(state: StateCore) -> None:
    """A page has one main heading, its title; the text's own begin a level below, and have three levels."""
    below = state.env.get(_BELOW, 0)
    for token in state.tokens:
        if token.type in {"heading_open", "heading_close"}:
            level = min(max(int(token.tag[1]), 2), 4) + below
            token.tag = f"h{min(level, 6)}"


def _build() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"typographer": True, "html": False, "maxNesting": DEPTH})
    markdown.enable(["table", "smartquotes", "replacements"])
    markdown.core.ruler.push("lower_headings", _lower_headings)
    markdown.core.ruler.before("inline", "title_asides", _title_asides)
    for kind in _ASIDES:
        container_plugin(markdown, kind, render=_render_aside)
    markdown.add_render_rule("image", _render_picture)
    markdown.add_render_rule("td_open", _align_by_class)
    markdown.add_render_rule("th_open", _align_by_class)
    return markdown


_markdown = _build()
_as_typed = _build()
_as_typed.options["typographer"] = False
_as_typed.validateLink = lambda url: True  # type: ignore[method-assign]
