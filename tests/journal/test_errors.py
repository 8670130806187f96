"""What can't be read is said so, and what can be read comes back."""

import pytest
from django.test import Client
from django.urls import reverse

from journal.models import Revision
from tests.conftest import Person

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
