"""Whatever a keyboard or a program can send: kept as it came or refused in plain words, and never a broken page."""

import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from urllib.parse import quote_from_bytes

import pytest
from django.test import Client
from django.urls import reverse

from tests.attack.deeds import NEW, OLD
from tests.attack.web import serving
from tests.conftest import Person
from tools.visitor import HTML

BOX = re.compile(r'<textarea id="id_text"[^>]*>\n(.*?)</textarea>', re.DOTALL)
ENTRY = "5" * 32

# Bytes that are no text in UTF-8: lone surrogates, overlong, cut short, past the end, from another encoding.
BROKEN = [b"\xed\xa0\x80", b"\xed\xbf\xbf", b"\xed\xa0\xbd\xed\xb8\x80", b"\xc0\xaf", b"\xe0\x80\x80", b"\xf0\x9f\x98"]
BROKEN += [b"\xf4\x90\x80\x80", b"\xff\xfe", b"\x80", b"caf\xe9"]
WHOLE = [
    "\U0001f469\U0001f3fd\u200d\u2764\ufe0f",
    "\U0010ffff",
    "\ufdd0\ufffe",
    "\u202eabc\u202c",
    "\u05e9\u05dc\u05d5\u05dd (abc)",
]
WHOLE += [
    "\u2066\u2069\u200f\u200e",
    "\ufeffbegins with a mark",
    "e\u0301 \u00e9",
    "\x01\x02\x7f\x85",
    "a" + "\u0301" * 500,
]


def send(client: Client, path: str, **fields: bytes) -> object:
    """Send a form with exactly these bytes in its fields."""
    body = "&".join(f"{name}={quote_from_bytes(value, safe='')}" for name, value in fields.items())
    return client.generic("POST", path, body.encode(), HTML)


def box(response: object) -> str:
    return unescape(BOX.search(response.content.decode())[1])


@pytest.fixture
def careful(alice: Person) -> Client:
    """Alice's browser, which says so if a page breaks instead of breaking the test."""
    alice.client.raise_request_exception = False
    return alice.client


@pytest.mark.django_db
@pytest.mark.parametrize("broken", BROKEN)
def test_bytes_that_are_no_text_break_nothing_and_what_is_around_them_is_kept(careful: Client, broken: bytes) -> None:
    text = b"before " + broken + b" after"
    assert send(careful, "/journal/2/", text=text, base=b"0").status_code == 302
    shown = box(careful.get("/journal/2/"))
    assert (shown[:7], shown[-6:]) == ("before ", " after")
    assert set(shown[7:-6]) <= {"\ufffd", "c", "a", "f"}
    assert send(careful, "/journal/2/", text=shown.encode(), base=b"1").status_code == 302
    assert box(careful.get("/journal/2/")) == shown
    assert careful.get("/journal/2/history/2/").status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("odd", [*BROKEN, b"\0", *(text.encode() for text in WHOLE)], ids=repr)
def test_no_field_of_any_form_breaks_a_page(careful: Client, odd: bytes) -> None:
    forms = {
        "/journal/2/": {"text": odd, "base": odd, "feeling": odd, "zone": odd},
        "/journal/pages/new/": {"text": odd, "title": odd, "base": b"0", "entry": odd, "zone": odd},
        "/account/password/": {"password": odd, "new_password": odd},
        "/account/key/": {"password": odd},
        "/account/delete/": {"password": odd},
        "/join/key/": {"recovery_key": odd, "group_2": odd, "group_5": odd},
        "/unlock/": {"password": odd, "next": odd, "kept_path": odd, "kept_text": odd},
        "/search/": {"q": odd},
    }
    for path, fields in forms.items():
        assert send(careful, path, **fields).status_code in {200, 404, 405, 409, 422}, path
    stranger = Client(raise_request_exception=False)
    waiting = {"next": odd, "kept_path": b"/journal/2/", "kept_text": odd, "kept_base": odd}
    for path in ("/sign-in/", "/recover/", "/join/"):
        fields = {"username": odd, "password": odd, "recovery_key": odd, "new_password": odd, **waiting}
        assert send(stranger, path, **fields).status_code == 422, path
        assert stranger.get(path, query_params={"next": odd.decode("latin-1")}).status_code == 200
        assert stranger.get(f"{path}?next={quote_from_bytes(odd)}").status_code == 200
    assert stranger.get(f"/{quote_from_bytes(odd)}/").status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("text", WHOLE)
def test_every_text_comes_back_as_it_was_typed(careful: Client, text: str) -> None:
    title = text.strip()[:120]
    fields = {"text": text.encode(), "title": title.encode(), "base": b"0", "entry": ENTRY.encode()}
    assert send(careful, reverse("new-page"), **fields).status_code == 302
    address = re.search(r'href="(/journal/pages/[0-9a-f-]{36}/)"', careful.get("/journal/").content.decode())[1]
    page = careful.get(address)
    assert box(page) == text
    assert unescape(re.search(r'name="title" value="([^"]*)"', page.content.decode())[1]) == title


