"""What went wrong in journals elsewhere, with the very input: what somebody wrote stays whole and stays theirs."""

import io
import json
import logging
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from django.conf import settings
from django.core import mail
from django.core.cache import caches
from django.core.signals import got_request_exception
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse
from django.utils.log import AdminEmailHandler
from django.views.debug import get_exception_reporter_class

from journal.models import Revision, User
from journal.urls import urlpatterns
from tests.conftest import PASSWORD, Person
from tests.journal.test_canaries import everything_stored, spellings
from tests.journal.test_kept import fields
from tests.journal.test_writing import answer, box

CANARY = "".join(("Kanarien", "vogel", "im", "Schacht"))  # not in one piece, so that no line of this file holds it
ROOT = Path(__file__).parent.parent.parent
pytestmark = pytest.mark.django_db


def rows() -> list[dict[str, Any]]:
    """Every saved version as it is stored, to the byte."""
    return list(Revision.objects.order_by("pk").values())


def version(client: Client, question: int, number: int) -> str:
    """The words on the page of one version, as a browser reads them."""
    page = client.get(reverse("answer-version", args=[question, number])).content.decode()
    return unescape(re.search(r'<div class="past words" dir="auto">(.*?)</div>', page, re.DOTALL)[1])


def quietly(person: Person) -> Client:
    """Their browser, answered as a visitor is when the program fails: with a page."""
    browser = Client(raise_request_exception=False)
    browser.cookies = person.client.cookies
    return browser


def test_without_the_journals_key_there_is_a_lock_and_no_empty_box_to_save(alice: Person) -> None:
    """C06."""
    alice.write(2, CANARY)
    before = rows()
    empty = {"text": "", "base": 1}
    with time_machine.travel(timedelta(seconds=settings.JOURNAL_IDLE_SECONDS + 60), tick=False):
        page = alice.client.get(reverse("answer", args=[2]), follow=True)
        assert page.redirect_chain == [("/unlock/?next=%2Fjournal%2F2%2F", 302)]
        assert "<h1>Locked</h1>" in page.content.decode()
        assert 'name="text"' not in page.content.decode()
        refused = alice.client.post(reverse("answer", args=[2]), empty)
        assert (refused.status_code, "<h1>Locked</h1>" in refused.content.decode()) == (403, True)
        assert rows() == before
        alice.client.post(reverse("unlock"), {"password": PASSWORD})
        assert alice.client.post(reverse("answer", args=[2]), {"text": ""}).status_code == 409
        assert alice.client.post(reverse("answer", args=[2]), {**empty, "base": 0}).status_code == 409
        assert rows() == before
        assert answer(alice, 2) == CANARY


def test_a_second_tab_is_shown_both_texts_and_both_end_up_in_the_history(alice: Person) -> None:
    """C07."""
    alice.write(2, "A")
    path = reverse("answer", args=[2])
    tabs = [alice.client.get(path), alice.client.get(path)]
    assert [re.findall(r'name="base" value="(\d+)"', tab.content.decode()) for tab in tabs] == [["1"], ["1"]]
    assert [box(tab) for tab in tabs] == ["A", "A"]
    assert alice.write(2, "AB", base=1).status_code == 302
    clash = alice.write(2, "AC", base=1)
    assert clash.status_code == 409
    assert '<div class="past words" dir="auto">AB</div>' in clash.content.decode()
    assert box(clash) == "AC"
    base = re.search(r'name="base" value="(\d+)"', clash.content.decode())[1]
    assert alice.write(2, box(clash), base=int(base)).status_code == 302
    assert [version(alice.client, 2, number) for number in (1, 2, 3)] == ["A", "AB", "AC"]


SAVE_AND_DIE = """
import json, os, signal, sys
import django
django.setup()
from django.db import connection
from django.test import Client

def die_in_the_middle(execute, sql, *rest):
    result = execute(sql, *rest)
    if sql.startswith('INSERT INTO "journal_revision"'):
        print("written, not committed", flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    return result

browser = Client(SERVER_NAME="localhost")
browser.cookies.load(json.loads(sys.argv[1]))
with connection.execute_wrapper(die_in_the_middle):
    browser.post("/journal/2/", {"text": "half of it", "base": 1})
"""


def save_and_fail(alice: Person) -> None:
    def fail_in_the_middle(execute: Any, sql: str, *rest: Any) -> None:
        execute(sql, *rest)
        if sql.startswith('INSERT INTO "journal_revision"'):
            raise OperationalError("the disk is full")

    with connection.execute_wrapper(fail_in_the_middle):
        response = quietly(alice).post(reverse("answer", args=[2]), {"text": "half of it", "base": 1})
    assert (response.status_code, fields(response)["text"]) == (503, "half of it")


