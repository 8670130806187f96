"""Fields, ids, addresses and names that no page of ours ever sent."""

import re
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID
from zoneinfo import available_timezones

import pytest
from django.test import Client
from django.urls import reverse

from journal import entries, session
from journal.models import User
from tests.conftest import PASSWORD, Person

pytestmark = pytest.mark.django_db
HERS, HIS = "Hersword", "Mallorysword"
PAGE = "0" * 31 + "7"
ACTION = re.compile(r'action="([^"]*)"')
BOX = re.compile(r'<textarea id="id_text"[^>]*>\n(.*?)</textarea>', re.DOTALL)
BASES = [
    "-1",
    "-0",
    "2",
    "2147483646",
    "2147483647",
    "9" * 23,
    "9" * 5000,
    "abc",
    "",
    "1e0",
    "0x1",
    "1.5",
    "NaN",
    "None",
]
BASES += ["true", "1 or 1=1", "1\0", "\u0661\u0662", "[1]", "1,000", "+" * 50]
ZONES = ["nonsense", "../../etc/passwd", "/etc/localtime", "America/New_York\n", "x" * 65, "\0", "localtime", "UTC\0"]
ENTRIES = ["", "nonsense", "-1", "1" * 31, "1" * 33, "g" * 32, "../" * 10, PAGE + "\0"]


def vault(person: Person) -> Any:
    return session.recall(person.client.get(reverse("account")).wsgi_request).vault


def newest(person: Person, entry: UUID | None = None) -> Any:
    """The newest version of a page, or of the answer to question 2."""
    opened = vault(person)
    return entries.read(opened, entry or entries.answer_id(opened, "time"))


@pytest.fixture
def hers(alice: Person) -> Person:
    assert alice.write(2, HERS, feeling="settled").status_code == 302
    return alice


@pytest.fixture
def his(mallory: Person) -> Person:
    fields = {"text": HIS, "title": HIS, "base": 0, "entry": PAGE}
    assert mallory.client.post(reverse("new-page"), fields).status_code == 302
    return mallory


@pytest.mark.parametrize("base", BASES)
def test_a_version_number_that_does_not_fit_saves_nothing_and_loses_no_text(hers: Person, base: str) -> None:
    response = hers.write(2, "mine", base=base)
    assert response.status_code in {409, 422}
    assert unescape(BOX.search(response.content.decode())[1]) == "mine"
    assert (newest(hers).number, newest(hers).text) == (1, HERS)


@pytest.mark.parametrize("feeling", ["nonsense", "SETTLED", "<b>", "settled\0", "0", "x" * 10_000])
def test_a_feeling_that_is_no_choice_saves_nothing_and_loses_no_text(hers: Person, feeling: str) -> None:
    response = hers.write(2, "mine", base=1, feeling=feeling)
    assert response.status_code == 422
    assert unescape(BOX.search(response.content.decode())[1]) == "mine"
    assert newest(hers).number == 1


@pytest.mark.parametrize(
    "zone",
    ["nonsense", "../../etc/passwd", "/etc/localtime", "America/New_York\n", "x" * 65, "\0", "localtime", "UTC\0"],
)
def test_a_zone_that_is_none_is_never_kept(hers: Person, zone: str) -> None:
    response = hers.write(2, "mine", base=1, zone=zone)
    assert response.status_code in {302, 422}
    assert newest(hers).head.zone in {"", *available_timezones()}
    assert hers.client.get("/journal/2/").status_code == 200


@pytest.mark.parametrize("entry", ENTRIES)
def test_an_id_of_a_page_that_is_none_saves_nothing(hers: Person, entry: str) -> None:
    response = hers.client.post(reverse("new-page"), {"text": "mine", "title": "", "base": 0, "entry": entry})
    assert response.status_code == 422
    assert unescape(BOX.search(response.content.decode())[1]) == "mine"
    assert len(entries.newest_beside(vault(hers), [])) == 1


def test_an_id_of_somebody_else_s_page_reaches_nothing_of_theirs(hers: Person, his: Person) -> None:
    fields = {"text": "mine", "title": "", "entry": PAGE}
    address = reverse("page-entry", args=[UUID(PAGE)])
    assert HIS not in hers.client.post(reverse("new-page"), {**fields, "base": 1}).content.decode()
    assert hers.client.post(address, {**fields, "base": 1}).status_code == 404
    assert hers.client.post(reverse("new-page"), {**fields, "base": 0}).status_code == 302
    assert (newest(hers, UUID(PAGE)).text, newest(his, UUID(PAGE)).text) == ("mine", HIS)
    assert hers.client.post(reverse("page-entry-delete", args=[UUID(PAGE)])).status_code == 302
    assert (newest(hers, UUID(PAGE)), newest(his, UUID(PAGE)).text) == (None, HIS)


def test_an_answer_s_own_id_can_not_be_taken_for_a_new_page(hers: Person) -> None:
    entry = newest(hers).entry
    response = hers.client.post(reverse("new-page"), {"text": "mine", "title": "", "base": 0, "entry": entry})
    assert response.status_code == 409
    assert (newest(hers).number, newest(hers).text) == (1, HERS)


EXTRA = {
    **dict.fromkeys(
        ("user", "user_id", "keyring", "keyring_id", "id", "pk", "number", "groups", "user_permissions"), "2"
    ),
    **dict.fromkeys(("is_staff", "is_superuser", "staff", "admin"), "on"),
    **{"is_active": "", "head": "x", "body": "x", "kind": "page", "password_slot": "x", "question": "other"},
    **{"written": "1999-01-01T00:00:00+00:00", "words": "9999"},
}


