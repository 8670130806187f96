"""A charset in a header changes nothing: forms are UTF-8, and the request reaches our pages."""

import io
import logging
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.signals import request_started
from django.db import close_old_connections
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from config.wsgi import application, without_charset
from journal import entries, turns
from tests.conftest import Person

WORDS = "Liebe “Anna”, größer als 💔\n& so weiter"
FORM = "application/x-www-form-urlencoded"
TOKEN = "t" * 32
CHARSETS = [
    "utf-8", "latin-1", "utf-7", "utf-16", "ascii", "hex", "rot13", "base64", "zip", "idna", "unicode_escape",
    "undefined", "nonsense", "", '"', '"latin-1"', "a\0b", "ü", "x" * 20_000,
]  # fmt: skip


class Served(Client):
    """A browser that comes through the application that servers run, not through the test client's own."""

    def request(self, **request: Any) -> Any:
        environ = self._base_environ(**request)
        started: list[str] = []
        body = b"".join(application(environ, lambda status, headers, exc_info=None: started.append(status)))
        return started[0], body.decode()


@pytest.fixture
def served(alice: Person) -> Iterator[Client]:
    client = Served()
    client.cookies = alice.client.cookies
    client.cookies["csrf"] = TOKEN
    request_started.disconnect(close_old_connections)  # it would close the transaction that the test is in
    yield client
    request_started.connect(close_old_connections)


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    lines = io.StringIO()
    monkeypatch.setattr(logging.getLogger("django").handlers[0], "stream", lines)
    return lines


@pytest.mark.django_db
@pytest.mark.parametrize("charset", [f"charset={name}" for name in CHARSETS] + ["charset*=nonsense''%FF", "x*=hex''%"])
@pytest.mark.parametrize("kind", [FORM, MULTIPART_CONTENT], ids=["urlencoded", "multipart"])
def test_words_are_saved_as_they_were_typed_whatever_charset_the_header_names(
    alice: Person, served: Client, log: io.StringIO, kind: str, charset: str
) -> None:
    data = {"text": WORDS, "base": "0", "zone": "UTC", "csrfmiddlewaretoken": TOKEN}
    body = urlencode(data).encode() if kind == FORM else encode_multipart(BOUNDARY, data)
    status, _ = served.generic("POST", "/journal/2/", body, content_type=f"{kind}; {charset}")
    assert status == "302 Found"
    assert entries.read(alice.vault, entries.answer_id(alice.vault, "time")).text == WORDS
    status, page = served.get("/journal/2/?from=%C3%BC", CONTENT_TYPE=f"text/plain; {charset}")
    assert (status, "größer als 💔" in page) == ("200 OK", True)
    assert log.getvalue() == ""


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("", ""),
        ("application/json", "application/json"),
        (FORM, FORM),
        (f"{FORM};charset=hex", FORM),
        ("multipart/form-data; boundary=a-b", "multipart/form-data; boundary=a-b"),
        ("multipart/form-data ;charset=utf-7;Boundary=a-b ; charset=hex", "multipart/form-data; Boundary=a-b"),
        ('multipart/form-data; boundary="a; b"; charset=x', 'multipart/form-data; boundary="a; b"'),
        ("multipart/form-data; boundary*=nonsense''%41", "multipart/form-data"),
        ("multipart/form-data; boundary=", "multipart/form-data"),
    ],
)
def test_of_a_content_type_the_kind_and_the_boundary_are_kept(sent: str, read: str) -> None:
    assert without_charset(sent) == read


@pytest.mark.django_db
def test_readers_of_the_guide_wait_for_nobody_and_everybody_else_for_a_turn(
    served: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "PATIENCE_SECONDS", 1)

    def seconds(path: str) -> float:
        began = time.monotonic()
        assert served.get(path, headers={"host": "testserver"})[0] == "200 OK"
        return time.monotonic() - began

    seconds("/")  # renders the guide
    with ExitStack() as held:
        for _ in range(turns.AT_ONCE):
            turns._turns.acquire()
            held.callback(turns._turns.release)
        assert seconds("/check/") < 1 <= seconds("/journal/")
