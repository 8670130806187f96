"""What machines are told: whether the site is there, whether it is ready, and how much it does."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from config.probes import Probes
from config.wsgi import application
from guide import edition
from tests.guide.test_front import ask

TOKEN = "q7w3-r5t9-y2u8-i4o6-p1"


def behind(environ: Any, start_response: Callable[..., Any]) -> list[bytes]:
    start_response("404 Not Found", [])
    return [b"behind"]


def test_a_process_that_answers_says_so_without_the_database(
    settings: Any, django_assert_num_queries: Any, db: None
) -> None:
    settings.SECURE_SSL_REDIRECT = True
    with django_assert_num_queries(0):
        status, headers, body = ask("/healthz", HTTP_HOST="a-probe.internal:80")
    assert (status, body) == ("200 OK", b"ok\n")
    assert headers == {
        "Content-Type": "text/plain; charset=utf-8", "Content-Length": "3",
        "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
    }  # fmt: skip


@pytest.mark.django_db
def test_a_site_with_all_its_tables_and_a_guide_is_ready() -> None:
    assert ask("/readyz")[::2] == ("200 OK", b"ok\n")


@pytest.mark.django_db
def test_a_database_that_waits_for_a_migration_is_not_ready(caplog: pytest.LogCaptureFixture) -> None:
    recorder = MigrationRecorder(connection)
    newest = max(name for app, name in recorder.applied_migrations() if app == "guide")
    recorder.record_unapplied("guide", newest)
    probes = Probes(behind)
    assert ask("/readyz", app=probes)[::2] == ("503 Service Unavailable", b"not ready\n")
    assert caplog.messages == ["Not ready: the database waits for a migration."]
    recorder.record_applied("guide", newest)
    assert ask("/readyz", app=probes)[0] == "200 OK"


@pytest.mark.django_db
def test_a_site_whose_database_is_away_is_not_ready(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away(*args: Any) -> None:
        raise OperationalError("could not connect to alice:secret@db")

    monkeypatch.setattr(connection, "close", lambda: None)
    monkeypatch.setattr(connection, "cursor", away)
    assert ask("/readyz")[::2] == ("503 Service Unavailable", b"not ready\n")
    assert caplog.messages == ["Not ready: the database does not answer (OperationalError)."]


@pytest.mark.parametrize("sent", ["", "Bearer ", f"Bearer {TOKEN}x", TOKEN, f"Basic {TOKEN}", "Bearer ü"])
def test_counters_are_for_whoever_has_the_token(settings: Any, sent: str) -> None:
    settings.METRICS_TOKEN = TOKEN
    assert ask("/metrics", app=Probes(behind), HTTP_AUTHORIZATION=sent)[0] == "404 Not Found"


@pytest.mark.django_db
def test_without_a_token_in_the_settings_there_are_no_counters() -> None:
    edition.current()
    assert ask("/metrics", HTTP_AUTHORIZATION="Bearer ")[0].startswith(("301", "404"))
    assert Client().get("/metrics/").status_code == 404
    assert isinstance(application, Probes)
