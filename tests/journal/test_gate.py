import pytest
from django.test import Client

from journal.models import UnlockedSession
from tests.conftest import Person

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize(
    ("method", "path", "mode"),
    [
        ("post", "/journal/2/", "navigate"),
        ("post", "/sign-in/", "navigate"),
        ("post", "/leave/", "no-cors"),
        ("get", "/journal/", "no-cors"),
        ("get", "/journal/", "cors"),
        ("get", "/", "no-cors"),
    ],
)
def test_what_another_site_asks_for_is_refused(alice: Person, site: str, method: str, path: str, mode: str) -> None:
    headers = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode}
    response = getattr(alice.client, method)(path, {"text": "theirs", "base": 0}, headers=headers)
    assert response.status_code == 403
    assert "theirs" not in response.content.decode()
    assert UnlockedSession.objects.count() == 1


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate"},
        {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"},
    ],
    ids=str,
)
def test_somebody_who_follows_a_link_or_types_an_address_is_let_through(headers: dict[str, str]) -> None:
    assert Client().get("/guide/red-flags/", headers=headers).status_code == 200
