"""What can't be read is said so, and what can be read comes back."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.db import OperationalError, connection
from django.template.loader import render_to_string
from django.test import Client
from django.urls import resolve, reverse
from django.utils.translation import override
from django.views import defaults

from guide import edition
from journal.models import Revision
from tests.conftest import PASSWORD, Person
from tests.test_html import problems
from tests.test_site import private_pages

pytestmark = pytest.mark.django_db
TOO_MUCH = "words " * 1_500_000  # 9 MB, and more when a browser sends it
FORM = "application/x-www-form-urlencoded"


def page(response: object) -> tuple[int, str]:
    text = response.content.decode()
    return response.status_code, text[text.index("<h1>") + 4 : text.index("</h1>")]


@pytest.mark.parametrize("content_type", [FORM, "multipart/form-data; boundary=x"], ids=["urlencoded", "multipart"])
@pytest.mark.parametrize("path", ["/journal/2/", "/journal/pages/new/", "/sign-in/", "/search/"])
@pytest.mark.parametrize("checked", [False, True], ids=["", "with CSRF checks"])
def test_a_request_too_large_to_read_is_answered_with_the_limits(
    alice: Person, path: str, content_type: str, checked: bool
) -> None:
    body = f"text={TOO_MUCH}"
    if content_type != FORM:
        body = f'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n{TOO_MUCH}\r\n--x--\r\n'
    signed_in = Client(enforce_csrf_checks=checked)
    signed_in.cookies = alice.client.cookies
    for client in (signed_in, Client(enforce_csrf_checks=checked)):
        response = client.post(path, body, content_type=content_type)
        assert page(response) == (413, "That was more than we can read")
        assert "over 8 MB" in response.content.decode()
        assert "up to 100,000 characters" in response.content.decode()
        assert "words words" not in response.content.decode()
        assert response["Cache-Control"] == "no-store"
    assert not Revision.objects.exists()


def test_a_text_of_seven_megabytes_comes_back_in_its_box(alice: Person) -> None:
    text = "words " * 1_200_000
    response = alice.client.post(reverse("answer", args=[3]), f"base=0&text={text}", content_type=FORM)
    assert response.status_code == 422
    assert f">\n{text}</textarea>" in response.content.decode()
    assert not Revision.objects.exists()


def test_too_many_fields_are_refused_as_before(alice: Person) -> None:
    many = "&".join(f"f{number}=x" for number in range(2001))
    response = alice.client.post(reverse("answer", args=[3]), f"text=words&{many}", content_type=FORM)
    assert page(response) == (400, "That page couldn’t be read")


def test_a_host_that_is_not_ours_is_refused_with_the_same_page() -> None:
    assert page(Client().get("/journal/", headers={"Host": "evil.example"})) == (400, "That page couldn’t be read")


# --- a form that was open for a long time -------------------------------------------------------------------

DOORS = ("join", "sign-in", "recover", "join-key", "unlock")


def strict(person: Person) -> Client:
    """The browser of a person, in which no form has a token that still holds."""
    browser = Client(enforce_csrf_checks=True)
    browser.cookies = person.client.cookies
    return browser


def stored() -> dict[str, list[Any]]:
    with connection.cursor() as cursor:
        return {
            table: cursor.execute(f'SELECT * FROM "{table}"').fetchall()
            for table in connection.introspection.table_names()
        }


def test_no_form_with_a_stale_token_does_anything_whatever_it_says(alice: Person) -> None:
    """Every field that any form has, each with what would be right: all that is missing is the token."""
    everything = {
        "username": "somebody", "password": PASSWORD, "new_password": "four slow boats at night", "lock_out": "on",
        "recovery_key": alice.recovery_key, "passphrase": "four slow boats at night", "shape": "readable",
        "minutes": "5", "q": "words", "wait": "72", "code": "123456", "seed": "00" * 20, "skip": "1",
        "group_2": alice.recovery_key[6:11], "group_5": alice.recovery_key[24:29], "base": "1", "pause": "1",
    }  # fmt: skip
    paths = [*private_pages(alice), *(reverse(name) for name in DOORS)]
    before = stored()
    for path in paths:
        for more in ({}, {"text": "x"}, {"add": "1"}, {"drop": "1"}):
            response = strict(alice).post(path, {**everything, **more})
            assert response.status_code in {302, 403}, path
            assert not response.get("Content-Disposition"), path
            assert stored() == before, path
    alice.client.post(reverse("delete-account"), everything)
    assert stored() != before  # with a token it would have done it


@pytest.mark.parametrize(
    ("name", "sent", "back"),
    [
        ("account", {"minutes": "5"}, '<option value="5" selected>'),
        ("password", {"password": PASSWORD, "new_password": "four slow boats at night"}, 'id="id_lock_out">'),
        ("try-key", {"recovery_key": "ABCDE FGHJK"}, 'value="ABCDE FGHJK"'),
        ("code", {"code": "123456", "seed": "ab" * 20, "password": PASSWORD}, f'value="{"ab" * 20}"'),
        ("export", {"shape": "readable", "password": PASSWORD}, 'value="readable" checked'),
        ("search-journal", {"q": "herons & boats"}, 'value="herons &amp; boats"'),
        ("sessions", {"x": "1"}, "<h1>Where you are signed in</h1>"),
        ("answer-delete", {"x": "1"}, "Delete this version</button>"),
    ],
)
def test_a_form_with_a_stale_token_comes_back_with_what_was_typed_and_then_works(
    alice: Person, name: str, sent: dict[str, str], back: str
) -> None:
    alice.write(2, "words")
    path = reverse(name, args=[2] if name == "answer-delete" else [])
    browser = strict(alice)
    response = browser.post(path, sent)
    text = response.content.decode()
    assert response.status_code == 403
    assert text.count("That form was open for a long time, so it was not sent.") == 1
    assert back in text
    assert not any(typed in text for key, typed in sent.items() if "password" in key)
    token = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', text)[-1]
    assert browser.post(path, {**sent, "csrfmiddlewaretoken": token}).status_code in {200, 302, 422}


def test_a_door_with_a_stale_token_comes_back_with_the_name(alice: Person) -> None:
    for name in ("join", "sign-in", "recover"):
        response = Client(enforce_csrf_checks=True).post(
            reverse(name), {"username": "newcomer", "password": PASSWORD, "kept_path": "/journal/3/", "kept_text": "W"}
        )
        text = response.content.decode()
        assert (response.status_code, resolve(response.request["PATH_INFO"]).url_name) == (403, name)
        assert 'value="newcomer"' in text
        assert 'name="kept_text" hidden>\nW</textarea>' in text
        assert PASSWORD not in text


def test_a_new_recovery_key_is_shown_again_where_the_form_under_it_was_stale(alice: Person) -> None:
    response = strict(alice).post(reverse("join-key"), {"recovery_key": alice.recovery_key, "group_2": "x"})
    assert page(response) == (403, "Your recovery key")
    assert alice.recovery_key[:18] in response.content.decode()


def test_locking_and_signing_out_need_no_token(alice: Person) -> None:
    assert strict(alice).post(reverse("lock"))["Location"].startswith("/unlock/")
    assert strict(alice).get(reverse("journal"))["Location"].startswith("/unlock/")
    assert strict(alice).post(reverse("sign-out"))["Location"] == "/"
    assert strict(alice).get(reverse("journal"))["Location"].startswith("/sign-in/")


# --- when nothing behind the site works ---------------------------------------------------------------------

PATHS = ["/", "/help/", "/es/", "/search/", "/nowhere/", "/join/", "/journal/", "/es/journal/2/", "/manage/"]
EMERGENCY = ["911", "999", "000", "111"]


def fails(*args: object, **kwargs: object) -> Any:
    raise OperationalError("it is gone")


@pytest.fixture
def broken(alice: Person) -> Iterator[Client]:
    """Alice's browser, where the database answers nothing and no edition was ever made."""
    browser = Client(raise_request_exception=False)
    browser.cookies = alice.client.cookies
    edition.forget()
    with connection.execute_wrapper(fails):
        yield browser
    edition.forget()


