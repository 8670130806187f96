"""Upgrades while people use the site: the old version goes on with the new one's database, and nothing is lost.

Recorded from each release (tests/upgrade/record.py): what it kept, and what it asked of its database afterward.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.test import Client
from pytest_django import Settings

from config import env
from journal import accounts
from journal.models import User
from tests.attack.web import box
from tests.upgrade import record
from tests.upgrade.replay import RECORDS, ask, make, recorded

pytestmark = pytest.mark.skipif(connection.vendor != "sqlite", reason="what was recorded is SQLite’s")

# Between the first of these and 0007, which the same run of `migrate` reaches, the desk of the version before them
# can't save. No release had them apart.
UNTIL_0007 = {"0004_releases", "0005_image", "0006_flag_offers_help"}


@pytest.fixture(params=RECORDS, ids=lambda file: file.stem)
def release(request: pytest.FixtureRequest) -> Path:
    return Path(request.param)


@pytest.fixture
def old(release: Path, tmp_path: Path, db: None) -> Iterator[Any]:
    """Django's connection, to the database that a version left."""
    ours, theirs = connections["default"], connections.create_connection("default")
    theirs.settings_dict = {**ours.settings_dict, "NAME": str(make(release, tmp_path))}
    connections["default"] = theirs
    yield theirs
    theirs.close()
    connections["default"] = ours


def steps(database: Any) -> Iterator[tuple[str, str]]:
    """Carry out what is new since that version, and stop after each migration."""
    executor = MigrationExecutor(database)
    for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes()):
        MigrationExecutor(database).migrate([(migration.app_label, migration.name)])
        yield migration.app_label, migration.name


def upgrade(database: Any) -> None:
    executor = MigrationExecutor(database)
    newest = executor.loader.graph.leaf_nodes()
    assert executor.migration_plan(newest) != []
    executor.migrate(newest)


def contents(database: Any) -> dict[str, tuple[list[str], list[Any]]]:
    """The columns and rows of every table."""
    found = {}
    with database.cursor() as cursor:
        for table in database.introspection.table_names(cursor):
            columns = [each.name for each in database.introspection.get_table_description(cursor, table)]
            found[table] = columns, read(cursor, table, columns)
    return found


def read(cursor: Any, table: str, columns: list[str]) -> list[tuple[Any, ...]]:
    names = ", ".join(f'"{name}"' for name in columns)
    return list(cursor.execute(f'SELECT {names} FROM "{table}" ORDER BY 1'))


def test_the_old_version_goes_on_after_each_migration(old: Any, release: Path) -> None:
    statements = recorded(release)["statements"]
    seen = []
    for app, name in steps(old):
        desk_waits = app == "guide" and name in UNTIL_0007
        asked = [each for each in statements if not (desk_waits and each[0].startswith('INSERT INTO "guide_'))]
        with closing(sqlite3.connect(old.settings_dict["NAME"])) as beside:
            assert ask(beside, asked) == [], name
        seen.append(name)
    assert len(seen) >= 1


def test_what_was_kept_stands_as_it_was_after_the_upgrade(old: Any) -> None:
    before = contents(old)
    assert [len(before[table][1]) for table in ("journal_user", "journal_revision", "guide_tip")] == [3, 3, 1]
    upgrade(old)
    with old.cursor() as cursor:
        after = {table: read(cursor, table, columns) for table, (columns, _) in before.items()}
    lost = {table: [row for row in kept if row not in after[table]] for table, (_, kept) in before.items()}
    assert {table: rows for table, rows in lost.items() if rows} == {}
    added = {table for table, (_, kept) in before.items() if len(after[table]) != len(kept)}
    assert added <= {"auth_group_permissions", "auth_permission", "django_content_type", "django_migrations"}


def test_a_journal_of_an_old_version_opens_and_goes_on(old: Any, release: Path, settings: Settings) -> None:
    settings.JOURNAL_PEPPERS = env.peppers(record.PEPPERS)
    upgrade(old)
    alice = Client()
    assert alice.post("/sign-in/", {"username": "alice", "password": record.PASSWORD}).status_code == 302
    assert box(alice.get("/journal/2/").content.decode()) == record.SECOND
    assert record.FIRST in alice.get("/journal/2/history/1/").content.decode()
    assert alice.post("/journal/2/", {"text": "And today.", "base": "2"}).status_code == 302
    assert box(alice.get("/journal/2/").content.decode()) == "And today."
    assert accounts.has_recovery_key(User.objects.get(username="alice"), recorded(release)["recovery_key"])


def test_a_record_has_what_people_do_every_day(release: Path) -> None:
    """So that a record of nothing can't make the tests above pass."""
    begun = {" ".join(sql.split()[:3]) for sql, _, _ in recorded(release)["statements"]}
    assert begun >= {
        'INSERT INTO "journal_user"', 'INSERT INTO "journal_keyring"', 'INSERT INTO "journal_session"',
        'INSERT INTO "journal_unlockedsession"', 'INSERT INTO "journal_revision"', 'INSERT INTO "journal_notice"',
        'INSERT INTO "guide_flag"', 'INSERT INTO "guide_historicaltip"', 'INSERT INTO "guide_publication"',
        'UPDATE "journal_keyring" SET', 'UPDATE "guide_tip" SET', "DELETE FROM \"journal_user\"",
    }  # fmt: skip
