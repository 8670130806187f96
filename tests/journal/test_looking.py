"""Looking back: everything by month, the calendar, and what both keep to themselves."""

import json
import re
from html import unescape
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from journal import entries
from journal.entries import Head
from journal.models import Revision, random_id
from tests.conftest import Person

pytestmark = pytest.mark.django_db


def page(person: Person, name: str, *args: Any, query: str = "") -> str:
    response = person.client.get(reverse(name, args=args) + query)
    assert response.status_code == 200
    return unescape(response.content.decode())


def keep(person: Person, title: str, written: str, zone: str = "America/New_York", **fields: Any) -> Any:
    entry = random_id()
    head = Head(fields.pop("kind", "page"), title=title, written=written, zone=zone, **fields)
    entries.write(person.vault, entry, 0, head, f"the text of {title}")
    return entry


def listed(html: str) -> list[tuple[str, list[str]]]:
    """Each heading of a list, with the titles below it."""
    found = re.findall(r"<section><h2[^>]*>([^<]+)</h2>(.*?)</section>", html, re.DOTALL)
    return [(heading, re.findall(r"<b[^>]*>([^<]+)</b>", rows)) for heading, rows in found]


def underlined(html: str) -> list[str]:
    return re.findall(r'<a href="#day-(\d+)">', html)


def test_the_timeline_lists_everything_by_month_last_written_first_and_no_text(alice: Person) -> None:
    keep(alice, "One", "2026-01-31T23:30:00-05:00")
    keep(alice, "Two", "2026-02-01T08:00:00-05:00", feeling="quiet")
    alice.write(2, "an answer", zone="America/New_York")
    alice.write(2, "another", base=1, zone="America/New_York")
    html = page(alice, "timeline")
    (now, answers), *others = listed(html)
    assert re.fullmatch(r"\w+ 20\d\d", now)
    assert answers == [entries.newest_beside(alice.vault, [])[0].head.asked]
    assert others == [("February 2026", ["Two"]), ("January 2026", ["One"])]
    assert "Rather not say" in html
    assert "the text of" not in html
    assert f'href="{reverse("answer", args=[2])}"' in html


def test_the_timeline_goes_on_page_by_page(alice: Person) -> None:
    for number in range(61):
        keep(alice, f"Page {number}", "2026-02-01T08:00:00-05:00")
    titles = [
        [title for _, titles in listed(page(alice, "timeline", query=q)) for title in titles]
        for q in ("", "?from=30", "?from=60")
    ]
    assert [len(some) for some in titles] == [30, 30, 1]
    assert [title for some in titles for title in some] == [f"Page {number}" for number in reversed(range(61))]
    assert 'href="?from=30"' in page(alice, "timeline")
    assert "?from=" not in page(alice, "timeline", query="?from=60")
    for odd in ("?from=-1", "?from=x", "?from=", "?from=²"):
        assert listed(page(alice, "timeline", query=odd)) == listed(page(alice, "timeline"))
    assert "There is nothing older." in page(alice, "timeline", query="?from=99999999")


def test_an_empty_timeline_says_that_this_is_fine(alice: Person) -> None:
    html = page(alice, "timeline")
    assert "You haven’t written here yet. That’s fine. Reading counts too." in html
    assert listed(html) == []


def test_a_damaged_entry_stays_in_its_place_and_stops_nothing(alice: Person) -> None:
    keep(alice, "One", "2026-01-31T23:30:00-05:00")
    damaged = keep(alice, "Two", "2026-02-01T08:00:00-05:00")
    keep(alice, "Three", "2026-02-02T08:00:00-05:00")
    Revision.objects.filter(entry=damaged).update(head=b"\x01" + bytes(300))
    assert listed(page(alice, "timeline")) == [
        ("February 2026", ["Three", "Something you wrote"]),
        ("January 2026", ["One"]),
    ]
    assert underlined(page(alice, "month", 2026, 2)) == ["2"]
    Revision.objects.exclude(entry=damaged).delete()
    assert listed(page(alice, "timeline")) == [("At some time", ["Something you wrote"])]


def test_a_day_stays_the_writers_own_when_the_zone_changes(alice: Person) -> None:
    """C12: written on December 31 at 23:30 in New York, looked at and written again from Shanghai."""
    with time_machine.travel("2027-01-01T04:30:00Z", tick=False):
        alice.sign_in()
        alice.write(2, "text", zone="America/New_York")
    with time_machine.travel("2027-01-01T04:40:00Z", tick=False):
        alice.write(2, "text", base=1, zone="Asia/Shanghai")  # saved without a change: no version
        assert [heading for heading, _ in listed(page(alice, "timeline"))] == ["December 2026"]
        alice.write(3, "text", zone="Asia/Shanghai")
        alice.write(4, "text", zone="Pacific/Honolulu")
        assert [(heading, len(rows)) for heading, rows in listed(page(alice, "timeline"))] == [
            ("January 2027", 1),
            ("December 2026", 2),
        ]
        assert underlined(page(alice, "month", 2026, 12)) == ["31"]
        assert underlined(page(alice, "month", 2027, 1)) == ["1"]


