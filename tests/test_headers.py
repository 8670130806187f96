"""What the real server says beside each page at an https address: every header, word for word."""

import http.client
import re
from collections.abc import Iterator

import pytest

from tests.conftest import PASSWORD
from tests.tls import SecureSite, Visitor, secure_site

POLICY = {
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "connect-src 'self'",
    "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
}  # fmt: skip
# On whatever is answered, files and refusals too.
EVERYWHERE = {
    "strict-transport-security": "max-age=63072000; includeSubDomains; preload",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": (
        "accelerometer=(), autoplay=(), browsing-topics=(), camera=(), display-capture=(), encrypted-media=(), "
        "fullscreen=(), geolocation=(), gyroscope=(), hid=(), idle-detection=(), magnetometer=(), microphone=(), "
        "midi=(), payment=(), screen-wake-lock=(), serial=(), usb=(), xr-spatial-tracking=()"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
}
HTML = {**EVERYWHERE, "content-type": "text/html; charset=utf-8", "x-frame-options": "DENY"}
GUIDE = {**HTML, "cache-control": "public, max-age=60", "vary": "Accept-Encoding"}
PRIVATE = {**HTML, "cache-control": "no-store", "x-robots-tag": "noindex"}
EARLY = {"x-frame-options": None}  # refused before the middleware that adds it; frame-ancestors says the same
OF_ANY_ANSWER = {
    "date", "server", "connection", "content-length", "transfer-encoding", "etag", "last-modified", "expires",
    "set-cookie",
}  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecureSite]:
    with secure_site(tmp_path_factory.mktemp("secure")) as site:
        yield site


@pytest.fixture
def visitor(site: SecureSite) -> Visitor:
    return Visitor(site)


def said(headers: http.client.HTTPMessage) -> dict[str, str]:
    """The headers of an answer without those of any; the policy is compared here, its parts come in any order."""
    found = {name.lower(): value for name, value in headers.items() if name.lower() not in OF_ANY_ANSWER}
    once = [name.lower() for name in headers if name.lower() != "set-cookie"]
    assert len(once) == len(set(once))
    assert sorted(found.pop("content-security-policy").split("; ")) == sorted(POLICY)
    if "refresh" in found:  # seconds that are left; some may have gone by since the session began
        found["refresh"] = re.sub(r"^(89\d|90[0-5]);", "905;", found["refresh"])
    return found


@pytest.mark.parametrize("path", ["/", "/guide/red-flags/", "/check/", "/stay-safe-online/"])
def test_a_page_of_the_guide(visitor: Visitor, path: str) -> None:
    headers, status, _ = visitor.get(path)
    assert (status, said(headers), visitor.cookies) == (200, GUIDE, {})


@pytest.mark.parametrize("path", ["/join/", "/sign-in/", "/recover/"])
def test_a_door(visitor: Visitor, path: str) -> None:
    headers, status, _ = visitor.get(path)
    assert (status, said(headers)) == (200, {**PRIVATE, "vary": "Cookie"})
    assert visitor.cookies.keys() == {"__Host-csrf"}


def test_a_page_of_a_journal_and_the_cookies_that_open_it(visitor: Visitor) -> None:
    there = "905; url=/unlock/?next=%2Fjournal%2F"
    headers, status, _ = visitor.send("/join/", username="headers", password=PASSWORD)
    assert (status, said(headers)) == (200, {**PRIVATE, "vary": "Cookie", "refresh": there})
    headers, status, _ = visitor.get("/journal/")
    assert (status, said(headers)) == (200, {**PRIVATE, "vary": "Cookie", "refresh": there})
    headers, status, _ = visitor.get("/journal/2/")
    assert (status, said(headers)) == (200, {**PRIVATE, "vary": "Cookie"})
    assert {
        name: {flag: value for flag, value in kept.items() if value and flag != "expires"}
        for name, kept in visitor.cookies.items()
    } == {
        "__Host-csrf": {"path": "/", "secure": True, "httponly": True, "samesite": "Lax"},
        "__Host-session": {"path": "/", "secure": True, "httponly": True, "samesite": "Lax"},
        "__Host-jkey": {"path": "/", "secure": True, "httponly": True, "samesite": "Strict"},
        "__Host-device": {"path": "/", "secure": True, "httponly": True, "samesite": "Strict", "max-age": "7776000"},
    }


def test_a_private_page_that_is_not_opened(visitor: Visitor) -> None:
    headers, status, _ = visitor.get("/journal/")
    expected = {**PRIVATE, "vary": "Cookie", "location": "/sign-in/?next=%2Fjournal%2F"}
    assert (status, said(headers), visitor.cookies) == (302, expected, {})


@pytest.mark.parametrize(
    ("path", "sent", "status", "more"),
    [
        ("/nowhere/", {}, 404, {"vary": "Accept-Encoding"}),
        ("/lock/", {}, 405, {"allow": "POST"}),
        ("/journal/", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}, 403, EARLY),
        ("/", {"Host": "evil.example"}, 400, EARLY),
    ],
)
def test_a_refusal(visitor: Visitor, path: str, sent: dict[str, str], status: int, more: dict[str, str | None]) -> None:
    headers, answered, _ = visitor.get(path, sent)
    expected = {name: value for name, value in {**PRIVATE, **more}.items() if value}
    assert (answered, said(headers), visitor.cookies) == (status, expected, {})


def test_a_file(visitor: Visitor) -> None:
    _, _, page = visitor.get("/")
    path = page[page.index("/static/css/site.") :].partition('"')[0]
    headers, status, _ = visitor.get(path)
    always = "max-age=315360000, public, immutable"
    expected = {"content-type": 'text/css; charset="utf-8"', "cache-control": always, "vary": "Accept-Encoding"}
    assert (status, said(headers), visitor.cookies) == (200, {**EVERYWHERE, **expected}, {})


def test_the_desk(visitor: Visitor) -> None:
    headers, status, _ = visitor.get("/manage/login/")
    never = "max-age=0, no-cache, no-store, must-revalidate, private"
    assert (status, said(headers)) == (200, {**HTML, "cache-control": never, "vary": "Cookie"})
    assert visitor.cookies.keys() == {"__Host-csrf"}


def test_who_asks_without_https_is_sent_to_https_first(site: SecureSite) -> None:
    plain = http.client.HTTPConnection("127.0.0.1", int(site.host.partition(":")[2]))
    plain.request("GET", "/journal/", headers={"Host": site.host})
    answer = plain.getresponse()
    assert (answer.status, answer.headers["Location"]) == (301, f"{site.url}/journal/")
    assert (answer.headers["Cache-Control"], answer.headers["Set-Cookie"]) == ("no-store", None)
    plain.close()


@pytest.mark.parametrize("charset", ["latin-1", "hex", "rot13", "utf-7", "nonsense"])
def test_a_charset_in_a_header_changes_nothing(visitor: Visitor, charset: str) -> None:
    kind = {"Content-Type": f"application/x-www-form-urlencoded; charset={charset}"}
    _, status, page = visitor.get("/search/?from=%C3%BC", kind, q="boundaries")
    assert (status, "<mark>" in page) == (200, True)
    assert "Traceback" not in visitor.site.log.read_text()
