"""The quiet page, and the way to it from a box and back without losing a word."""

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from journal import entries
from journal.models import Draft, Revision
from tests.conftest import Person
from tests.journal.test_writing import box

pytestmark = pytest.mark.django_db
NEW = {"entry": "5" * 32, "title": "", "base": 0}
HELP = '<a href="/help/">Get help</a>'


def back(client: Client, address: str) -> tuple[str, str]:
    """Where the quiet page leads back to, and in which words."""
    page = client.get(address).content.decode()
    assert HELP in page
    return re.search(r'<a class="btn" href="([^"]*)">(.*?)</a>', page).groups()


def test_it_is_the_same_for_everybody_and_shows_nothing_of_a_journal(alice: Person) -> None:
    alice.write(2, "words of alice")
    locked = Client()
    alice.sign_in(locked)
    locked.post(reverse("lock"))
    pages = {client.get(reverse("pause")).content for client in (alice.client, locked, Client())}
    assert len(pages) == 1
    assert b"alice" not in pages.pop()


def test_without_a_way_back_it_leads_to_the_journal() -> None:
    assert back(Client(), reverse("pause")) == ("/journal/", "Go to your journal")


@pytest.mark.parametrize("there", ["//evil.example/", "https://evil.example/", "/check/", "/journal/nowhere/x/", "x"])
def test_it_leads_back_to_nothing_but_the_journal(there: str) -> None:
    assert back(Client(), f"{reverse('pause')}?next={there}") == ("/journal/", "Go to your journal")


def test_pausing_keeps_the_words_as_a_draft_and_leads_back_to_them(alice: Person) -> None:
    alice.write(2, "saved")
    response = alice.write(2, "saved, and more", base=1, pause="1")
    assert (response.status_code, response["Location"]) == (302, "/journal/pause/?next=%2Fjournal%2F2%2F")
    assert back(alice.client, response["Location"]) == ("/journal/2/", "Back to what you were writing")
    assert box(alice.client.get("/journal/2/")) == "saved, and more"
    assert entries.read(alice.vault, entries.answer_id(alice.vault, "time")).text == "saved"


@pytest.mark.parametrize(
    ("text", "more"), [("x" * 100_001, {}), ("a\0b", {}), ("words", {"base": "x"}), ("words", {"feeling": "furious"})]
)
def test_pausing_over_what_can_not_be_saved_keeps_it_too(alice: Person, text: str, more: dict[str, str]) -> None:
    response = alice.write(2, text, pause="1", **more)
    assert response["Location"] == "/journal/pause/?next=%2Fjournal%2F2%2F"
    assert entries.draft(alice.vault, entries.answer_id(alice.vault, "time")).text == text
    assert not Revision.objects.exists()


@pytest.mark.parametrize(
    ("text", "there", "drafts"),
    [("words", "/journal/pages/55555555-5555-5555-5555-555555555555/", 1), (" ", "/journal/pages/new/", 0)],
)
def test_pausing_on_a_new_page_leads_back_to_it_or_to_an_empty_one(
    alice: Person, text: str, there: str, drafts: int
) -> None:
    response = alice.client.post(reverse("new-page"), {**NEW, "text": text, "pause": "1"})
    assert back(alice.client, response["Location"])[0] == there
    assert alice.client.get(there).status_code == 200
    assert Draft.objects.count() == drafts


def test_ticks_are_kept_over_a_pause(alice: Person) -> None:
    data: dict[str, Any] = {"signs": ["triggers"], "text": "", "base": 0, "pause": "1"}
    there = back(alice.client, alice.client.post("/journal/check-in/2026-W13/", data)["Location"])[0]
    page = unescape(alice.client.get(there).content.decode())
    assert re.findall(r'value="([\w-]+)"[^>]* checked', page) == ["triggers"]


def test_pausing_while_locked_keeps_the_words_at_the_door(alice: Person) -> None:
    alice.client.post(reverse("lock"))
    response = alice.write(2, "words", pause="1")
    assert (response.status_code, "words" in response.content.decode()) == (403, True)
