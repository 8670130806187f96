"""Weekly check-ins: the form of a week, all of them, and what the journal's home shows of them."""

import re
from datetime import datetime
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from guide import edition, questions
from guide.models import Flag, Section
from journal import check_ins, entries, weeks
from journal.entries import Head
from journal.models import Draft, Revision
from tests.conftest import PASSWORD, Person
from tests.journal.test_kept import fields
from tests.journal.test_writing import box

pytestmark = pytest.mark.django_db
WEEK = "2026-W13"
ALL = ["loneliness", "nostalgia", "no-admission", "no-acceptance", "triggers", "toxic-cycles"]


def path(name: str = "check-in", week: str = WEEK, *args: Any) -> str:
    return reverse(name, args=[week, *args])


def send(person: Person, *signs: str, week: str = WEEK, text: str = "", base: int = 0, **more: Any) -> Any:
    return person.client.post(path(week=week), {"text": text, "signs": signs, "base": base, **more})


def stored(person: Person, week: str = WEEK, number: int | None = None) -> entries.Version | None:
    return entries.read(person.vault, entries.named(person.vault, Head("check-in", week=week)), number)


def noticed(person: Person, week: str, count: int, zone: str = "UTC") -> None:
    """A check-in that has so many flags."""
    wordings = {flag.slug: flag.title for flag in questions.flags()}
    head = Head("check-in", week=week, signs={slug: wordings[slug] for slug in ALL[:count]}, zone=zone)
    entries.write(person.vault, entries.named(person.vault, head), 0, head, "")


def row(person: Person, *counts: int | None, last: str = "2026-W20") -> None:
    """Check-ins of weeks in a row, oldest first, up to a certain one."""
    for n, count in enumerate(reversed(counts)):
        if count is not None:
            noticed(person, weeks.of(weeks.begins(last) - n * weeks.WEEK), count)


def page(person: Person, name: str, *args: Any) -> str:
    return unescape(person.client.get(reverse(name, args=args)).content.decode())


def offered(response: Any) -> list[tuple[str, bool]]:
    """The boxes of a form: what stands beside each, and whether it is ticked."""
    found = re.findall(r'<input type="checkbox"([^>]*)><span[^>]*>(.*?)</span>', response.content.decode())
    return [(unescape(label), "checked" in attributes) for attributes, label in found]


def take_off(slug: str) -> None:
    Flag.objects.originals().filter(slug=slug).unpublish()
    edition.forget()


def test_the_form_offers_each_flag_that_readers_see_in_their_order(alice: Person) -> None:
    titles = [flag.title for flag in Flag.objects.live()]
    assert len(titles) == 6
    assert offered(alice.client.get(path())) == [(title, False) for title in titles]


def test_a_week_is_saved_in_the_words_that_were_ticked_and_stands_there_again(alice: Person) -> None:
    response = send(alice, "nostalgia", "triggers", text="<It> was Sunday.", zone="America/New_York")
    assert (response.status_code, response["Location"]) == (302, "/journal/check-ins/?done=saved")
    found = stored(alice)
    assert (found.head.week, found.text, found.head.zone) == (WEEK, "<It> was Sunday.", "America/New_York")
    assert found.head.signs == {
        "nostalgia": "Nostalgia in place of progress",
        "triggers": "Exchanges that hurt or trigger you",
    }
    again = alice.client.get(path())
    assert [label for label, ticked in offered(again) if ticked] == list(found.head.signs.values())
    assert box(again) == "<It> was Sunday."


def test_none_is_a_valid_answer(alice: Person) -> None:
    assert send(alice).status_code == 302
    assert (stored(alice).head.signs, stored(alice).text) == ({}, "")
    assert "None" in re.search(r"<td>(.*?)</td>", page(alice, "check-ins"))[1]


def test_each_week_has_one_entry_with_its_versions(alice: Person) -> None:
    send(alice, "triggers")
    send(alice, "triggers", "nostalgia", base=1)
    send(alice, "triggers", week="2026-W14")
    assert sorted(Revision.objects.values_list("number", flat=True)) == [1, 1, 2]
    listed = page(alice, "check-in-history", WEEK)
    assert '<h1 dir="auto">Week of March 23</h1>' in listed
    assert re.findall(r"\d red flags?, \d words?", listed) == ["2 red flags, 0 words", "1 red flag, 0 words"]
    first = page(alice, "check-in-version", WEEK, 1)
    assert re.findall(r'<li dir="auto">(.*?)</li>', first) == ["Exchanges that hurt or trigger you"]
    assert "1 red flag, 0 words" in page(alice, "check-in-version-delete", WEEK, 1)
    assert "Week of March 23" in page(alice, "check-in-delete", WEEK)
    alice.client.post(path("check-in-delete"))
    assert (stored(alice), stored(alice, "2026-W14").number) == (None, 1)


