"""Words of a desk form that could not be saved: they come back, whatever stood in the way."""

import re
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.db import DatabaseError
from django.db.models.signals import pre_save
from django.test import Client

from guide.desk.site import IDLE_SECONDS
from guide.models import Section, Tip
from journal.models import User
from tests.conftest import PASSWORD
from tests.guide.test_admin import desk, drafter, form  # noqa: F401

pytestmark = pytest.mark.django_db
WORDS = "\n  Zwiebelkuchen & <b>ä</b>\n" + "so many words " * 20


@pytest.fixture
def url() -> str:
    return desk(Tip, Tip.objects.originals().get(slug="be-open").pk, "change")


def fields(page: str) -> dict[str, str]:
    """What a browser would send of the form that gives words back."""
    found = dict(re.findall(r'<textarea name="([^"]+)"[^>]*>\n(.*?)</textarea>', page, re.DOTALL))
    return {name: _unescaped(value) for name, value in found.items()}


def carried(page: str) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="(kept\w*)" form="login-form" value="([^"]*)"', page)
    return {name: _unescaped(value) for name, value in found}


def _unescaped(text: str) -> str:
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&#x27;", "'"), ("&amp;", "&")):
        text = text.replace(entity, character)
    return text


def sign_in(client: Client, **more: str) -> Any:
    user = User.objects.get(username="editors")
    user.set_password(PASSWORD)
    user.save()
    return client.post("/manage/login/", {"username": "editors", "password": PASSWORD, "next": "/manage/", **more})


def test_words_of_an_ended_session_wait_at_the_door_and_are_saved_as_a_draft(drafter: Client, url: str) -> None:  # noqa: F811
    sent = form(drafter, url, body=WORDS, why="A reason", _publish="Save and publish")
    drafter.logout()
    door = drafter.post(url, sent)
    page = door.content.decode()
    assert (door.status_code, "You were signed out meanwhile" in page) == (403, True)
    assert '<form action="/manage/login/" method="post" id="login-form">' in page
    assert Tip.objects.filter(body__contains="Zwiebelkuchen").count() == 0

    wrong = drafter.post("/manage/login/", {"username": "editors", "password": "no", **carried(page)})
    assert carried(wrong.content.decode()) == carried(page)

    back = sign_in(drafter, **carried(wrong.content.decode())).content.decode()
    assert fields(back) == {name: str(value) for name, value in sent.items() if name != "_publish"}
    assert ('<form method="post" action="' + url in back, "_publish" in back) == (True, False)
    drafter.post(url, {**fields(back), "_continue": "Save as a draft"})
    tip = Tip.objects.originals().get(slug="be-open")
    assert (tip.body, tip.history.latest().history_change_reason) == (WORDS.strip(), "A reason")


def test_a_form_with_a_stale_token_comes_back_with_its_words(drafter: Client, url: str) -> None:  # noqa: F811
    sent = form(drafter, url, body=WORDS)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = drafter.cookies
    refused = strict.post(url, sent)
    assert (refused.status_code, fields(refused.content.decode())["body"]) == (403, WORDS)


def test_words_wait_while_there_are_too_many_tries(drafter: Client, url: str) -> None:  # noqa: F811
    sent = form(drafter, url, body=WORDS)
    drafter.logout()
    waiting = carried(drafter.post(url, sent).content.decode())
    for _ in range(11):
        shut = drafter.post("/manage/login/", {"username": "editors", "password": "no", **waiting})
    page = shut.content.decode()
    assert (shut.status_code, "Too many tries. Please wait" in page, carried(page)) == (429, True, waiting)


def test_words_come_back_from_an_account_that_may_not_save_them(drafter: Client, url: str) -> None:  # noqa: F811
    sent = form(drafter, url, body=WORDS)
    User.objects.get(username="editors").groups.remove(Group.objects.get(name="Editors"))
    refused = drafter.post(url, sent)
    assert (refused.status_code, fields(refused.content.decode())["body"]) == (403, WORDS)


def test_words_come_back_from_a_database_that_fails(drafter: Client, url: str) -> None:  # noqa: F811
    def fail(**kwargs: Any) -> None:
        raise DatabaseError("disk full")

    sent = form(drafter, url, body=WORDS)
    drafter.raise_request_exception = False
    pre_save.connect(fail, sender=Tip)
    try:
        refused = drafter.post(url, sent)
    finally:
        pre_save.disconnect(fail, sender=Tip)
    assert (refused.status_code, fields(refused.content.decode())["body"]) == (503, WORDS)


def test_a_plan_for_a_release_comes_back_too(client: Client) -> None:
    chosen = [f"section:{section.pk}" for section in Section.objects.originals()[:2]]
    door = client.post("/manage/desk/release/", {"chosen": chosen, "note": "x" * 50, "zone": "UTC", "act": "publish"})
    sent = {"chosen": chosen, "note": "x" * 50, "zone": "UTC", "act": "publish"}
    assert carried(door.content.decode()) == {"kept_path": "/manage/desk/release/", "kept": urlencode(sent, doseq=True)}


def test_nothing_but_a_desk_form_is_ever_given_back(drafter: Client) -> None:  # noqa: F811
    for path in ("/manage/password_change/", "/manage/desk/", "/account/delete/", "//elsewhere.example/", "nonsense"):
        answer = sign_in(drafter, kept_path=path, kept="old_password=a")
        assert (answer.status_code, answer["Location"]) == (302, "/manage/"), path
    assert Client().post("/manage/password_change/", {"old_password": "a"}).status_code == 302


def test_the_desk_closes_after_an_hour_without_use(drafter: Client, url: str) -> None:  # noqa: F811
    with time_machine.travel(0, tick=False) as clock:
        sign_in(drafter)
        for _ in range(3):
            clock.shift(IDLE_SECONDS - 1)
            assert drafter.get(url).status_code == 200
        sent = form(drafter, url, body=WORDS)
        clock.shift(IDLE_SECONDS)
        assert drafter.post(url, sent).status_code == 403
        assert drafter.get("/manage/")["Location"] == "/manage/login/?next=/manage/"
        sign_in(drafter)
        assert drafter.get(url).status_code == 200
