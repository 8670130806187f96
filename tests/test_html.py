"""Is every page HTML as the standard has it? A strict parser and a few rules of our own read each page type,
in both languages. With `VNU=/path/to/vnu.jar` (and Java) the W3C's own checker reads the same pages as well."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import html5lib
import pytest
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.shortcuts import render
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import translation

from journal.views.errors import bad_request
from tests.conftest import PASSWORD, Person
from tests.test_site import html_pages, private_pages

Pages = Callable[[Person], Iterator[tuple[str, bytes]]]
pytestmark = pytest.mark.django_db

DOORS = ("join", "sign-in", "recover", "deleted")
ERRORS = ("400", "403", "403_csrf", "404", "405", "429", "500", "503")
REFERENCES = ("for", "form", "list", "aria-describedby", "aria-labelledby", "aria-controls", "aria-owns")
INTERACTIVE = {"a", "button", "input", "select", "textarea", "label", "details", "iframe"}
ONLY = {"ul": {"li"}, "ol": {"li"}, "dl": {"dt", "dd", "div"}, "select": {"option", "optgroup"}, "tr": {"th", "td"}}
INSIDE = {"li": {"ul", "ol"}, "dt": {"dl", "div"}, "dd": {"dl", "div"}, "summary": {"details"}, "legend": {"fieldset"}}


def of_the_guide(alice: Person) -> Iterator[tuple[str, bytes]]:
    for path in html_pages():
        yield path, Client().get(path).content
    with translation.override("en"):
        yield "found", Client().post("/search/", {"q": "feelings"}).content
        yield "not found", Client().post("/search/", {"q": "xyzzy"}).content


def of_the_journal(alice: Person) -> Iterator[tuple[str, bytes]]:
    for name in DOORS:
        yield name, Client().get(reverse(name)).content
        yield f"{name}, refused", Client().post(reverse(name), {"username": "two words"}).content
    for path in private_pages(alice):
        for method, fields in (("get", {}), ("post", {"text": "x" * 100_001, "base": 1})):
            answer = getattr(alice.client, method)(path, fields)
            if answer["Content-Type"].startswith("text/html"):
                yield f"{method} {path}", answer.content
    yield "clash", alice.write(2, "another").content
    words = {"text": "words", "base": "0", "csrfmiddlewaretoken": "stale"}
    yield "words come back", Client(enforce_csrf_checks=True).post(reverse("answer", args=[3]), words).content
    yield "a door with words", Client().post(reverse("answer", args=[3]), words).content
    fields = {"username": f"new-{translation.get_language()}", "password": PASSWORD}
    yield "key", Client().post(reverse("join"), fields).content
    locked = alice.sign_in(Client())
    locked.post(reverse("lock"))
    yield "locked", locked.get(reverse("unlock")).content


def of_errors(alice: Person) -> Iterator[tuple[str, bytes]]:
    request = RequestFactory().post("/journal/2/")
    request.user = alice.user
    for name in ERRORS:
        yield name, render(request, f"{name}.html", {"minutes": 2, "behind_a_door": True}).content
    yield "413", bad_request(request, RequestDataTooBig()).content


def problems(html: bytes) -> list[str]:
    """Return what is wrong with a page: what the parser says, ids and references, and what stands in what."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    tree = parser.parse(html.decode())
    found = [f"line {line[0]}: {code} {values}" for line, code, values in parser.errors]
    ids = [element.get("id") for element in tree.iter() if element.get("id") is not None]
    found += [f"id {name!r} is there twice" for name in sorted({name for name in ids if ids.count(name) > 1})]
    for element in tree.iter():
        for name in REFERENCES:
            found += [f"{name} leads to no {to!r}" for to in element.get(name, "").split() if to not in ids]
        if (to := element.get("href", "")).startswith("#") and to[1:] not in ids:
            found.append(f"a link leads to no {to!r}")
        found += misplaced(element)
    return found


def misplaced(element: Any) -> Iterator[str]:
    """Yield what may not stand where it does; the parser mends nothing of this and says nothing."""
    tag, children = element.tag, [child for child in element if isinstance(child.tag, str)]
    for child in children:
        if child.tag not in ONLY.get(tag, {child.tag}) or tag not in INSIDE.get(child.tag, {tag}):
            yield f"<{child.tag}> stands in <{tag}>"
    if tag in ONLY and any((text or "").strip() for text in [element.text, *(child.tail for child in children)]):
        yield f"text stands in <{tag}>"
    if tag in {"p", "div", "span"} and element.get("aria-label") and not element.get("role"):
        yield f"a name on <{tag}>, which has no role"
    if element.get("type") in {"checkbox", "radio", "submit", "button"} and element.get("autocomplete"):
        yield "autocomplete where nothing is typed"
    if tag in {"a", "button"} and (inner := {inner.tag for inner in element.iter()} & INTERACTIVE - {tag}):
        yield f"{inner} stands in <{tag}>"


@pytest.mark.parametrize("language", [code for code, _ in settings.LANGUAGES])
@pytest.mark.parametrize("pages", [of_the_guide, of_the_journal, of_errors])
def test_every_page_is_html_as_the_standard_has_it(pages: Pages, language: str, alice: Person, tmp_path: Path) -> None:
    with translation.override(language):
        made = {name: html for name, html in pages(alice) if html}
    found = {name: problems(html) for name, html in made.items()}
    assert {name: wrong for name, wrong in found.items() if wrong} == {}
    assert said_by_the_checker(made, tmp_path) == ""


def said_by_the_checker(made: dict[str, bytes], folder: Path) -> str:
    jar = os.environ.get("VNU")
    if not jar:
        return ""
    for name, html in made.items():
        (folder / f"{name.replace('/', '-')}.html").write_bytes(html)
    command = ["java", "-jar", jar, "--errors-only", "--exit-zero-always", str(folder)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stderr


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ("<p><div></div></p>", "line 1: unexpected-end-tag {'name': 'p'}"),
        ("<p id=a></p><p id=a></p>", "id 'a' is there twice"),
        ("<label for=a>x</label>", "for leads to no 'a'"),
        ("<ul><p>x</p></ul>", "<p> stands in <ul>"),
        ("<p aria-label=a>x</p>", "a name on <p>, which has no role"),
        ("<a href=/><button>x</button></a>", "{'button'} stands in <a>"),
    ],
)
def test_what_is_wrong_is_found(wrong: str, expected: str) -> None:
    page = f"<!doctype html><html lang=en><head><title>x</title></head><body>{wrong}</body></html>"
    assert expected in problems(page.encode())
