"""The guide's pages as a browser, a cache and a passer-by ask for them."""

import re
from collections.abc import Iterable

import pytest
from django.db.models import CharField, TextField
from django.test import Client, override_settings
from pytest_django import DjangoAssertNumQueries

from guide import edition
from guide.bundle import KINDS
from guide.models import Country, Page, Question, Tip

pytestmark = pytest.mark.django_db
PATH = "/guide/reaching-out/"


def page() -> edition.Page:
    return edition.current().pages[PATH]


def asked(*etags: str) -> tuple[int, bytes, str, str]:
    response = Client().get(PATH, headers={"If-None-Match": ", ".join(etags)})
    return response.status_code, response.content, response["ETag"], response["Cache-Control"]


def test_a_page_comes_as_it_stands_in_the_edition() -> None:
    for path, each in edition.current().pages.items():
        response = Client().get(path)
        assert (response.status_code, response.content) == (200, each.body), path
        assert (response["Content-Type"], response["ETag"]) == (each.content_type, each.etag), path
        assert response["Cache-Control"] == "public, max-age=60", path
        assert response.has_header("X-Robots-Tag") is False, path


def test_no_two_pages_have_the_same_etag() -> None:
    etags = [each.etag for each in edition.current().pages.values()]
    assert len(set(etags)) == len(etags)


def test_a_cache_that_names_the_page_among_others_is_told_that_it_is_the_same() -> None:
    same = (304, b"", page().etag, "public, max-age=60")
    assert asked(page().etag) == same
    assert asked('"another"', page().etag, '"a third"') == same


@pytest.mark.parametrize("etags", [['"another"'], ['W/"another"', '"a third"'], ["nonsense"], [""], ['"'], ["W/"]])
def test_a_cache_that_has_another_page_is_sent_this_one(etags: list[str]) -> None:
    assert asked(*etags) == (200, page().body, page().etag, "public, max-age=60")


@pytest.mark.parametrize("form", ["W/{}", '"another", W/{}', "*"])
def test_a_weak_etag_is_as_good(form: str) -> None:
    assert asked(form.format(page().etag)) == (304, b"", page().etag, "public, max-age=60")


def test_a_changed_page_is_sent_again() -> None:
    old = page().etag
    tip = Tip.objects.originals().get(slug="be-open")
    tip.body = "Zwiebelkuchen"
    tip.save()
    assert asked(old)[0] == 304
    tip.publish()
    edition.forget()
    assert asked(old) == (200, page().body, page().etag, "public, max-age=60")
    assert b"Zwiebelkuchen" in page().body