def test_fields_that_no_form_has_change_nothing(hers: Person, his: Person) -> None:
    assert hers.client.post("/journal/2/", {"text": "mine", "base": 1, **EXTRA}).status_code == 302
    assert hers.client.post("/journal/2/?base=0&text=no&keyring=2", {"text": "more", "base": 2}).status_code == 302
    found = newest(hers)
    assert (found.number, found.text, found.head.words, found.head.kind, found.head.question) == (
        3,
        "more",
        1,
        "answer",
        "time",
    )
    assert not found.head.written.startswith("1999")
    assert (newest(his, UUID(PAGE)).number, newest(his, UUID(PAGE)).text) == (1, HIS)


def test_nobody_makes_themselves_an_editor() -> None:
    client = Client()
    assert client.post(reverse("join"), {"username": "carol", "password": PASSWORD, **EXTRA}).status_code == 200
    carol = User.objects.get(username="carol")
    assert (carol.is_staff, carol.is_superuser, carol.is_active, carol.groups.count()) == (False, False, True, 0)
    assert client.get(reverse("admin:index")).status_code == 302


ELSEWHERE = [
    *("https://evil.example/", "https:evil.example", "https:/evil.example", "//evil.example", "///evil.example"),
    *("/\\evil.example", "\\\\evil.example", "/journal/@evil.example", "/journal/\\evil", "/journal//evil.example"),
    *("/journal/..//evil.example", "/journal/2/\r\nSet-Cookie: x=1", "/journal/2/%0d%0aSet-Cookie:%20x=1"),
    *("/journal/2/\n", "/\t/evil.example", " //evil.example", "/journal/2/\0", "javascript:alert(1)", "/manage/"),
    *("data:text/html,x", "/journal/../manage/", "/journal/%2e%2e/manage/", "/sign-out/", "/journal", "@evil.example"),
    *("evil.example", "/journal/2/?next=//evil", "http://testserver/journal/2/", "x" * 10_000),
]
LEADS_AWAY = ["/account/delete/", "/journal/2/delete/", "/lock/", "/recover/", "/journal/2/#x"]
DOORS = {"/sign-in/", "/unlock/", "/join/", "/lock/", "/recover/", "/sign-out/", "/leave/", "/search/"}


@pytest.mark.parametrize("there", ELSEWHERE)
def test_nobody_is_led_elsewhere_by_any_door(alice: Person, there: str) -> None:
    fields = {"username": "alice", "password": PASSWORD}
    answers = [
        Client().post(reverse("sign-in"), {**fields, "next": there}),
        Client().post(reverse("sign-in"), fields, query_params={"next": there}),
        alice.client.post(reverse("unlock"), {"password": PASSWORD, "next": there}),
        alice.client.get(reverse("join"), {"next": there}),
    ]
    for answer in answers:
        assert (answer.status_code, answer["Location"].removesuffix("#main")) == (302, reverse("journal"))
        assert "x" not in answer.cookies
    page = Client().get(reverse("sign-in"), {"next": there}).content.decode()
    assert re.search(r'name="next" value="([^"]*)"', page)[1] == reverse("journal")
    locked = alice.client.post(reverse("lock"), {"next": there})
    assert (urlsplit(locked["Location"]).path, parse_qs(urlsplit(locked["Location"]).query)) == (
        reverse("unlock"),
        {"next": [reverse("journal")]},
    )


@pytest.mark.parametrize(
    "there", [*ELSEWHERE, "/account/delete/", "/journal/2/delete/", "/lock/", "/recover/", "/journal/2/#x"]
)
def test_words_are_never_sent_on_to_anywhere_but_a_writing_page(alice: Person, there: str) -> None:
    kept = {"kept_path": there, "kept_text": "waiting words", "kept_base": "0"}
    answers = [
        Client().post(reverse("sign-in"), {"username": "alice", "password": "not the password", **kept}),
        Client().post(reverse("sign-in"), {"username": "alice", "password": PASSWORD, **kept}),
        Client().post(reverse("join"), {"username": "x y", "password": PASSWORD, **kept}),
        Client().post(reverse("recover"), {"arrive": "1", **kept}),
        alice.client.post(reverse("unlock"), {"password": "not the password", **kept}),
        alice.client.post(reverse("unlock"), {"password": PASSWORD, **kept}),
    ]
    for answer in answers:
        page = answer.content.decode()
        assert "waiting words" not in page
        assert {*ACTION.findall(page)} <= DOORS


HOSTS = ["evil.example", "testserver.evil.example", "testserver@evil.example", "evil.example:80"]


@pytest.mark.parametrize("host", HOSTS)
def test_another_host_is_refused(host: str) -> None:
    for path in ("/", "/sign-in/", "/journal/", "/robots.txt", "/sitemap.xml"):
        response = Client().get(path, headers={"host": host})
        assert (path, response.status_code) == (path, 400)
        assert "evil" not in response.content.decode() + str(response.headers)


def test_forwarded_headers_of_a_stranger_are_not_believed(alice: Person) -> None:
    forged = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "X-Forwarded-For": "10.1.2.3"}
    forged |= {"Forwarded": "host=evil.example;proto=https", "X-Original-URL": "/manage/", "X-Rewrite-URL": "/manage/"}
    for path in ("/", "/sign-in/", "/robots.txt", "/sitemap.xml"):
        plain, answer = Client().get(path), Client().get(path, headers=forged)
        assert answer.status_code == plain.status_code
        assert "evil" not in answer.content.decode() + str(answer.headers)
        assert not answer.wsgi_request.is_secure()
    tries = []
    for number in range(12):
        away = {**forged, "X-Forwarded-For": f"10.1.2.{number}"}
        fields = {"username": "alice", "password": "not the password"}
        tries.append(Client().post(reverse("sign-in"), fields, headers=away).status_code)
    assert tries[-1] == 429
