"""What readers get in front of Django: the same headers, fewer bytes, and nothing that is not theirs."""

import gzip
from collections.abc import Callable
from typing import Any

import brotli
import pytest
from django.db import DatabaseError
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from config.wsgi import application, behind
from guide import edition, front
from guide.models import Section

pytestmark = pytest.mark.django_db
PATH = "/guide/red-flags/"


@pytest.fixture(autouse=True)
def _an_edition() -> None:
    edition.current()


def ask(path: str = PATH, method: str = "GET", app: Callable[..., Any] = application, **environ: str) -> Any:
    """Return status, headers and body as a server would get them."""
    started: list[Any] = []
    asked = {"PATH_INFO": path, "REQUEST_METHOD": method, "HTTP_HOST": "127.0.0.1:8000", **environ}
    base = Client()._base_environ(**asked)
    body = b"".join(app(base, lambda status, headers, exc_info=None: started.append((status, dict(headers)))))
    return (*started[0], body)


def page(path: str = PATH) -> bytes:
    return edition.current().pages[path].body


def test_a_reader_is_answered_without_django(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    ask()
    monkeypatch.setattr(application.application, "application", None)
    with django_assert_num_queries(0):
        status, headers, body = ask()
    assert (status, body, headers["Content-Length"]) == ("200 OK", page(), str(len(page())))


@pytest.mark.parametrize("path", ["/", PATH, "/es/check/", "/robots.txt", "/sitemap.xml", "/feed.xml", "/search/"])
def test_every_header_is_the_one_that_django_would_send(path: str) -> None:
    status, headers, body = ask(path)
    behind_it = ask(path, app=behind)
    assert (status, body) == (behind_it[0], behind_it[2])
    assert headers == {**behind_it[1], "Vary": "Accept-Encoding"}
    assert "Content-Security-Policy" in headers
    assert "Set-Cookie" not in headers


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br, zstd", "br"), ("gzip", "gzip"), ("br;q=0, gzip;q=0.5", "gzip"), ("br;q=0.0", None),
        ("GZIP", "gzip"), ("br ; q=0.1", "br"), ("identity", None), ("", None), ("*", None), ("brr, xgzip", None),
    ],
)  # fmt: skip
def test_the_smallest_encoding_that_is_accepted_is_sent(accepted: str, encoding: str | None) -> None:
    _, headers, body = ask(HTTP_ACCEPT_ENCODING=accepted)
    undo = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[encoding]
    assert (headers.get("Content-Encoding"), headers["Content-Length"]) == (encoding, str(len(body)))
    assert undo(body) == page()
    assert (len(body) < len(page()) / 2) is (encoding is not None)


def test_each_encoding_has_an_etag_of_its_own_and_is_not_sent_twice() -> None:
    tags = []
    for accepted in ("", "gzip", "br"):
        tags.append(ask(HTTP_ACCEPT_ENCODING=accepted)[1]["ETag"])
        again = {"HTTP_ACCEPT_ENCODING": accepted, "HTTP_IF_NONE_MATCH": f'"other", W/{tags[-1]}'}
        status, headers, body = ask(**again)
        assert (status, body, headers["ETag"], headers["Vary"]) == (
            "304 Not Modified", b"", tags[-1], "Accept-Encoding",
        )  # fmt: skip
        assert "Content-Length" not in headers
    assert len(set(tags)) == 3
    assert ask(HTTP_IF_NONE_MATCH=tags[1])[0] == "200 OK"


def test_head_tells_of_the_page_and_sends_nothing_of_it() -> None:
    status, headers, body = ask(method="HEAD", HTTP_ACCEPT_ENCODING="br")
    assert (status, body) == ("200 OK", b"")
    assert headers == ask(HTTP_ACCEPT_ENCODING="br")[1]