def save_and_be_killed(alice: Person) -> None:
    """Another process saves, in the same database with the same secrets; it is killed between INSERT and COMMIT."""
    name, cookies = connection.settings_dict["NAME"], {key: m.value for key, m in alice.client.cookies.items()}
    server = urlsplit(os.environ.get("DATABASE_URL", ""))
    url = f"sqlite:///{name}" if connection.vendor == "sqlite" else server._replace(path=f"/{name}").geturl()
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", "DATABASE_URL": url}
    env |= {"DATA_DIR": str(settings.DATA_DIR), "DEBUG": "1"}  # without collected static files
    command = [sys.executable, "-c", SAVE_AND_DIE, json.dumps(cookies)]
    done = subprocess.run(command, check=False, cwd=ROOT, env=env, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (-signal.SIGKILL, "written, not committed\n"), done.stderr


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("broken_off", [save_and_fail, save_and_be_killed])
def test_a_save_that_breaks_off_leaves_the_version_before_it_whole(alice: Person, broken_off: Any) -> None:
    """C08."""
    alice.write(2, "the first")
    before = rows()
    broken_off(alice)
    assert rows() == before
    assert answer(alice, 2) == "the first"
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA integrity_check")
            assert cursor.fetchall() == [("ok",)]
    assert alice.write(2, "the second", base=1).status_code == 302
    assert [version(alice.client, 2, number) for number in (1, 2)] == ["the first", "the second"]


def test_a_new_secret_key_of_the_site_changes_no_entry_and_shows_no_gibberish(
    alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """C16."""
    alice.write(2, CANARY)
    before, sealed = rows(), bytes(Revision.objects.get().body)
    monkeypatch.setattr(settings, "SECRET_KEY", "another one, after a restore from an older backup of the settings")
    page = alice.client.get(reverse("answer", args=[2]), follow=True)
    assert page.status_code == 200
    assert 'name="text"' not in page.content.decode()
    alice.sign_in()
    assert answer(alice, 2) == CANARY
    User.objects.get(username="alice").save()
    assert answer(alice, 2) == CANARY
    alice.client.cookies[settings.JOURNAL_KEY_COOKIE_NAME] = "5a" * 32  # a key that opens nothing
    locked = alice.client.get(reverse("answer", args=[2]), follow=True)
    assert "<h1>Locked</h1>" in locked.content.decode()
    for response in (page, locked):
        for piece in (sealed, sealed.hex().encode(), CANARY.encode()):
            assert piece not in response.content
    assert rows() == before


def exchange(one: int, other: int) -> None:
    """Exchange what two rows hold, sealed as it is."""
    rows = {pk: Revision.objects.values("head", "body").get(pk=pk) for pk in (one, other)}
    Revision.objects.filter(pk=one).update(**rows[other])
    Revision.objects.filter(pk=other).update(**rows[one])


def test_exchanged_ciphertexts_are_refused_as_damaged_within_one_journal_and_between_two(
    alice: Person, mallory: Person
) -> None:
    """C17."""
    alice.write(2, "hers, the second")
    alice.write(3, "hers, the third")
    mallory.write(2, "his")
    second, third, his = Revision.objects.order_by("pk").values_list("pk", flat=True)
    for other, person, question in ((third, alice, 3), (his, mallory, 2)):
        exchange(second, other)
        for reader, number in ((alice, 2), (person, question)):
            page = reader.client.get(reverse("answer", args=[number]))
            assert page.status_code == 200
            assert "What was written here can’t be opened." in page.content.decode()
            assert box(page) == ""
        exchange(second, other)
    assert [answer(alice, 2), answer(alice, 3), answer(mallory, 2)] == ["hers, the second", "hers, the third", "his"]


def addresses(entry: Any) -> list[str]:
    """Every address of the journal that names an entry or a version, with hers in it."""
    known = {"number": 2, "revision": 1, "entry": entry}
    named = {pattern.name: pattern.pattern.converters for pattern in urlpatterns}
    return [
        reverse(name, kwargs={key: known.get(key, 1) for key in keys})
        for name, keys in named.items()
        if keys.keys() - {"number"} or name.endswith("delete")
    ]


def test_whoever_changes_the_address_finds_nothing_of_anybody_else_staff_too(
    alice: Person, mallory: Person, editor: User
) -> None:
    """C19."""
    User.objects.filter(username="mallory").update(is_staff=True, is_superuser=True)
    page = {"text": CANARY, "title": CANARY, "base": 0, "entry": "1" * 32}
    assert alice.client.post(reverse("new-page"), page).status_code == 302
    assert alice.write(2, CANARY).status_code == 302
    before = rows()
    secrets = [piece for row in before for piece in (bytes(row["body"])[:40], bytes(row["head"])[:40])]
    secrets += [piece.hex().encode() for piece in secrets] + [CANARY.encode()]
    without = Client()
    without.force_login(editor)
    paths = [path for row in before for path in addresses(row["entry"])]
    assert len(paths) >= 14
    for path in paths:
        for send in (mallory.client.get, mallory.client.post, without.get, without.post):
            response = send(path, {"text": "his", "title": "his", "base": 1, "zone": "UTC"})
            refusals = {404, 405} if send.__self__ is mallory.client else {302, 403, 405}
            assert response.status_code in refusals, (path, send)
            assert [piece for piece in secrets if piece in response.content] == []
    mallory.client.post(reverse("new-page"), {**page, "text": "his", "title": "his"})
    assert [row for row in rows() if row["keyring_id"] == alice.user.keyring.pk] == before
    assert answer(alice, 2) == CANARY


class Told:
    """What the site tells the people who run it when it fails: its log, and its error reports as text and page."""

    def __init__(self) -> None:
        self.log, self.reports = io.StringIO(), []

    def report(self, sender: object, request: Any, **kwargs: object) -> None:
        reporter = get_exception_reporter_class(request)(request, *sys.exc_info())
        self.reports += [reporter.get_traceback_text(), reporter.get_traceback_html()]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[Told]:
    told = Told()
    monkeypatch.setattr(logging.getLogger("django").handlers[0], "stream", told.log)
    got_request_exception.connect(told.report)
    yield told
    got_request_exception.disconnect(told.report)


def fail_with_it_all(*given: Any, **more: Any) -> None:
    raise RuntimeError(f"could not do it with {given} and {more}")


@pytest.mark.django_db(transaction=True)
def test_a_crash_leaves_no_word_no_password_and_no_cookie_in_report_log_database_or_cache(
    alice: Person, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    """C21."""
    browser = quietly(alice)
    held = {"kept_path": "/journal/3/", "kept_text": CANARY, "kept_base": "0"}

    def fail_at_the_save(execute: Any, sql: str, params: Any, *rest: Any) -> Any:
        if "journal_revision" in sql:
            fail_with_it_all(CANARY, params)
        return execute(sql, params, *rest)

    with connection.execute_wrapper(fail_at_the_save):
        saved = browser.post(reverse("answer", args=[2]), {"text": CANARY, "base": 0, "zone": "UTC"})
    monkeypatch.setattr("django.contrib.auth.authenticate", fail_with_it_all)
    unlocked = browser.post(reverse("unlock"), {"password": PASSWORD, **held})
    signed_in = quietly(alice).post(reverse("sign-in"), {"username": "alice", "password": PASSWORD})
    assert [response.status_code for response in (saved, unlocked, signed_in)] == [500, 500, 500]
    assert fields(saved)["text"] == CANARY
    assert ["RuntimeError" in report for report in told.reports] == [True] * 6
    assert told.log.getvalue().count("builtins.RuntimeError") == 3
    places = {**everything_stored(), "log": told.log.getvalue().encode(), "reports": "".join(told.reports).encode()}
    places |= {"cache": str(vars(caches["default"])).encode(), "mail": str(mail.outbox).encode()}
    secrets = [
        CANARY,
        PASSWORD,
        alice.recovery_key,
        *(cookie.value for cookie in browser.cookies.values() if cookie.value),
    ]
    for secret in secrets:
        for spelling in spellings(secret):
            assert [place for place, content in places.items() if spelling in content] == []


def test_a_save_that_crashes_gives_the_words_back_where_errors_are_mailed_too(
    alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """C21. The mail has no word of them."""
    logger = logging.getLogger("django")
    monkeypatch.setattr(logger, "handlers", [AdminEmailHandler(include_html=True), *logger.handlers])
    monkeypatch.setattr(settings, "ADMINS", [("Ana", "ana@eitherway.example")])

    def fail_at_the_save(execute: Any, sql: str, params: Any, *rest: Any) -> Any:
        if "journal_revision" in sql:
            fail_with_it_all(CANARY, params)
        return execute(sql, params, *rest)

    with connection.execute_wrapper(fail_at_the_save):
        saved = quietly(alice).post(reverse("answer", args=[2]), {"text": CANARY, "base": 0})
    assert CANARY in saved.content.decode()
    assert fields(saved)["text"] == CANARY
    mails = [str(message.message()) for message in mail.outbox]
    assert "RuntimeError" in mails[0]
    assert [text for text in mails if CANARY in text] == []
