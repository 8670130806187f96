"""What was done is said on the next page, by a fixed word in its address."""

import re
from typing import Any

import pytest
from django.urls import reverse
from pytest_django import Settings

from journal import entries
from journal.templatetags import lines
from tests.conftest import Person

pytestmark = pytest.mark.django_db


def said(response: Any) -> str:
    """What stands in the line that says what was done."""
    line = re.search(r'<p class="done-line" role="status">(.*?)</p>', response.content.decode())
    return re.sub(r"<.*?>", "", line[1]).strip() if line else ""


def after(person: Person, name: str, data: dict[str, Any], *args: Any) -> str:
    return said(person.client.post(reverse(name, args=args), data, follow=True))


def test_a_save_is_said_with_its_time(alice: Person) -> None:
    line = after(alice, "answer", {"text": "a secret sentence", "base": 0, "zone": "America/New_York"}, 2)
    assert re.fullmatch(r"Saved on [A-Z][a-z]+ \d+, \d+:\d\d\s[AP]M\.", line)
    assert after(alice, "answer", {"text": "more", "base": 1, "next": "1"}, 2) == "Saved."


@pytest.mark.parametrize(
    ("zone", "told"),
    [
        ("UTC", "10:42\u00a0PM\u00a0UTC"),
        ("", "10:42\u00a0PM\u00a0UTC"),
        ("Europe/London", "10:42\u00a0PM"),
        ("Africa/Dakar", "10:42\u00a0PM"),
    ],
)
def test_a_time_that_no_browser_placed_says_that_it_is_utc(zone: str, told: str) -> None:
    head = entries.Head(kind="page", written="2020-03-03T22:42:00+00:00", zone=zone)
    assert lines.moment(head.written_at) == f"March 3, 2020, {told}"


def test_without_a_script_a_time_by_the_sites_clock_says_how_far_from_utc_that_is(
    alice: Person, settings: Settings
) -> None:
    settings.TIME_ZONE = "Asia/Kolkata"
    alice.write(2, "words")
    head = entries.read(alice.vault, entries.answer_id(alice.vault, "time")).head
    assert head.zone == ""
    assert lines.moment(head.written_at).endswith("M\u00a0UTC+05:30")
    alice.write(3, "words", zone="Asia/Kolkata")
    head = entries.read(alice.vault, entries.answer_id(alice.vault, "feedback")).head
    assert lines.moment(head.written_at).endswith("M")


def test_nothing_is_said_where_nothing_was_done(alice: Person) -> None:
    assert after(alice, "answer", {"text": " ", "base": 0}, 2) == ""
    alice.write(2, "words")
    assert after(alice, "answer", {"text": "words", "base": 1}, 2) == ""
    for address in ("/journal/", "/journal/?done=", "/journal/?done=secret", "/journal/2/", "/account/?done=<b>"):
        assert said(alice.client.get(address)) == "", address


def test_other_deeds_are_said_too(alice: Person) -> None:
    alice.write(2, "first")
    alice.write(2, "second", base=1)
    entries.keep_draft(alice.vault, entries.answer_id(alice.vault, "time"), 2, entries.Head(kind="answer"), "draft")
    assert after(alice, "answer-draft-delete", {}, 2) == "Thrown away."
    assert after(alice, "answer-version-delete", {}, 2, 1) == "Deleted."
    assert after(alice, "answer-delete", {}, 2) == "Deleted."
    assert after(alice, "account", {"minutes": "5"}) == "This time holds from now on."
    assert after(alice, "account", {"minutes": "7"}) == ""
    assert after(alice, "sessions", {}) == "Everywhere else is signed out."


def test_what_was_done_is_in_no_cookie_and_changes_no_session(alice: Person) -> None:
    before = alice.client.session.items()
    response = alice.client.post(reverse("answer", args=[2]), {"text": "words", "base": 0})
    assert (response["Location"], list(response.cookies)) == ("/journal/?done=saved", [])
    alice.client.get(response["Location"])
    assert alice.client.session.items() == before
