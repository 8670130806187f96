"""Somebody who came in Spanish stays in Spanish, whatever happens on the way."""

import re
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from guide import edition
from guide.models import Question
from journal import devices, entries, notices, urls
from journal.models import User
from tests.conftest import PASSWORD, Person
from tests.test_site import Outline, private_pages

pytestmark = pytest.mark.django_db
WORDS = "Los domingos por la noche."
SHARED = {"/leave/", "/static/"}


@pytest.fixture(autouse=True)
def _spanish_addresses() -> Iterator[None]:
    """`reverse` in these tests gives the addresses below /es/."""
    with override("es"):
        yield


def body(response: object) -> str:
    return response.content.decode()


def shown_key(response: object) -> str:
    return re.search(r"(?:[0-9A-Z]{5}-){5}[0-9A-Z]{5}", body(response))[0]


def carried(response: object) -> dict[str, str]:
    """The words that a page carries in hidden fields."""
    page = body(response)
    fields = dict(re.findall(r'<textarea name="(kept_\w+)" hidden>\n(.*?)</textarea>', page, re.DOTALL))
    return fields | dict(re.findall(r'<input type="hidden" name="(next)" value="([^"]*)"', page))


def test_joining_writing_locking_and_coming_back_with_words_kept_all_happen_in_spanish(client: Client) -> None:
    door = client.get("/es/journal/2/")
    assert door["Location"] == "/es/join/?next=%2Fes%2Fjournal%2F2%2F"
    joined = client.post("/es/join/", {"username": "rio-de-plata-42", "password": PASSWORD, "next": "/es/journal/2/"})
    assert joined["Refresh"].endswith("; url=/es/unlock/?next=%2Fes%2Fjournal%2F")
    assert 'action="/es/join/key/"' in body(joined)
    key = shown_key(joined)
    groups = key.split("-")
    data = {"recovery_key": key, "group_2": groups[1], "group_5": groups[4], "next": "/es/journal/2/"}
    assert client.post("/es/join/key/", data)["Location"] == "/es/journal/2/"
    assert client.post("/es/journal/2/", {"text": WORDS, "base": 0})["Location"] == "/es/journal/?done=saved"
    locked = client.post("/es/lock/", {"next": "/es/journal/2/"})
    assert locked["Location"] == "/es/unlock/?next=%2Fes%2Fjournal%2F2%2F"
    kept = client.post("/es/journal/2/", {"text": f"{WORDS} Y más.", "base": 1})
    assert (kept.status_code, "Tus palabras están a salvo en esta página." in body(kept)) == (403, True)
    assert carried(kept)["kept_path"] == "/es/journal/2/"
    opened = client.post("/es/unlock/", {"password": PASSWORD, **carried(kept)})
    assert '<form method="post" action="/es/journal/2/"' in body(opened)
    assert f"{WORDS} Y más." in body(opened)
    saved = client.post("/es/journal/2/", {"text": f"{WORDS} Y más.", "base": 1})
    assert saved["Location"] == "/es/journal/?done=saved"
    assert User.objects.get().username == "rio-de-plata-42"


def test_a_page_that_is_only_read_gives_way_to_the_spanish_lock_screen(alice: Person) -> None:
    for path in ("/es/journal/", "/es/account/", "/es/journal/2/history/"):
        expected = f"; url=/es/unlock/?{urlencode({'next': path})}"
        assert alice.client.get(path)["Refresh"].endswith(expected)
    assert not alice.client.get("/es/journal/2/").has_header("Refresh")
    assert 'data-unlock="/es/unlock/"' in body(alice.client.get("/es/journal/2/"))


@pytest.mark.parametrize("path", ["/es/journal/2/", "/es/account/sessions/", "/es/journal/pages/new/"])
def test_a_door_leads_on_to_where_somebody_was_going(alice: Person, path: str) -> None:
    client = Client()
    door = client.get(path)
    known = {"username": "alice", "password": PASSWORD}
    assert door["Location"].startswith(("/es/sign-in/?next=", "/es/join/?next="))
    assert client.post("/es/sign-in/", {**known, "next": path})["Location"] == path


@pytest.mark.parametrize(
    "asked", ["", "/journal/2/", "/es/", "/es/journal/../../", "//example.org/es/journal/", "/account/"]
)
def test_a_door_leads_nowhere_but_into_the_journal_in_its_own_language(alice: Person, asked: str) -> None:
    response = Client().post("/es/sign-in/", {"username": "alice", "password": PASSWORD, "next": asked})
    assert response["Location"] == "/es/journal/"


@pytest.mark.parametrize("asked", ["/es/journal/2/", "/es/account/"])
def test_an_english_door_does_not_lead_into_spanish(alice: Person, asked: str) -> None:
    response = Client().post("/sign-in/", {"username": "alice", "password": PASSWORD, "next": asked})
    assert response["Location"] == "/journal/"


def test_every_link_and_form_of_a_private_page_stays_in_spanish(alice: Person) -> None:
    paths = private_pages(alice)
    assert all(path.startswith("/es/") for path in paths)
    for path in paths:
        response = alice.client.get(path)
        if response.status_code != 200:
            continue
        page = body(response)
        assert '<html lang="es"' in page, path
        inside = [link for link in Outline(page).links if link.startswith("/")]
        inside += re.findall(r'\s(?:action|formaction|data-\w+)="(/[^"]*)"', page)
        english = [link for link in inside if not link.startswith(("/es/", *SHARED))]
        assert english == ([path.removeprefix("/es")] if 'class="languages"' in page else []), path