def test_a_head_is_the_same_answer_without_the_page(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    full = Client().get(PATH)
    with django_assert_num_queries(0):
        head = Client().head(PATH)
    assert (head.status_code, head.content) == (200, b"")
    assert dict(head.headers) == dict(full.headers)
    assert int(head["Content-Length"]) == len(full.content)


@pytest.mark.parametrize(
    "path",
    [
        "/guide/nothing/",
        "/guide/are-you-ready/0/",
        "/guide/are-you-ready/9/",
        "/guide/are-you-ready/01/",
        "/guide/are-you-ready/99999999999999999999/",
        "/guide/are-you-ready/one/",
        "/guide/Red-Flags/",
        "/help/atlantis/",
        "/help/US/",
        "/nothing/",
        "/home/",
        "/afraid/",  # a piece
        "/guide/be-open/",  # a tip
        "/guide/",
        "/%00/",
        "/guide/%2e%2e/",
    ],
)
def test_an_address_of_nothing_is_not_found_and_not_kept(
    path: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    edition.current()
    with django_assert_num_queries(0):
        response = Client().get(path)
    assert response.status_code == 404
    assert (response["Cache-Control"], response["X-Robots-Tag"]) == ("no-store", "noindex")
    assert (response.cookies, response.has_header("ETag")) == ({}, False)
    assert b"<h1>Page not found</h1>" in response.content
    assert b"alert" not in Client().get("/%3Cscript%3Ealert(1)/").content


def test_a_query_string_makes_no_difference() -> None:
    assert Client().get(f"{PATH}?utm_source=x").content == page().body


def test_a_missing_slash_is_put_right_and_the_redirect_is_not_kept() -> None:
    response = Client().get("/guide/reaching-out")
    assert (response.status_code, response["Location"], response["Cache-Control"]) == (301, PATH, "no-store")


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
def test_a_page_can_only_be_read(method: str) -> None:
    response = getattr(Client(), method)(PATH)
    assert (response.status_code, response["Allow"], response["Cache-Control"]) == (405, "GET, HEAD", "no-store")


def test_a_new_page_has_an_address_when_it_is_published() -> None:
    page = Page.objects.create(slug="new", title="<b>New</b>", body="Zwiebelkuchen")
    assert Client().get("/new/").status_code == 404
    page.publish()
    edition.forget()
    response = Client().get("/new/")
    assert (response.status_code, "<h1>&lt;b&gt;New&lt;/b&gt;</h1>" in response.content.decode()) == (200, True)
    assert "<p>Zwiebelkuchen</p>" in response.content.decode()
    assert "/new/</loc>" in Client().get("/sitemap.xml").content.decode()


def test_a_script_in_any_text_is_inert_on_every_page() -> None:
    """Every text field of one record of each kind ends with a script, the names of other records apart."""
    ends = ' <script>alert(1)</script> "><img src=x onerror=alert(1)>'
    before = "".join(each.body.decode() for each in edition.current().pages.values())
    for model in KINDS.values():
        record = model.objects.originals().first()
        for field in model._meta.fields:
            text = isinstance(field, CharField | TextField) and field.editable and not field.choices
            if text and field.name not in {"slug", "sources", "country"}:
                most = field.max_length or 100_000  # which PostgreSQL insists on
                setattr(record, field.name, f"{getattr(record, field.name)[: max(0, most - len(ends))]}{ends}"[:most])
        record.save()
        record.publish()
    edition.forget()
    after = "".join(each.body.decode() for each in edition.current().pages.values())
    assert after.count("&lt;script&gt;alert(1)&lt;/script&gt;") > 100
    assert [after.count(word) for word in ("<script", "<img", "<svg", "<input")] == [
        before.count(word) for word in ("<script", "<img", "<svg", "<input")
    ]
    assert "<script>alert" not in after


def links(records: Iterable[Question | Country]) -> list[str]:
    return [record.get_absolute_url() for record in records]


def test_a_question_or_country_that_is_not_there_is_answered_with_those_that_are() -> None:
    guide = edition.current().guide
    for path, records in (("/guide/are-you-ready/99/", guide.questions), ("/help/atlantis/", guide.countries)):
        response = Client().get(path)
        assert (response.status_code, response.has_header("Vary")) == (404, False)
        listed = re.findall(r'<li><a href="([^"]+)">', response.content.decode())
        assert [link for link in listed if link in links(records)] == links(records), path
    assert "haven’t checked lines for this country yet" in response.content.decode()


def test_a_book_that_a_part_lists_is_not_named_again_among_its_sources() -> None:
    page = Client().get("/guide/what-others-think/").content.decode()
    assert [page.count("<cite>The Marriage Map</cite>"), page.count("Where this comes from")] == [1, 1]


@override_settings(SECURITY_CONTACT="https://example.org/flaws?from=us&to=you")
def test_security_txt_says_where_to_write_to() -> None:
    first = Client().get("/.well-known/security.txt").content.decode().splitlines()[0]
    assert first == "Contact: https://example.org/flaws?from=us&to=you"


def test_help_has_the_emergency_number_before_anything_else_and_texts_as_links() -> None:
    page = Client().get("/help/").content.decode()
    main = page[page.index("<main") :]
    assert main.index('href="tel:911"') < main.index('href="/help/uk/"')
    assert '<a href="sms:88788">Text START to 88788</a>' in main
    assert '<a class="url" href="https://www.thehotline.org/" rel="noreferrer">thehotline.org</a>' in main