def test_the_calendar_underlines_the_days_and_lists_what_was_written(alice: Person) -> None:
    entry = keep(alice, "Old", "2026-02-03T08:00:00-05:00")
    entries.write(alice.vault, entry, 1, Head("page", title="New", written="2026-02-03T09:00:00-05:00"), "a")
    entries.write(alice.vault, entry, 2, Head("page", title="Newer", written="2026-02-11T09:00:00-05:00"), "b")
    keep(alice, "Other", "2026-03-01T00:00:00-05:00")
    html = page(alice, "month", 2026, 2)
    assert underlined(html) == ["3", "11"]
    assert listed(html) == [("February 3", ["New"]), ("February 11", ["Newer"])]
    assert f'href="{reverse("page-entry-version", args=[entry, 2])}"' in html
    assert "There is nothing to keep up with." in html
    assert re.findall(r'href="(/journal/\d+/\d+/)"', html) == ["/journal/2026/1/", "/journal/2026/3/"]
    assert re.findall(r'class="vh">(\w+day)<', html) == [
        "Sunday",
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
    ]
    spanish = alice.client.get("/es/journal/2026/2/").content.decode()
    assert re.findall(r'<span aria-hidden="true">(\w)</span>', spanish) == list("LMMJVSD")


def test_a_month_without_writing_is_a_calendar_without_underlines(alice: Person) -> None:
    html = page(alice, "month", 2026, 2)
    assert (underlined(html), listed(html)) == ([], [])
    for nowhere in ("/journal/2026/13/", "/journal/2026/0/", "/journal/1899/12/", "/journal/99999/1/"):
        assert alice.client.get(nowhere).status_code == 404


def test_the_calendar_begins_with_the_month_that_it_is_where_one_wrote_last(alice: Person) -> None:
    with time_machine.travel("2027-01-01T04:30:00Z", tick=False):
        alice.sign_in()
        assert alice.client.get(reverse("this-month"))["Location"] == "/journal/2027/1/"
        alice.write(2, "text", zone="America/New_York")
        assert alice.client.get(reverse("this-month"))["Location"] == "/journal/2026/12/"
        html = page(alice, "month", 2026, 12)
        assert re.findall(r'<td aria-current="date">.*?(\d+)<', html) == ["31"]
        assert 'href="/journal/2027/1/"' in html
        assert 'href="/journal/2027/2/"' not in page(alice, "month", 2027, 1)


@pytest.mark.parametrize("count", [1, 3, 300])
def test_looking_back_takes_the_same_queries_however_much_is_written(alice: Person, count: int) -> None:
    alice.write(2, "text")
    for number in range(count):
        keep(alice, f"Page {number}", f"2026-02-{1 + number % 28:02}T08:00:00-05:00")
    page(alice, "timeline")
    for name, args, queries in (("timeline", [], 4), ("month", [2026, 2], 5), ("this-month", [], 4)):
        with CaptureQueriesContext(connection) as captured:
            alice.client.get(reverse(name, args=args))
        assert len(captured) == queries, (name, [query["sql"][:90] for query in captured])
        assert not any('"body"' in query["sql"] for query in captured)


def test_ten_thousand_entries_take_the_same_queries_too(alice: Person) -> None:
    alice.write(2, "text")
    keyring, rows = UUID(bytes=alice.vault.id), []
    for number in range(10_000):
        entry = random_id()
        head = {
            "kind": "page",
            "title": f"Page {number}",
            "written": f"2026-0{1 + number * 9 // 10_000}-01T08:00:00-05:00",
        }
        sealed = alice.vault.seal_head(json.dumps(head).encode(), entry=entry.bytes, revision=1)
        rows.append(Revision(keyring_id=keyring, entry=entry, number=1, head=sealed, body=b"never opened here"))
    Revision.objects.bulk_create(rows, batch_size=1000)
    for name, args, queries in (("timeline", [], 4), ("month", [2026, 2], 5), ("this-month", [], 4)):
        with CaptureQueriesContext(connection) as captured:
            assert alice.client.get(reverse(name, args=args)).status_code in {200, 302}
        assert len(captured) == queries, (name, [query["sql"][:90] for query in captured])
    assert listed(page(alice, "timeline"))[0][1][0] == "Page 9999"
    assert len(listed(page(alice, "month", 2026, 2))[0][1]) == 1111


