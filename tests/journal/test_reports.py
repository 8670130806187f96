import logging
import sys

import pytest
from django.conf import settings
from django.core.signals import got_request_exception
from django.test import Client, RequestFactory
from django.urls import reverse
from django.views.debug import ExceptionReporter, get_exception_reporter_filter

from journal import entries
from journal.reports import PrivateFilter
from tests.conftest import PASSWORD, Person

CANARY = "canary-in-the-text"


def crash() -> tuple:
    secret_local = CANARY
    try:
        raise ValueError(f"could not read {secret_local}")
    except ValueError as error:
        return type(error), error, error.__traceback__


def test_an_error_report_masks_form_cookies_variables_and_headers() -> None:
    data = {"text": CANARY, "password": PASSWORD}
    request = RequestFactory().post("/journal/2/", data, headers={"Referer": CANARY, "User-Agent": CANARY})
    request.COOKIES["jkey"] = CANARY
    reporter = ExceptionReporter(request, *crash())
    reporter.exc_value = None
    for report in (reporter.get_traceback_text(), reporter.get_traceback_html()):
        kept = [line for line in report.splitlines() if CANARY in line and "secret_local" not in line]
        assert kept == []
        assert PASSWORD not in report
    assert type(get_exception_reporter_filter(request)).__name__ == "ReporterFilter"


def test_a_log_line_of_an_error_says_kind_and_place_but_not_what_it_quotes() -> None:
    record = logging.LogRecord(
        "django.request", logging.ERROR, __file__, 1, "Internal Server Error: %s", ("/x/",), crash()
    )
    record.request = CANARY
    assert PrivateFilter().filter(record)
    line = logging.Formatter().format(record)
    assert "ValueError" in line
    assert "in crash" in line
    assert "canary" not in line


@pytest.mark.django_db
def test_a_save_that_crashes_logs_and_reports_no_word_of_it(
    alice: Person, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    reports: list[str] = []

    def report(sender: object, request: object, **kwargs: object) -> None:
        reports.append(ExceptionReporter(request, *sys.exc_info()).get_traceback_text())

    def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(entries, "_newest_number", fail)
    got_request_exception.connect(report)
    browser = Client(raise_request_exception=False)
    browser.cookies = alice.client.cookies
    try:
        response = browser.post(reverse("answer", args=[2]), {"text": CANARY, "base": 0})
    finally:
        got_request_exception.disconnect(report)
    logged = capfd.readouterr()
    assert response.status_code == 500
    assert CANARY in response.content.decode()  # given back to the one who wrote it
    assert "RuntimeError" in logged.err
    assert "RuntimeError" in reports[0]
    key = alice.client.cookies[settings.JOURNAL_KEY_COOKIE_NAME].value
    for text in (logged.err, logged.out, reports[0]):
        assert CANARY not in text
        assert "alice" not in text
        assert key not in text
