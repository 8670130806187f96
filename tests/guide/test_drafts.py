"""Looking at drafts: on their page, by a link, beside other versions, and when two people write at once."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from guide.models import Section, Tip
from tests.guide.test_admin import desk, drafter, form, live, publisher, read, states  # noqa: F401

pytestmark = pytest.mark.django_db
EVIL = "<img src=x onerror=alert(1)> [a](javascript:alert(1)) <script>alert(1)</script>"


def tip() -> Tip:
    return Tip.objects.originals().get(slug="be-open")


def test_the_unsaved_form_is_shown_on_its_public_page_and_nothing_is_saved(drafter: Client) -> None:  # noqa: F811
    before, versions = live(), tip().history.count()
    url = desk(Tip, tip().pk, "change")
    shown = drafter.post(desk(Tip, tip().pk, "preview"), form(drafter, url, title="Zwiebelkuchen"))
    page = shown.context["html"]
    assert ("Zwiebelkuchen" in page, "Preview. Readers don’t see this." in page) == (True, True)
    assert "<script" not in page.replace('<script type="application/ld+json">', "")
    assert (live(), tip().history.count()) == (before, versions)
    assert "Zwiebelkuchen" not in read("/guide/reaching-out/")


def test_a_new_record_is_previewed_before_it_exists(drafter: Client) -> None:  # noqa: F811
    new = {"title": "Zwiebelkuchen", "slug": "new", "position": 0, "body": "Some words."}
    shown = drafter.post(desk(Tip, "add") + "preview/", new)
    assert shown.context["html"].count("Zwiebelkuchen") == 1
    assert Tip.objects.originals().filter(slug="new").count() == 0


def test_a_preview_is_for_those_who_may_edit() -> None:
    response = Client().post(desk(Tip, tip().pk, "preview"), {"title": "a"})
    assert (response.status_code, response["Location"].startswith("/manage/login/")) == (302, True)


def test_a_reviewer_sees_the_draft_by_its_link_for_an_hour(drafter: Client) -> None:  # noqa: F811
    url = desk(Tip, tip().pk, "change")
    drafter.post(url, form(drafter, url, title="Zwiebelkuchen"))
    path = drafter.post(desk(Tip, tip().pk, "link")).context["address"].removeprefix("http://testserver")
    seen = Client().get(path)
    assert ("Zwiebelkuchen" in seen.content.decode(), seen["Cache-Control"], seen.cookies) == (True, "no-store", {})
    assert seen["X-Robots-Tag"] == "noindex"
    assert Client().get(path[:-2] + "x/").status_code == 404
    with time_machine.travel(timedelta(hours=1.1)):
        assert Client().get(path).status_code == 404


def test_what_somebody_else_saved_meanwhile_is_not_overwritten_unseen(drafter: Client, publisher: Client) -> None:  # noqa: F811
    url = desk(Tip, tip().pk, "change")
    mine, theirs = (form(client, url) for client in (drafter, publisher))
    publisher.post(url, {**theirs, "body": "Their words."})
    refused = drafter.post(url, {**mine, "body": "My words."})
    page = refused.content.decode()
    assert (refused.status_code, tip().body) == (200, "Their words.")
    assert "publishers saved this" in page
    assert re.findall(r"<(del|ins)><span[^>]*>[^<]*</span>([^<]*)<", page) == [("del", "Their"), ("ins", "My")]
    assert "My words.</textarea>" in page
    again = form(drafter, url) | {"body": "My words.", "base": refused.context["adminform"].form["base"].value()}
    assert drafter.post(url, again).status_code == 302
    assert tip().body == "My words."
    assert [version.body for version in tip().history.all()[:2]] == ["My words.", "Their words."]


def test_two_versions_are_compared_word_by_word(drafter: Client) -> None:  # noqa: F811
    first = tip().live
    url = desk(Tip, tip().pk, "change")
    drafter.post(url, form(drafter, url, body="One & two.", why="A reason"))
    drafter.post(url, form(drafter, url, body="One & three."))
    second, third = reversed(tip().history.values_list("history_id", flat=True)[:2])
    compared = drafter.get(desk(Tip, tip().pk, "history") + f"compare/?from={second}&to={third}")
    assert [name for name, _ in compared.context["fields"]] == ["text"]
    assert (
        re.sub(r"<span.*?</span>", "", compared.context["fields"][0][1]) == "One &amp; <del>two.</del><ins>three.</ins>"
    )
    assert "A reason" in drafter.get(desk(Tip, tip().pk, "history")).content.decode()
    assert first is not None
    assert drafter.get(desk(Tip, tip().pk, "history") + "compare/?from=999999&to=1").status_code == 404


def test_an_old_version_comes_back_as_a_draft(drafter: Client) -> None:  # noqa: F811
    before, words, version = live(), tip().body, tip().live
    url = desk(Tip, tip().pk, "change")
    drafter.post(url, form(drafter, url, body="Zwiebelkuchen"))
    drafter.post(desk(Tip, tip().pk, "history", version, "restore"))
    assert (tip().body, states(drafter)[0], live()) == (words, "live + draft", before)
    assert str(tip().history.latest().history_user) == "editors"


def test_an_old_version_does_not_come_back_where_its_short_name_is_taken_by_now(publisher: Client) -> None:  # noqa: F811
    part = Section.objects.originals().get(slug="red-flags")
    before = part.history.latest().history_id
    part.slug = "flags"
    part.save()
    part.publish()
    other = Section.objects.originals().get(slug="bottom-line")
    Section.objects.filter(pk=other.pk).update(slug="red-flags")
    response = publisher.post(desk(Section, part.pk, "history", before, "restore"), follow=True)
    assert [str(message)[:13] for message in response.context["messages"]] == ["Not restored:"]
    assert Section.objects.get(pk=part.pk).slug == "flags"


def test_a_discarded_draft_leaves_readers_their_page_and_the_history_its_words(drafter: Client) -> None:  # noqa: F811
    seen, words = read("/guide/reaching-out/"), tip().body
    url = desk(Tip, tip().pk, "change")
    drafter.post(url, form(drafter, url, body="Zwiebelkuchen"))
    drafter.post(desk(Tip, tip().pk, "discard"))
    assert (tip().body, states(drafter)[0], read("/guide/reaching-out/")) == (words, "live", seen)
    assert [version.body for version in tip().history.all()[:2]] == [words, "Zwiebelkuchen"]


def test_a_script_in_a_text_is_inert_in_the_preview_and_at_the_desk_and_is_not_published(publisher: Client) -> None:  # noqa: F811
    url = desk(Tip, tip().pk, "change")
    sent = form(publisher, url, body=EVIL)
    page = publisher.post(desk(Tip, tip().pk, "preview"), sent).context["html"]
    assert [word in page for word in ("<img src=x", "<script>alert", 'href="javascript:')] == [False] * 3
    publisher.post(url, {**sent, "_publish": "Save and publish"})
    assert tip().body == EVIL  # nothing that was typed is lost
    assert "onerror" not in read("/guide/reaching-out/")
    shown = [publisher.get(path).content.decode() for path in (url, desk(Tip, tip().pk, "history"))]
    assert [("<script>alert" in each, "<img src=x" in each) for each in shown] == [(False, False)] * 2