def offers(response: Any) -> list[bool]:
    """Whether a page has what somebody may need now: its style, the way out, people to talk to, whom to call."""
    text = response.content.decode()
    ways = ["/static/css/site.", 'id="exit" href="/leave/"', 'help/"', *(f'href="tel:{to}"' for to in EMERGENCY)]
    return [way in text for way in ways]


@pytest.mark.parametrize("path", PATHS)
def test_without_database_and_edition_a_page_says_what_is_safe_and_offers_help(broken: Client, path: str) -> None:
    response = broken.get(path)
    heading = "Algo falló de nuestro lado" if path.startswith("/es/") else "Something on our side broke"
    assert page(response) == (503, heading)
    assert offers(response) == [True] * 7
    assert (response["Cache-Control"], response["Retry-After"]) == ("no-store", "5")
    assert response.cookies == {}


@pytest.mark.parametrize("missing", ["templates", "list of files"])
def test_where_not_even_a_page_can_be_made_a_plain_file_says_the_same_in_both_languages(
    broken: Client, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    where = defaults.loader if missing == "templates" else staticfiles_storage
    monkeypatch.setattr(where, "get_template" if missing == "templates" else "url", fails)
    response = broken.get("/journal/2/")
    assert page(response) == (500, "Something on our side broke")
    assert "Algo falló de nuestro lado" in response.content.decode()
    assert offers(response) == [True] * 7
    assert problems(response.content) == []


def test_the_plain_file_says_what_the_page_says() -> None:
    """But for the two languages on it, and the words at its foot."""
    plain = " ".join((settings.BASE_DIR / "static" / "broken.html").read_text().split())
    for code in ("en", "es"):
        with override(code):
            body = " ".join(render_to_string("500.html").split())
        said = re.findall(r"(?<=>)[^<>]*[^<>\s][^<>]*(?=<)", body[body.index("<h1>") : body.index("</main>")])
        assert [words for words in said if words not in plain] == []


def test_the_quick_exit_leads_away_and_takes_the_browsers_half_of_the_key_though_the_database_is_gone(
    broken: Client,
) -> None:
    response = broken.get(reverse("leave"))
    assert (response.status_code, response["Location"]) == (303, settings.EXIT_URL)
    assert broken.cookies[settings.JOURNAL_KEY_COOKIE_NAME].value == ""
    assert broken.post(reverse("leave")).status_code == 204
