import io
import json
import logging
import sys

import pytest
from django.conf import settings
from django.core.signals import got_request_exception
from django.test import Client, RequestFactory
from django.urls import reverse
from django.views.debug import get_exception_reporter_class

from journal import entries
from journal.reports import JSONFormatter, PrivateFilter
from tests.conftest import PASSWORD, Person

CANARY = "-".join(("canary", "in", "the", "text"))  # not in one piece, so that no line of this file holds it


def crash() -> tuple:
    secret_local = CANARY
    try:
        try:
            raise KeyError(f"no {secret_local}")
        except KeyError as cause:
            raise ValueError(f"could not read {secret_local}") from cause
    except ValueError as error:
        return type(error), error, error.__traceback__


def test_an_error_report_says_where_but_nothing_that_was_sent_or_quoted(rf: RequestFactory) -> None:
    data = {"text": CANARY, "password": PASSWORD}
    headers = {"Referer": CANARY, "User-Agent": CANARY}
    request = rf.post(f"/journal/2/?q={CANARY}", data, headers=headers)
    request.COOKIES["jkey"] = CANARY
    request.user = CANARY
    reporter = get_exception_reporter_class(request)(request, *crash())
    for report in (reporter.get_traceback_text(), reporter.get_traceback_html()):
        assert "ValueError" in report
        assert "in crash" in report
        assert CANARY not in report
        assert PASSWORD not in report


def test_a_log_line_of_an_error_says_kind_and_place_but_not_what_it_quotes() -> None:
    record = logging.LogRecord(
        "django.request", logging.ERROR, __file__, 1, "Internal Server Error: %s", ("/x/",), crash()
    )
    record.request = CANARY
    assert PrivateFilter().filter(record)
    line = logging.Formatter().format(record)
    assert "ValueError" in line
    assert "in crash" in line
    assert CANARY not in line


def test_a_line_in_json_tells_what_it_names_and_nothing_else_that_hangs_on_the_record() -> None:
    record = logging.LogRecord("journal.gate", logging.ERROR, __file__, 1, "Refused %s", ("a “form”\n",), crash())
    record.request, record.username = CANARY, CANARY
    record.created = 1_780_000_000.25
    assert PrivateFilter().filter(record)
    text = JSONFormatter().format(record)
    line = json.loads(text)
    assert "\n" not in text
    assert CANARY not in text
    assert line.pop("error").endswith("builtins.ValueError")
    assert line == {
        "time": "2026-05-28T20:26:40.250+00:00", "level": "ERROR", "logger": "journal.gate",
        "message": "Refused a “form”\n",
    }  # fmt: skip


@pytest.mark.django_db
def test_a_save_that_crashes_logs_and_reports_no_word_of_it(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    reports: list[str] = []

    def report(sender: object, request: object, **kwargs: object) -> None:
        reports.append(get_exception_reporter_class(request)(request, *sys.exc_info()).get_traceback_text())

    def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError("the disk is full")

    log = io.StringIO()
    monkeypatch.setattr(logging.getLogger("django").handlers[0], "stream", log)
    monkeypatch.setattr(entries, "_newest_number", fail)
    got_request_exception.connect(report)
    browser = Client(raise_request_exception=False)
    browser.cookies = alice.client.cookies
    try:
        response = browser.post(reverse("answer", args=[2]), {"text": CANARY, "base": 0})
    finally:
        got_request_exception.disconnect(report)
    assert response.status_code == 500
    assert CANARY in response.content.decode()  # given back to the one who wrote it
    assert "RuntimeError" in log.getvalue()
    assert "RuntimeError" in reports[0]
    key = alice.client.cookies[settings.JOURNAL_KEY_COOKIE_NAME].value
    for text in (log.getvalue(), reports[0]):
        assert CANARY not in text
        assert "alice" not in text
        assert key not in text