def test_every_redirect_of_a_private_page_or_door_stays_in_spanish(alice: Person) -> None:
    known = {"number": 2, "revision": 1, "week": "2026-W01", "year": 2026, "month": 3}
    for pattern in urls.urlpatterns:
        name = pattern.name or ""
        entry = entries.answer_id(alice.vault, "time")
        path = reverse(name, kwargs={key: {**known, "entry": entry}[key] for key in pattern.pattern.converters})
        for client in (Client(), alice.client):
            for method in ("get", "post"):
                response = getattr(client, method)(path)
                if response.has_header("Location"):
                    assert response["Location"].startswith("/es/"), (name, method)
        alice.sign_in()


def test_what_is_not_allowed_is_said_in_spanish(alice: Person) -> None:
    client = Client(enforce_csrf_checks=True)
    alice.sign_in()
    pages = {
        "Página no encontrada": alice.client.get("/es/nada/"),
        "Esa página no se abre de esta manera": alice.client.get("/es/lock/"),
        "Ese formulario estuvo abierto mucho tiempo": client.post("/es/journal/2/draft/"),
        "No puedes abrir esta página": client.post("/es/sign-in/", headers={"Sec-Fetch-Site": "cross-site"}),
        "Eso fue más de lo que podemos leer": alice.client.post("/es/journal/2/", {"text": "a" * (8 * 2**20 + 1)}),
    }
    for heading, response in pages.items():
        page = body(response)
        assert (f"<h1>{heading}</h1>" in page, '<html lang="es"' in page) == (True, True), heading
    for _ in range(10):
        Client().post("/es/sign-in/", {"username": "nadie", "password": "x"})
    refused = Client().post("/es/sign-in/", {"username": "nadie", "password": "x"})
    assert (refused.status_code, "<h1>Demasiados intentos</h1>" in body(refused)) == (429, True)
    assert re.search(r"Espera \d+ minutos? y vuelve a intentarlo\.", body(refused))


def test_a_question_without_a_translation_is_marked_as_english_on_every_page_of_its_answer(alice: Person) -> None:
    Question.objects.get(number=2, language="es").unpublish()
    edition.forget()
    asked = Question.objects.originals().get(number=2).prompt
    alice.write(2, "palabras")
    for path in ("", "2/", "2/history/", "2/history/1/", "2/history/1/delete/", "2/compare/"):
        page = body(alice.client.get(f"/es/journal/{path}"))
        assert f'lang="en">{asked}<' in page, path
        assert page.count(asked) == page.count(f'lang="en">{asked}<'), path
    assert '<label for="id_text" lang="es">' in body(alice.client.get("/es/journal/3/"))


def test_a_stale_token_gives_words_back_in_spanish(alice: Person) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies = alice.client.cookies
    response = client.post("/es/journal/2/", {"text": WORDS, "base": 0})
    assert (response.status_code, "Tus palabras están aquí" in body(response), WORDS in body(response)) == (
        403,
        True,
        True,
    )


def test_forms_say_their_problems_in_spanish_ours_and_djangos(alice: Person) -> None:
    page = body(Client().post("/es/join/", {"username": "dos palabras", "password": "corta"}))
    assert "Usa letras y números, con - o . entre ellos y sin espacios." in page
    assert "La contraseña necesita al menos 12 caracteres." in page
    long = body(alice.client.post("/es/journal/2/", {"text": "a" * (entries.LIMIT + 1), "base": 0}))
    assert "Se pasa por 1 del límite de 100\xa0000 caracteres." in long
    missing = body(alice.client.post("/es/account/code/", {"password": PASSWORD, "code": "1" * 41}))
    assert "Asegúrese de que este valor tenga menos de 40 caracteres (tiene 41)." in missing  # Django's own
    assert "<title>Either Way</title>" in page


def test_days_and_hours_are_written_as_in_spanish(alice: Person) -> None:
    with time_machine.travel("2026-03-03T22:42:00Z"):
        alice.sign_in()
        alice.write(2, WORDS)
        assert "3 de marzo, 22:42" in body(alice.client.get("/es/journal/2/history/"))
    with time_machine.travel("2027-03-04T09:05:00Z"):
        alice.sign_in()
        assert "3 de marzo de 2026, 22:42" in body(alice.client.get("/es/journal/2/history/"))
        assert "March 3, 2026, 10:42\u00a0PM" in body(alice.client.get("/journal/2/history/"))
        assert "4 de marzo, después de las 09:00" in body(alice.client.get("/es/account/sessions/"))
        assert "March 4, after 9\u00a0AM" in body(alice.client.get("/account/sessions/"))


def test_a_device_is_kept_in_one_language_and_told_in_that_of_the_page(alice: Person) -> None:
    client = Client(headers={"User-Agent": "Mozilla/5.0 (Macintosh) Firefox/130.0"})
    alice.sign_in(client)
    assert "Firefox en una Mac, aquí" in body(client.get("/es/account/sessions/"))
    assert "Firefox on a Mac, here" in body(client.get("/account/sessions/"))
    assert devices.told("what a stranger sealed") == "what a stranger sealed"
    assert str(notices.SAID["in"]) == "Se entró"


def test_the_title_of_a_private_page_says_nothing_in_spanish_either(alice: Person) -> None:
    for path in private_pages(alice):
        response = alice.client.get(path)
        if response.status_code == 200:
            assert "<title>Either Way</title>" in body(response), path


def test_cookies_hold_for_every_language(alice: Person) -> None:
    client = Client()
    response = client.post("/es/sign-in/", {"username": "alice", "password": PASSWORD})
    paths = {name: cookie["path"] for name, cookie in response.cookies.items()}
    names = (settings.SESSION_COOKIE_NAME, settings.JOURNAL_KEY_COOKIE_NAME, settings.JOURNAL_DEVICE_COOKIE_NAME)
    assert {paths[name] for name in names} == {"/"}
    assert client.get("/journal/").status_code == 200
