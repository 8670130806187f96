"""What the site says in another language: all of it, and as it was written."""

import re
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.mofile import read_mo
from django.template.base import Lexer, TokenType
from django.utils.translation import gettext, override

from tools import messages

LANGUAGES = ["es"]
TEMPLATES = [file for file in messages.sources() if file.suffix == ".html"]

# What stands in templates in no language: names, and kinds of values.
NO_LANGUAGE = {
    "Either Way": "the name of the site",
    "– Either Way": "the name of the site, after the title of a page",
    "article": "Open Graph's own word",
    "width=device-width, initial-scale=1": "for browsers",
    "light dark": "for browsers",
    "noindex": "for machines",
}
READ_OUT = r'\s(?:aria-label|alt|title|placeholder|content|data-(?:busy|done|loading|continue|soon))="([^"]*)"'


def strings(said: str | tuple[str, ...]) -> list[str]:
    return [said] if isinstance(said, str) else list(said)  # singular and plural


def entries(language: str) -> list[Message]:
    return [entry for entry in messages.read(language) if entry.id]


def said(language: str) -> set[tuple[str | None, messages.Message]]:
    return {(entry.context, entry.id) for entry in entries(language)}


def context(entry: Message) -> str:
    return entry.context.decode() if isinstance(entry.context, bytes) else entry.context or ""


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"%\(\w+\)s|\{\w+\}|\[\w+\]", text))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_is_translated(language: str) -> None:
    assert [entry.id for entry in entries(language) if entry.fuzzy or not all(strings(entry.string))] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_has_the_placeholders_tags_and_edges_of_its_message(language: str) -> None:
    for entry in entries(language):
        for string in strings(entry.string):
            # A plural form may do without a placeholder that the other has.
            assert placeholders(string) == set().union(*map(placeholders, strings(entry.id))), entry.id
            assert re.findall(r"<[^>]*>", string) == re.findall(r"<[^>]*>", strings(entry.id)[0]), entry.id
            assert '"' not in re.sub(r"<[^>]*>", "", string), entry.id  # it may stand in an attribute
            assert string == string.strip(), entry.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_compiled_is_what_the_catalog_says(language: str) -> None:
    compiled = messages.catalog_file(language).with_suffix(".mo").read_bytes()
    pairs = [
        sorted((context(entry), strings(entry.id), strings(entry.string)) for entry in catalog if entry.id)
        for catalog in (read_mo(BytesIO(compiled)), messages.read(language))
    ]
    assert pairs[0] == pairs[1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalog_holds_what_the_site_says_and_nothing_else(language: str) -> None:
    found = {(entry.context, entry.id) for entry in messages.extracted() if entry.id}
    assert found - said(language) == set()
    assert said(language) - found == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_keeps_to_the_rules_for_words(language: str) -> None:
    for entry in entries(language):
        for string in strings(entry.string):
            assert not re.search(r"[!¡]|\b(?:debes|deberías|debe|simplemente|usted)\b", string, re.IGNORECASE), string


def bare_text(file: Path) -> list[str]:
    """Return the text of a template that is in no tag of HTML or of Django, and attributes that are read out."""
    inside, kept = False, []
    for token in Lexer(file.read_text()).tokenize():
        word = token.contents.split()[0] if token.token_type == TokenType.BLOCK else ""
        inside = word == "blocktranslate" or (inside and word != "endblocktranslate")
        if token.token_type == TokenType.TEXT and not inside:
            kept.append(token.contents)
        elif token.token_type != TokenType.COMMENT:
            kept.append("\0")
    source = "".join(kept)
    texts = re.split(r'<[^>]*>|\s[\w-]+="[^"]*"|\0', source) + re.findall(READ_OUT, source)
    return [text.strip() for text in texts if re.search(r"[^\W\d_]{2}", text)]


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: file.relative_to(messages.ROOT / "templates").as_posix())
def test_no_text_of_a_template_is_left_in_one_language(file: Path) -> None:
    assert [text for text in bare_text(file) if text not in NO_LANGUAGE] == []


def test_a_text_that_is_not_marked_is_found(tmp_path: Path) -> None:
    template = tmp_path / "page.html"
    template.write_text(
        '{% block a %}<p class="b">{% translate "Marked" %} Bare</p>{# to nobody #}<b aria-label="Named">{{ x }}</b>'
        "{% blocktranslate trimmed %}Marked {{ x }} too{% endblocktranslate %}{% endblock a %}"
    )
    assert bare_text(template) == ["Bare", "Named"]


def test_no_script_says_a_word_of_its_own() -> None:
    found = set()
    for file in (messages.ROOT / "static" / "js").glob("*.js"):
        if file.name in {"order.js", "toolbar.js"}:
            continue  # the desk's, which are in English
        source = re.sub(r"/\*.*?\*/", "", file.read_text(), flags=re.DOTALL)
        found |= {text for text in re.findall(r"'([^'\n]*)'", source) if re.match(r"[A-Z][a-z]|[^;]*[a-z] [a-z]", text)}
    assert found == {
        "Either Way",  # a name
        "Shift",  # a key
        "btn link reveal",  # classes
    }


def test_nothing_is_translated_before_anybody_asks() -> None:
    assert gettext("Journal") == "Journal"
    with override("es"):
        assert gettext("Journal") == "Diario"