def test_saving_the_same_ticks_in_new_words_is_no_new_version(alice: Person) -> None:
    send(alice, "nostalgia", "triggers")
    flag = Flag.objects.originals().get(slug="triggers")
    flag.title = "Talks that hurt"
    flag.save()
    flag.publish()
    edition.forget()
    send(alice, "triggers", "nostalgia", base=1)
    assert stored(alice).number == 1
    send(alice, "triggers", base=1)
    assert stored(alice).head.signs == {"triggers": "Talks that hurt"}
    assert stored(alice, number=1).head.signs["triggers"] == "Exchanges that hurt or trigger you"


def test_a_flag_that_is_no_flag_is_refused_with_everything_kept(alice: Person) -> None:
    response = send(alice, "triggers", "made-up", text="a note")
    assert (response.status_code, box(response)) == (422, "a note")
    assert [label for label, ticked in offered(response) if ticked] == ["Exchanges that hurt or trigger you"]
    assert "The list of red flags has changed since you opened this page." in response.content.decode()
    assert "made-up" not in response.content.decode()
    assert not Revision.objects.exists()


def test_a_flag_off_the_site_stays_in_its_old_words_where_it_was_noticed_and_is_offered_nowhere_else(
    alice: Person,
) -> None:
    send(alice, "triggers", "nostalgia")
    take_off("triggers")
    form = alice.client.get(path())
    assert [label for label, ticked in offered(form) if ticked] == [
        "Nostalgia in place of progress",
        "Exchanges that hurt or trigger you",
    ]
    assert send(alice, "triggers", base=1).status_code == 302
    assert stored(alice).head.signs == {"triggers": "Exchanges that hurt or trigger you"}
    assert len(offered(alice.client.get(path(week="2026-W14")))) == 5
    assert send(alice, "triggers", week="2026-W14").status_code == 422


def test_a_flag_noticed_in_a_draft_stays_too(alice: Person) -> None:
    alice.client.post(path("check-in-draft"), {"text": "", "signs": ["triggers"], "base": 0})
    take_off("triggers")
    assert offered(alice.client.get(path()))[-1] == ("Exchanges that hurt or trigger you", True)
    assert send(alice, "triggers").status_code == 302
    assert stored(alice).head.signs == {"triggers": "Exchanges that hurt or trigger you"}


def test_without_a_part_that_shows_them_there_are_no_flags_and_a_note_can_still_be_left(alice: Person) -> None:
    Section.objects.filter(shows=Section.List.FLAGS).unpublish()
    edition.forget()
    form = alice.client.get(path())
    assert (offered(form), "names no red flags" in form.content.decode()) == ([], True)
    assert send(alice, text="a note").status_code == 302


def test_two_tabs_clash_and_lose_neither(alice: Person) -> None:
    send(alice, "triggers", text="one")
    response = send(alice, "nostalgia", text="two")
    assert (response.status_code, box(response)) == (409, "two")
    assert [label for label, ticked in offered(response) if ticked] == ["Nostalgia in place of progress"]
    assert '<li dir="auto">Exchanges that hurt or trigger you</li>' in response.content.decode()
    assert fields(response)["base"] == "1"


def test_a_draft_keeps_the_ticks_whatever_is_wrong_and_a_saved_week_ends_it(alice: Person) -> None:
    def draft(*signs: str, text: str = "") -> None:
        alice.client.post(path("check-in-draft"), {"text": text, "signs": signs, "base": 0})

    draft()
    assert not Draft.objects.exists()
    draft("triggers", "made-up", text="a\0b")
    kept = entries.draft(alice.vault, entries.named(alice.vault, Head("check-in", week=WEEK)))
    assert (kept.head.signs, kept.text) == ({"triggers": "Exchanges that hurt or trigger you"}, "a\0b")
    assert '<a href="/journal/check-in/2026-W13/">Week of March 23</a> · Draft' in page(alice, "journal")
    thrown = page(alice, "check-in-draft-delete", WEEK)
    assert ("Week of March 23" in thrown, "Exchanges that hurt or trigger you" in thrown) == (True, True)
    send(alice, "triggers")
    assert not Draft.objects.exists()


def test_ticks_and_note_come_back_when_a_save_meets_a_lock(alice: Person) -> None:
    alice.client.post(reverse("lock"))
    door = send(alice, "triggers", "nostalgia", text="a note")
    assert door.status_code == 403
    carried = re.findall(r'<textarea name="(kept_\w+)" hidden>\n(.*?)</textarea>', door.content.decode())
    data: dict[str, Any] = {}
    for name, value in carried:
        data.setdefault(name, []).append(value)
    resumed = alice.client.post(reverse("unlock"), {**data, "password": PASSWORD})
    assert (resumed.status_code, box(resumed)) == (200, "a note")
    assert re.findall(r'name="signs" value="(.*?)"', resumed.content.decode()) == ["triggers", "nostalgia"]
    assert send(alice, "triggers", "nostalgia", text="a note").status_code == 302