def test_a_moved_page_is_found_at_its_new_address() -> None:
    section = Section.objects.originals().get(slug="red-flags")
    section.slug = "signs"
    section.save()
    section.publish()
    edition.forget()
    status, headers, body = ask()
    assert (status, headers["Location"], body) == ("301 Moved Permanently", "/guide/signs/", b"")
    assert headers["Cache-Control"] == "public, max-age=60"


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/guide/nothing/", "Page not found"),
        ("/guide/are-you-ready/99/", "The questions"),
        ("/help/atlantis/", "haven’t checked lines"),
        ("/es/guide/nada/", "Página no encontrada"),
    ],
)
def test_what_is_not_there_is_said_in_its_language_and_kept_nowhere(path: str, says: str) -> None:
    status, headers, body = ask(path)
    assert (status, headers["Cache-Control"], headers["X-Robots-Tag"]) == ("404 Not Found", "no-store", "noindex")
    assert says in body.decode()
    assert "ETag" not in headers
    assert body == ask(path, app=behind)[2]


@pytest.mark.parametrize(
    "environ",
    [
        {"REQUEST_METHOD": "POST"},
        {"REQUEST_METHOD": "OPTIONS"},
        {"HTTP_HOST": "evil.example"},
        {"HTTP_HOST": ""},
        {"HTTP_HOST": "127.0.0.1:8000@evil.example"},
        {"SCRIPT_NAME": "/below"},
        {"HTTP_SEC_FETCH_SITE": "cross-site", "HTTP_SEC_FETCH_MODE": "no-cors"},
        {"HTTP_SEC_FETCH_SITE": "same-site"},
        {"PATH_INFO": "/journal/"},
        {"PATH_INFO": "/guide/red-flags"},
        {"PATH_INFO": "/nowhere/at/all/"},
        {"PATH_INFO": "/static/css/site.css"},
    ],
)
def test_what_is_not_plainly_a_reader_goes_on_to_django(environ: dict[str, str]) -> None:
    asked: list[Any] = []

    def django(environ: Any, start_response: Any) -> list[bytes]:
        asked.append(environ["PATH_INFO"])
        start_response("200 OK", [])
        return []

    ask(app=front.Front(django), **environ)
    assert asked == [environ.get("PATH_INFO", PATH)]


def test_somebody_who_follows_a_link_from_elsewhere_is_a_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    ask()
    monkeypatch.setattr(application.application, "application", None)
    assert ask(HTTP_SEC_FETCH_SITE="cross-site", HTTP_SEC_FETCH_MODE="navigate")[0] == "200 OK"


@pytest.mark.parametrize(
    ("proxy", "environ", "is_reader"),
    [
        (None, {"wsgi.url_scheme": "http"}, False),
        (None, {"wsgi.url_scheme": "https"}, True),
        (("HTTP_X_FORWARDED_PROTO", "https"), {"HTTP_X_FORWARDED_PROTO": "https", "wsgi.url_scheme": "http"}, True),
        (("HTTP_X_FORWARDED_PROTO", "https"), {"HTTP_X_FORWARDED_PROTO": "http", "wsgi.url_scheme": "http"}, False),
        (("HTTP_X_FORWARDED_PROTO", "https"), {"wsgi.url_scheme": "https"}, False),
    ],
)
def test_where_https_is_asked_for_plain_http_is_djangos_to_redirect(
    settings: Any, proxy: Any, environ: dict[str, str], is_reader: bool
) -> None:
    settings.SECURE_SSL_REDIRECT, settings.SECURE_PROXY_SSL_HEADER = True, proxy
    asked = {"REQUEST_METHOD": "GET", "HTTP_HOST": "127.0.0.1", **environ}
    assert front.Front(application)._is_a_reader(asked) is is_reader


def test_without_an_edition_and_a_database_django_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails() -> None:
        raise DatabaseError

    monkeypatch.setattr(edition, "current", fails)
    assert ask(app=front.Front(lambda environ, start: start("503 Busy", []) or [b"ours"])) == ("503 Busy", {}, b"ours")
