"""The page with every component: for staff, and for nobody else, whatever they have open."""

import re

import pytest
from django.test import Client
from pytest_django import Settings

from journal.models import Draft, Keyring, Revision, User
from tests.conftest import Person

pytestmark = pytest.mark.django_db


COMPONENTS = [
    "bar", "skip", "nav", "exit", "btn danger", "thread", "toc", "safe", "qs", "beads", "past", "state", "pick",
    "field bad", "err", "tell", "key", "card", "pn", "found", "cards", "notice", "foot wrap",
    "chart", "weeks", "days", "columns", "done-line", "again", "ticks",
]  # fmt: skip


@pytest.fixture
def desk(editor: User) -> Client:
    client = Client()
    client.force_login(editor)
    return client


@pytest.mark.parametrize("path", ["/styleguide/", "/styleguide/locked/", "/styleguide/nothing/"])
def test_nobody_learns_that_it_is_there_who_is_not_staff(alice: Person, path: str) -> None:
    nowhere = Client().get("/styleguide/no/such/page/")
    for client in (Client(), alice.client):
        response = client.get(path)
        assert (response.status_code, "Page not found" in response.content.decode()) == (404, True)
        assert response["Cache-Control"] == nowhere["Cache-Control"] == "no-store"


def test_it_is_there_on_a_machine_of_a_developer(settings: Settings) -> None:
    settings.DEBUG = True
    assert Client().get("/styleguide/").status_code == 200


def test_it_has_every_component_once_with_ids_of_its_own(desk: Client) -> None:
    page = desk.get("/styleguide/").content.decode()
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert sorted(ids) == sorted(set(ids))
    for name in COMPONENTS:
        assert re.search(rf'class="{name}[" ]', page), name
    assert len(re.findall(r'<div class="band">', page)) == 7
    assert {*re.findall(r'data-state="(\w+)"', page)} == {"hover", "focus", "active"}


def test_each_whole_page_is_linked_and_opens_without_reading_or_writing_anything(desk: Client) -> None:
    linked = re.findall(r'href="/styleguide/([\w-]+)/"', desk.get("/styleguide/").content.decode())
    known = {"locked", "key", "home-empty", "write-clash", "write-long", "write-record", "confirm", "404", "429"}
    known |= {"timeline", "month", "search-found", "compare", "letter-waits", "limits-page", "export", "import"}
    assert known < set(linked)
    for name in linked:
        response = desk.get(f"/styleguide/{name}/")
        assert (response.status_code, response["Cache-Control"]) == (200, "no-store"), name
        assert response.content.decode().count("<h1") == 1, name
    assert [model.objects.count() for model in (Revision, Draft, Keyring)] == [0, 0, 0]
