"""Readers of the guide are answered here, before Django: a published page is bytes in memory, compressed already.

What is not plainly somebody reading the guide goes on to Django, which decides: other methods, hosts that are not
ours, plain HTTP where HTTPS is asked for, and what another site embeds.
"""

from collections.abc import Callable, Iterable
from functools import cached_property, lru_cache
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment
from wsgiref.util import setup_testing_defaults

from django.conf import settings
from django.http.request import split_domain_port, validate_host
from django.urls import Resolver404, resolve
from django.utils.translation import override

from . import edition, language, views
from .edition import Headers, Page

ELSEWHERE = {"cross-site", "same-site"}
_OF_ONE_PAGE = {"content-type", "content-length", "cache-control", "etag"}
_NOT_FOUND = [("Cache-Control", "no-store"), ("X-Robots-Tag", "noindex")]

Answer = tuple[str, Headers, bytes]  # status, headers, body


class Front:
    """Answers GET and HEAD of the guide's pages from the edition, and hands every other request on.

    It is on the way of every reader: what is the same for all of them is looked up once.
    """

    def __init__(self, application: WSGIApplication) -> None:
        self.application = application
        self._is_ours = lru_cache(maxsize=100)(_is_ours)
        secure = settings.SECURE_PROXY_SSL_HEADER or ("wsgi.url_scheme", "https")
        self._secure = secure if settings.SECURE_SSL_REDIRECT else None

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        answer = _answer(environ) if self._is_a_reader(environ) else None
        if answer is None:
            return self.application(environ, start_response)
        status, headers, body = answer
        start_response(status, self.headers + headers)
        return [body] if environ["REQUEST_METHOD"] == "GET" and body else []

    def _is_a_reader(self, environ: WSGIEnvironment) -> bool:
        if environ["REQUEST_METHOD"] not in {"GET", "HEAD"} or environ.get("SCRIPT_NAME"):
            return False
        if environ.get("HTTP_SEC_FETCH_SITE") in ELSEWHERE and environ.get("HTTP_SEC_FETCH_MODE") != "navigate":
            return False  # embedded there
        return self._is_ours(environ.get("HTTP_HOST", "")) and self._is_secure(environ)

    def _is_secure(self, environ: WSGIEnvironment) -> bool:
        if self._secure is None:
            return True
        header, value = self._secure
        return str(environ.get(header, "")).partition(",")[0].strip() == value

    @cached_property
    def headers(self) -> Headers:
        """What Django's middleware puts on every page of the guide. Django is asked, so nothing is listed twice."""
        found: Headers = []

        def start(status: str, headers: Headers, exc_info: object = None) -> Callable[[bytes], object]:
            found.extend(header for header in headers if header[0].lower() not in _OF_ONE_PAGE)
            return lambda body: None  # the old way to send a body, which nobody here takes

        host, scheme = settings.ALLOWED_HOSTS[0], "https" if settings.SECURE_SSL_REDIRECT else "http"
        environ = {"HTTP_HOST": host, "PATH_INFO": "/robots.txt", "wsgi.url_scheme": scheme}
        if settings.SECURE_PROXY_SSL_HEADER:
            environ |= [settings.SECURE_PROXY_SSL_HEADER]
        setup_testing_defaults(environ)
        for _ in self.application(environ, start):
            pass
        return found


def _is_ours(host: str) -> bool:
    name, _ = split_domain_port(host)
    return validate_host(name or "", settings.ALLOWED_HOSTS)


def _answer(environ: WSGIEnvironment) -> Answer | None:
    """Return a page, where it moved to, or that it is not there; None if the address is not one of the guide's."""
    path = environ["PATH_INFO"]
    try:
        newest = edition.current()
    except Exception:  # Django meets the same, and answers it with a page of ours
        return None
    if page := newest.pages.get(path):
        return _sent(page, environ)
    if path in newest.moved:
        # For good, but an editor may take an address back.
        return "301 Moved Permanently", [("Location", newest.moved[path]), ("Cache-Control", edition.FOR_A_MINUTE)], b""
    with override(language.of(path)):
        try:
            match = resolve(path)
        except Resolver404:
            return None
    if match.func is not views.page:
        return None
    found = newest.missing(language.of(path), match.url_name).encoded(environ.get("HTTP_ACCEPT_ENCODING", ""))
    return "404 Not Found", _NOT_FOUND + found.about, found.body


def _sent(page: Page, environ: WSGIEnvironment) -> Answer:
    """Return a page in the smallest encoding that is accepted; nothing of it, if the reader has it already."""
    found = page.encoded(environ.get("HTTP_ACCEPT_ENCODING", ""))
    asked = environ.get("HTTP_IF_NONE_MATCH", "")
    if asked and (found.etag in asked or asked.strip() == "*"):
        return "304 Not Modified", [*found.kept, ("Vary", "Accept-Encoding")], b""
    return "200 OK", found.kept + found.about, found.body