PAIRS = [
    ("caf\u00e9 au lait no 7", "cafe\u0301 au lait no 7"),
    ("\u1112\u1161\u11ab hangul jamo", "\ud55c hangul jamo"),
]
PAIRS += [("\u212bngstr\u00f6m is a unit", "A\u030angstro\u0308m is a unit")]


@pytest.mark.django_db
@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("pair", PAIRS)
def test_a_password_is_the_same_composed_and_decomposed_at_every_door(pair: tuple[str, str], turned: bool) -> None:
    one, other = reversed(pair) if turned else pair
    assert one != other
    client = Client()
    assert client.post(reverse("join"), {"username": "carol", "password": one}).status_code == 200
    for password in (one, other):
        assert Client().post(reverse("sign-in"), {"username": "carol", "password": password}).status_code == 302
        client.post(reverse("lock"))
        assert client.post(reverse("unlock"), {"password": password}).status_code == 302
        assert client.post(reverse("new-key"), {"password": password}).status_code == 200
    changed = client.post(reverse("password"), {"password": other, "new_password": NEW + one})
    assert changed.status_code == 200
    assert Client().post(reverse("sign-in"), {"username": "carol", "password": NEW + other}).status_code == 302
    assert client.post(reverse("delete-account"), {"password": NEW + other}).status_code == 302


@pytest.mark.django_db
@pytest.mark.parametrize("space", [" ", "  ", "\t", "\n", "\u00a0", "\u3000", "\u200b"])
@pytest.mark.parametrize("where", ["{0}{1}", "{1}{0}", "{0}{1}{0}"])
def test_spaces_around_a_password_belong_to_it(space: str, where: str) -> None:
    password = where.format(space, OLD)
    client = Client()
    assert client.post(reverse("join"), {"username": "carol", "password": password}).status_code == 200
    assert Client().post(reverse("sign-in"), {"username": "carol", "password": password}).status_code == 302
    assert Client().post(reverse("sign-in"), {"username": "carol", "password": OLD}).status_code == 422
    assert Client().post(reverse("sign-in"), {"username": "carol", "password": password + space}).status_code == 422


@pytest.mark.django_db
@pytest.mark.parametrize(
    "other", [OLD.upper(), OLD.replace("h", "\uff48"), OLD.replace(" ", "\u00a0"), OLD.replace("e", "\u0435")]
)
def test_a_password_that_only_looks_alike_opens_nothing(alice: Person, other: str) -> None:
    assert Client().post(reverse("sign-in"), {"username": "alice", "password": other}).status_code == 422


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["ALICE", "Alice", "\uff21\uff4c\uff49\uff43\uff45", "\u24d0lice"])
def test_a_name_is_the_same_however_it_is_typed(alice: Person, name: str) -> None:
    assert Client().post(reverse("sign-in"), {"username": name, "password": OLD}).status_code == 302
    assert Client().post(reverse("join"), {"username": name, "password": OLD}).status_code == 422


@pytest.mark.django_db
@pytest.mark.parametrize("charset", ["utf-16", "latin-1", "utf-7", "nonsense", "x" * 500])
def test_a_form_in_another_encoding_saves_no_other_words(careful: Client, charset: str) -> None:
    response = careful.generic("POST", "/journal/2/", b"text=caf%C3%A9&base=0", f"{HTML}; charset={charset}")
    assert response.status_code in {302, 400, 403, 415, 422}
    assert box(careful.get("/journal/2/")) in {"", "caf\u00e9"}


@pytest.mark.attack
def test_the_real_server_takes_the_longest_text_in_the_widest_letters(prepared: Callable[[int], Path]) -> None:
    longest = "\U0001f494" * 99_999 + "."
    with serving(prepared(9), "--workers", "1") as server:
        browser, _ = server.join("carol", OLD)
        body = f"base=0&text={quote_from_bytes(longest.encode())}".encode()
        assert browser.post("/journal/2/", body).status == 302
        assert in_box(browser.get("/journal/2/").text) == longest
        for base, broken in enumerate(BROKEN, 1):
            body = f"base={base}&text=before{quote_from_bytes(broken)}{base}".encode()
            assert browser.post("/journal/2/", body).status == 302
            assert in_box(browser.get("/journal/2/").text).startswith("before")
        assert (
            browser.post("/journal/2/", b"base=99&text=" + quote_from_bytes(longest.encode()).encode() + b"more").status
            == 422
        )
        assert "Traceback" not in server.log.read_text()


def in_box(page: str) -> str:
    return unescape(BOX.search(page)[1])