def test_mallory_has_a_week_of_her_own_and_sees_nothing_of_alices(alice: Person, mallory: Person) -> None:
    send(alice, "triggers", text="alice's note")
    assert [ticked for _, ticked in offered(mallory.client.get(path()))] == [False] * 6
    assert "Week of March 23" not in page(mallory, "check-ins")
    assert mallory.client.get(path("check-in-version", WEEK, 1)).status_code == 404
    send(mallory, text="mine")
    assert (stored(alice).text, stored(mallory).text) == ("alice's note", "mine")
    assert Client().get(path())["Location"] == "/sign-in/?next=%2Fjournal%2Fcheck-in%2F2026-W13%2F"


@pytest.mark.parametrize(
    ("zone", "now", "week"),
    [
        ("America/New_York", "2026-11-23T04:30:00Z", "2026-W47"),  # Sunday 23:30
        ("America/New_York", "2026-11-23T05:00:00Z", "2026-W48"),
        ("Asia/Shanghai", "2026-11-22T15:59:00Z", "2026-W47"),
        ("Asia/Shanghai", "2026-11-22T16:00:00Z", "2026-W48"),  # Monday 0:00
        ("Pacific/Kiritimati", "2027-01-03T10:00:00Z", "2027-W01"),
        ("America/New_York", "2027-01-03T12:00:00Z", "2026-W53"),
    ],
)
def test_this_week_is_that_of_the_persons_own_day(alice: Person, zone: str, now: str, week: str) -> None:
    with time_machine.travel(now, tick=False):
        alice.sign_in()
        alice.write(2, "text", zone=zone)
        assert alice.client.get(reverse("this-week"))["Location"] == f"/journal/check-in/{week}/"
        assert send(alice, week=week, zone=zone).status_code == 302


@time_machine.travel("2026-11-23T04:50:00Z", tick=False)
def test_a_page_that_was_opened_before_midnight_is_saved_for_the_week_it_shows(alice: Person) -> None:
    alice.sign_in()
    form = alice.client.get(path(week="2026-W47"))
    assert "<h1>Week of November 16</h1>" in form.content.decode()
    with time_machine.travel("2026-11-23T05:01:00Z", tick=False):
        send(alice, "triggers", week="2026-W47", zone="America/New_York")
    assert stored(alice, "2026-W47").head.written == "2026-11-23T00:01:00-05:00"
    assert stored(alice, "2026-W48") is None


@time_machine.travel("2026-11-25T12:00:00Z", tick=False)
def test_a_form_leads_to_the_weeks_beside_it_as_far_as_they_have_begun(alice: Person) -> None:
    alice.sign_in()
    around = {"2026-W48": ["2026-W47"], "2026-W01": ["2025-W52", "2026-W02"], "2020-W01": ["2020-W02"]}
    for week, beside in around.items():
        links = re.findall(r'href="/journal/check-in/([\dW-]+)/"', page(alice, "check-in", week))
        assert links == beside
    assert [alice.client.get(path(week=week)).status_code for week in ("2026-W49", "2019-W52")] == [404, 404]


@time_machine.travel("2026-05-14T12:00:00Z", tick=False)
def test_the_chart_says_in_words_what_it_shows_with_its_gaps(alice: Person) -> None:
    alice.sign_in()
    row(alice, 3, None, 0, 2)
    for name in ("journal", "check-ins"):
        svg = re.search(r"<svg class=\"chart\".*?</svg>", page(alice, name), re.DOTALL)[0]
        assert re.search(r'role="img" aria-labelledby="chart-title chart-said"', svg)
        assert re.search(r'<title id="chart-title">(.*?)</title>', svg)[1] == "Red flags noticed each week"
        assert re.search(r'<desc id="chart-said">(.*?) *</desc>', svg)[1] == (
            "Week of April 20: 3. Week of April 27: no check-in. Week of May 4: 0. Week of May 11: 2."
        )
        assert re.findall(r'<text x="[\d.]+" y="[\d.]+">(\d)</text>', svg) == ["3", "0", "2"]
        assert re.findall(r'<text class="ax"[^>]*>(\w+)</text>', svg) == ["20", "Apr", "27", "4", "May", "11"]
        assert ("style=" in svg, "<script" in svg) == (False, False)