def test_nobody_sees_when_somebody_else_wrote(alice: Person, mallory: Person) -> None:
    keep(alice, "Hers", "2026-02-03T08:00:00-05:00")
    assert listed(page(mallory, "timeline")) == []
    assert underlined(page(mallory, "month", 2026, 2)) == []
    for name, args in (("timeline", []), ("month", [2026, 2]), ("this-month", [])):
        assert Client().get(reverse(name, args=args)).status_code == 302


def test_the_home_shows_ten_pages_and_leads_to_the_rest(alice: Person) -> None:
    for number in range(12):
        keep(alice, f"Page {number}", "2026-02-01T08:00:00-05:00")
    html = page(alice, "journal")
    assert re.findall(r">(Page \d+)<", html) == [f"Page {number}" for number in reversed(range(2, 12))]
    assert {f'href="{reverse(name)}"' in html for name in ("timeline", "this-month")} == {True}
    assert page(alice, "journal", query="?from=10").count("Page 11") == 1


def columns(html: str) -> list[str]:
    return re.findall(r'<div class="past words" dir="auto">(.*?)</div>', html, re.DOTALL)


def three_versions(alice: Person) -> Any:
    for base, text in enumerate(("I miss <them>.", "I miss us.", "I miss who we were.")):
        alice.write(2, text, base=base, feeling="quiet")
    return entries.answer_id(alice.vault, "time")


def test_the_first_and_the_latest_version_stand_side_by_side(alice: Person) -> None:
    three_versions(alice)
    html = page(alice, "answer-compare", 2)
    assert columns(html) == ["I miss <them>.", "I miss who we were."]
    assert "<them>" not in alice.client.get(reverse("answer-compare", args=[2])).content.decode()
    assert "The question was then:" not in html  # it is the heading
    assert html.count("Rather not say") == 2
    assert "<del>" not in html


def test_two_versions_are_picked_and_the_older_one_comes_first(alice: Person) -> None:
    three_versions(alice)
    for query in ("?a=2&b=1", "?a=1&b=2"):
        assert columns(page(alice, "answer-compare", 2, query=query)) == ["I miss <them>.", "I miss us."]
    same = page(alice, "answer-compare", 2, query="?a=2&b=2&marked=1")
    assert columns(same) == ["I miss us."]
    assert "This is the same version twice." in same
    for query in ("?a=4", "?b=0", "?a=99999999999999"):
        assert alice.client.get(reverse("answer-compare", args=[2]) + query).status_code == 404
    assert alice.client.get(reverse("answer-compare", args=[3])).status_code == 404


def test_what_changed_is_marked_when_asked_with_words_for_ears(alice: Person) -> None:
    three_versions(alice)
    html = page(alice, "answer-compare", 2, query="?a=1&b=2&marked=1")
    assert columns(html) == [
        'I miss <del><span class="vh">removed: </span><them>.</del>',
        'I miss <ins><span class="vh">added: </span>us.</ins>',
    ]
    assert 'href="?a=1&b=2"' in html


def test_the_history_offers_a_pair_only_if_there_is_one(alice: Person) -> None:
    alice.write(2, "one", feeling="quiet")
    html = page(alice, "answer-history", 2)
    assert ("Rather not say" in html, 'type="radio"' in html, "Compare A and B" in html) == (True, False, False)
    alice.write(2, "one", base=1, feeling="settled")  # the feeling alone
    html = page(alice, "answer-history", 2)
    assert re.findall(r'name="(\w)" value="(\d)" checked', html) == [("b", "2"), ("a", "1")]
    assert "Settled for now" in html


def test_a_damaged_version_stands_beside_the_other(alice: Person) -> None:
    entry = three_versions(alice)
    Revision.objects.filter(entry=entry, number=1).update(body=b"")
    html = page(alice, "answer-compare", 2, query="?marked=1")
    assert "This version can’t be opened." in html
    assert len(columns(html)) == 1


def test_a_page_of_somebody_else_is_not_compared(alice: Person, mallory: Person) -> None:
    entry = keep(alice, "Hers", "2026-02-03T08:00:00-05:00")
    entries.write(alice.vault, entry, 1, Head("page"), "b")
    assert mallory.client.get(reverse("page-entry-compare", args=[entry])).status_code == 404
    assert alice.client.get(reverse("page-entry-compare", args=[entry])).status_code == 200
