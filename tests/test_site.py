"""The site as visitors meet it: every address, seen by everybody who may come along."""

import re
from html.parser import HTMLParser
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from guide import edition
from guide.models import Question, Section
from journal import entries
from journal.models import User, random_id
from tests.conftest import Person

pytestmark = pytest.mark.django_db

PUBLIC = ["/join/", "/sign-in/", "/recover/", "/account/deleted/", "/journal/pause/"]


def ours(patterns: list | None = None, prefix: str = "") -> dict[str, URLPattern]:
    """Every address pattern of the two apps, by name."""
    found = {}
    for pattern in patterns or get_resolver().url_patterns:
        if isinstance(pattern, URLResolver):
            if pattern.app_name != "admin":
                found |= ours(pattern.url_patterns, prefix)
        else:
            found[pattern.name or str(pattern.pattern)] = pattern
    return found


def guide_pages() -> list[str]:
    return sorted(edition.current().pages)


def html_pages() -> list[str]:
    return [path for path, page in sorted(edition.current().pages.items()) if page.content_type.startswith("text/html")]


class Outline(HTMLParser):
    """Collects what a page is made of."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.levels: list[int] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if re.fullmatch(r"h\d", tag):
            self.levels.append(int(tag[1]))
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name == "href":
                self.links.append(value or "")


def test_the_guide_has_all_its_pages() -> None:
    assert len([path for path in guide_pages() if re.fullmatch(r"/guide/[a-z-]+/", path)]) == 8
    assert len([path for path in guide_pages() if re.fullmatch(r"/guide/are-you-ready/\d/", path)]) == 8
    assert {"/", "/help/", "/help/us/", "/check/", "/about/", "/privacy/", "/stay-safe-online/"} <= set(guide_pages())
    assert {"/accessibility/", "/display/", "/search/", "/sitemap.xml", "/robots.txt", "/feed.xml"} <= set(
        guide_pages()
    )


def test_guide_pages_are_the_same_bytes_for_everybody_without_cookie_or_query(
    alice: Person, editor: User, django_assert_num_queries: object
) -> None:
    staff = Client()
    staff.force_login(editor)
    edition.current()
    for path in guide_pages():
        with django_assert_num_queries(0):
            anonymous = Client().get(path)
        assert (anonymous.status_code, anonymous.has_header("Vary")) == (200, False), path
        assert anonymous["Cache-Control"] == "public, max-age=60"
        assert anonymous.cookies == {}
        for somebody in (alice.client, staff):
            response = somebody.get(path)
            assert response.content == anonymous.content, path
            assert response.cookies == {}


def test_a_page_that_has_not_changed_is_not_sent_again() -> None:
    first = Client().get("/guide/red-flags/")
    again = Client().get("/guide/red-flags/", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    changed = Client().get("/guide/red-flags/", headers={"If-None-Match": '"another"'})
    assert changed.status_code == 200


def private_pages(person: Person) -> list[str]:
    person.write(2, "text")
    known = {"number": 2, "revision": 1, "week": "2026-W01", "year": 2026, "month": 2}
    ids = {kind: random_id() for kind in ("page", "letter")}
    heads = [entries.Head(kind, title="t") for kind in ("page", "limits", "summary")]
    heads.append(entries.Head("letter", title="t", opens="2999-01-01T00:00:00+00:00"))
    heads.append(entries.Head("check-in", week=known["week"]))
    for head in heads:
        entries.write(person.vault, ids.get(head.kind) or entries.named(person.vault, head), 0, head, "text")
    for head in (*heads, entries.Head("answer", "time")):
        entry = ids.get(head.kind) or entries.named(person.vault, head)
        entries.keep_draft(person.vault, entry, 1, head, "draft")
    paths = []
    for name, pattern in ours().items():
        if name in {"this-week", "this-month", "export-opener"}:
            continue  # they lead to one of the others; a file, the same for everybody
        if getattr(pattern.callback, "is_private", False) or (
            hasattr(pattern.callback, "__wrapped__") and _private(pattern)
        ):
            here = {**known, "entry": ids["letter" if "letter" in name else "page"]}
            paths.append(reverse(name, kwargs={key: here[key] for key in pattern.pattern.converters}))
    return paths


def _private(pattern: URLPattern) -> bool:
    """Whether one of the decorators of a view is a door."""
    view = pattern.callback
    while view is not None:
        if getattr(view, "is_private", False):
            return True
        view = getattr(view, "__wrapped__", None)
    return False


DOORS = {"join", "sign-in", "recover", "lock", "sign-out", "leave", "deleted", "pause"}
GUIDE = {"home", "whole-guide", "question", "section", "country", "search", "page", "sitemap.xml", "robots.txt"}
GUIDE |= {"image", "feed.xml", ".well-known/security.txt", ".well-known/change-password"}
DESK = {
    "draft", "desk", "checks", "release", "release-approve", "release-call-off", "cheatsheet",
    "manage/password_change/", "styleguide", "styleguide-page",
}  # fmt: skip


def test_every_address_is_private_a_door_or_the_guides(alice: Person) -> None:
    private = {name for name, pattern in ours().items() if _private(pattern)}
    assert private | DOORS | GUIDE | DESK == ours().keys()
    assert private & (DOORS | GUIDE | DESK) == set()
    of_a_kind = {"", "-history", "-version", "-version-delete", "-compare", "-draft", "-draft-delete", "-delete"}
    kinds = ("answer", "page-entry", "letter", "check-in", "limits", "summary")
    assert private == {kind + rest for kind in kinds for rest in of_a_kind} | {
        "journal", "new-page", "new-page-draft", "new-letter", "new-letter-draft", "this-week", "check-ins",
        "timeline", "this-month", "month", "search-journal",
        "letter-open", "limits-paper", "summary-paper",
        "account", "password", "new-key", "delete-account", "unlock", "join-key", "try-key", "code", "sessions",
        "export", "export-record", "export-opener", "import",
    }  # fmt: skip


def test_private_pages_open_for_their_owner_and_for_nobody_else(alice: Person, mallory: Person, editor: User) -> None:
    pages = private_pages(alice)
    assert len(pages) == 72
    staff = Client()
    staff.force_login(editor)
    locked = Client()
    alice.sign_in(locked)
    locked.post(reverse("lock"))
    for path in pages:
        for method in ("get", "post"):
            for somebody in (Client(), staff):
                response = getattr(somebody, method)(path)
                assert response.status_code in {302, 403, 405}, (path, method)
            response = getattr(locked, method)(path)
            allowed = {200, 422} if path in {"/unlock/", "/join/key/"} else {302, 403, 405}
            assert response.status_code in allowed, (path, method)
        allowed = 405 if path.endswith("/draft/") else 200
        assert alice.client.get(path).status_code == allowed, path
        if ("/pages/" in path or "/letters/" in path) and "/new/" not in path:
            assert mallory.client.get(path).status_code == (405 if allowed == 405 else 404), path
            assert mallory.client.post(path, {"text": "x", "base": 1}).status_code in {404, 405}, path
    assert entries.read(alice.vault, entries.answer_id(alice.vault, "time")).text == "text"


def test_every_private_answer_is_kept_out_of_caches_and_indexes(alice: Person) -> None:
    for client in (alice.client, Client()):
        for path in [*private_pages(alice), *PUBLIC, "/journal/99/", "/nowhere/"]:
            response = client.get(path)
            assert response["Cache-Control"] == "no-store", path
            assert response["X-Robots-Tag"] == "noindex", path


def test_every_page_has_the_headers_that_keep_others_out(alice: Person) -> None:
    for path in ["/", "/check/", "/journal/", "/journal/2/", "/sign-in/", "/nowhere/", "/manage/login/"]:
        response = alice.client.get(path)
        policy = response["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert response["Referrer-Policy"] == "same-origin"
        assert response["X-Frame-Options"] == "DENY"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Cross-Origin-Opener-Policy"] == "same-origin"
        assert response["Cross-Origin-Resource-Policy"] == "same-origin"
        assert response["Cross-Origin-Embedder-Policy"] == "require-corp"
        assert "camera=()" in response["Permissions-Policy"]


def test_every_page_has_one_main_heading_no_skipped_level_and_no_id_twice(alice: Person) -> None:
    for path in [*html_pages(), *PUBLIC, *private_pages(alice), "/nowhere/"]:
        client = Client() if path in PUBLIC else alice.client
        outline = Outline(client.get(path).content.decode())
        assert outline.levels.count(1) == 1, path
        assert outline.levels[0] == 1, path
        assert all(after <= before + 1 for before, after in zip(outline.levels, outline.levels[1:], strict=False)), path
        assert len(outline.ids) == len(set(outline.ids)), path
        assert outline.tags.count("main") == 1, path


def test_titles_of_private_pages_are_the_products_name_alone(alice: Person) -> None:
    for path in [*private_pages(alice), *PUBLIC, "/check/"]:
        client = Client() if path in PUBLIC else alice.client
        assert "<title>Either Way</title>" in client.get(path).content.decode(), path


def test_every_page_of_the_guide_says_its_language_and_a_text_without_translation_says_the_other() -> None:
    for path in html_pages():
        html = Client().get(path).content.decode()
        assert re.findall(r'<html lang="(\w+)"', html) == ["es" if path.startswith("/es/") else "en"], path
    Question.objects.get(number=2, language="es").unpublish()
    edition.forget()
    html = Client().get("/es/guide/are-you-ready/2/").content.decode()
    assert '<main id="main" tabindex="-1" lang="en"' in html
    assert '<p class="notice" lang="es">Esto todavía no está en español.' in html


def test_the_quick_exit_is_on_every_page_before_anything_else(alice: Person) -> None:
    for path in [*html_pages(), *PUBLIC, *private_pages(alice), "/nowhere/"]:
        links = [
            link
            for link in Outline(alice.client.get(path, follow=True).content.decode()).links
            if "/static/" not in link
        ]
        links = [link for link in links if not link.startswith("http://127.0.0.1")]
        assert links[:2] == ["#main", "/leave/"], path


def test_every_link_inside_the_guide_leads_somewhere() -> None:
    for path in html_pages():
        for link in Outline(Client().get(path).content.decode()).links:
            if link.startswith("/") and not link.startswith("/static/"):
                assert Client().get(link.partition("#")[0]).status_code in {200, 302, 303}, (path, link)


def test_no_page_of_the_guide_asks_anybody_else_for_anything() -> None:
    for path in html_pages():
        page = Client().get(path).content.decode()
        assert re.findall(r'<(?:img|script|link|iframe)[^>]*(?:src|href)="https?://(?!127\.0\.0\.1)', page) == [], path


def test_an_unpublished_part_is_gone_everywhere_and_numbers_close_up() -> None:
    section = Section.objects.originals().get(slug="reaching-out")
    section.unpublish()
    edition.forget()
    assert Client().get("/guide/reaching-out/").status_code == 404
    for path in ("/", "/guide/are-you-ready/", "/sitemap.xml", "/feed.xml", "/guide/all/", "/about/"):
        assert "/guide/reaching-out/" not in re.sub(
            r"<p>.*?</p>", "", Client().get(path).content.decode(), flags=re.DOTALL
        )
    assert "Part 4 of 6" in Client().get("/guide/red-flags/").content.decode()


def test_machines_find_what_they_look_for() -> None:
    assert "Disallow: /journal/" in Client().get("/robots.txt").content.decode()
    sitemap = Client().get("/sitemap.xml").content.decode()
    assert "/guide/red-flags/</loc>" in sitemap
    told = re.findall(r"<url><loc>([^<]*)</loc>.*?((?:<xhtml:link[^>]*/>)+)</url>", sitemap)
    assert len(told) == sitemap.count("<loc>") == 2 * sum("/es/" not in address for address, _ in told)
    assert all(f'href="{address}"' in links and links.count('hreflang="e') == 2 for address, links in told)
    assert "/check/" not in sitemap
    assert "/journal/" not in sitemap
    assert "<feed" in Client().get("/feed.xml").content.decode()
    assert "Expires:" in Client().get("/.well-known/security.txt").content.decode()
    assert Client().get("/.well-known/change-password")["Location"] == "/account/password/"
    part = Client().get("/guide/red-flags/").content.decode()
    assert '"@type": "Article"' in part
    assert '"@type": "BreadcrumbList"' in part
    assert '<meta property="og:title" content="Either Way">' in part


def test_a_wrong_method_is_refused() -> None:
    assert Client().post("/guide/red-flags/").status_code == 405
    refused = Client().get("/lock/")
    assert (refused.status_code, refused["Allow"]) == (405, "POST")
    assert "can’t be opened this way" in refused.content.decode()


def test_no_migration_is_missing() -> None:
    call_command("makemigrations", "--check", "--dry-run", stdout=StringIO())