@time_machine.travel("2026-05-14T12:00:00Z", tick=False)
def test_the_home_shows_twelve_weeks_and_the_page_of_all_names_every_one(alice: Person) -> None:
    alice.sign_in()
    row(alice, *[1] * 14)
    assert len(re.findall("<circle", page(alice, "journal"))) == 12
    assert len(re.findall('<th scope="row">', page(alice, "journal"))) == 12
    assert len(re.findall("<circle", page(alice, "check-ins"))) == 12
    assert len(re.findall('<th scope="row">', page(alice, "check-ins"))) == 14
    assert page(alice, "journal").count("A page without a title") == 0


@time_machine.travel("2026-05-14T12:00:00Z", tick=False)
@pytest.mark.parametrize("counts", [[], [2], [2, *[None] * 12, 1]])
def test_fewer_than_two_weeks_make_no_chart(alice: Person, counts: list[int | None]) -> None:
    alice.sign_in()
    row(alice, *counts)
    for name in ("journal", "check-ins"):
        assert '<svg class="chart"' not in page(alice, name)
        assert ("Two check-ins within 12 weeks make a chart." in page(alice, name)) is bool(counts)


def test_a_damaged_week_is_a_gap_and_hides_no_other(alice: Person) -> None:
    with time_machine.travel("2026-05-14T12:00:00Z", tick=False):
        alice.sign_in()
        row(alice, 1, 2, 3)
        Revision.objects.filter(entry=entries.named(alice.vault, Head("check-in", week="2026-W19"))).update(head=b"x")
        shown = page(alice, "check-ins")
    assert "Week of May 4: no check-in." in shown
    assert "Couldn’t open this one. Nothing was deleted." in shown
    assert re.findall(r'<text x="[\d.]+" y="[\d.]+">(\d)</text>', shown) == ["1", "3"]


MORE = "You’ve noticed more lately. Want to talk it through with someone?"
TALK = "Want to talk through what you noticed with someone?"


@pytest.mark.parametrize(
    ("counts", "now", "said"),
    [
        ([0, 1, 2, 3], "2026-05-14", MORE),
        ([0, 1, 2, 3], "2026-05-19", MORE),  # the week after, not checked in yet
        ([0, 1, 2, 3], "2026-05-26", ""),
        ([0, 1, 2, 2], "2026-05-14", ""),
        ([1, 2, 3], "2026-05-14", ""),
        ([0, 1, None, 2, 3], "2026-05-14", ""),
        ([5, 5], "2026-05-14", ""),
        ([6], "2026-05-14", TALK),
        ([6, 0], "2026-05-14", ""),
        ([3, 4, 5, 6], "2026-05-14", MORE),
        ([], "2026-05-14", ""),
    ],
)
def test_somebody_to_talk_to_is_offered_after_a_rise_or_a_flag_that_offers_help(
    alice: Person, counts: list[int | None], now: str, said: str
) -> None:
    with time_machine.travel(f"{now}T12:00:00Z", tick=False):
        alice.sign_in()
        row(alice, *counts)
        for name in ("journal", "check-ins"):
            shown = page(alice, name)
            assert [line for line in (MORE, TALK) if line in shown] == ([said] if said else [])
            assert (f'{said} <a href="/help/">Get help</a>' in shown) is bool(said)


def test_which_flag_offers_help_is_the_guides_to_say(alice: Person) -> None:
    assert [flag.slug for flag in questions.flags() if flag.offers_help] == ["toxic-cycles"]
    flags = {flag.slug: flag for flag in Flag.objects.originals()}
    assert (flags["toxic-cycles"].is_safety, flags["triggers"].is_safety) == (True, False)


@time_machine.travel("2026-05-14T12:00:00Z", tick=False)
@pytest.mark.parametrize("count", [1, 3, 14])
def test_pages_take_the_same_queries_however_many_weeks_there_are(alice: Person, count: int) -> None:
    alice.sign_in()
    row(alice, *[1] * count)
    alice.client.get(reverse("journal"))
    for name, args, queries in (
        ("journal", [], 8),
        ("check-ins", [], 5),
        ("this-week", [], 4),
        ("check-in", ["2026-W20"], 6),
        ("check-in-history", ["2026-W20"], 4),
    ):
        with CaptureQueriesContext(connection) as captured:
            alice.client.get(reverse(name, args=args))
        assert len(captured) == queries, (name, [query["sql"][:90] for query in captured])


def test_no_address_of_a_check_in_says_what_was_noticed(alice: Person) -> None:
    with time_machine.travel("2026-05-14T12:00:00Z", tick=False):
        alice.sign_in()
        row(alice, 6, 6)
        addresses = re.findall(r'(?:href|action)="([^"]*)"', page(alice, "check-ins") + page(alice, "journal"))
    assert not [address for address in addresses for slug in ALL if slug in urlsplit(address).path]


def test_the_week_of_somebody_who_never_wrote_is_that_of_the_site(alice: Person) -> None:
    assert check_ins.this_week(alice.vault) == weeks.of(datetime.now().astimezone().date())
