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
from django.urls import reverse
from django.utils.translation import override
from django.views import defaults

from guide import edition
from journal.models import Revision
from tests.conftest import Person
from tests.test_html import problems

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
