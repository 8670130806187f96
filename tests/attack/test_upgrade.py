"""An upgrade for real: the new version migrates while the old one writes, is killed halfway, and serves at last."""

import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.attack.conftest import ROOT, environment, python
from tests.attack.web import box, serving
from tests.upgrade import record
from tests.upgrade.replay import RECORDS, ask, make, recorded

pytestmark = [pytest.mark.attack, pytest.mark.parametrize("release", RECORDS, ids=lambda file: file.stem)]
KILLS = 5


@pytest.fixture
def data(release: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "var"
    folder.mkdir(mode=0o700)
    make(release, folder)
    return folder


def migrating(data: Path) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "django", "migrate", "--verbosity", "0"]
    return subprocess.Popen(command, cwd=ROOT, env=environment(data, PEPPERS=record.PEPPERS))


def test_people_write_with_the_old_version_while_the_new_one_migrates(release: Path, data: Path) -> None:
    people = [each for each in recorded(release)["statements"] if '"guide_' not in each[0]]
    rounds = 0
    with closing(sqlite3.connect(data / "db.sqlite3", timeout=20, isolation_level=None)) as old:
        new = migrating(data)
        while new.poll() is None or not rounds:
            assert ask(old, people) == []
            rounds += 1
        assert new.returncode == 0
        assert ask(old, recorded(release)["statements"]) == []


def test_a_migration_that_is_killed_goes_on_and_the_journal_opens(release: Path, data: Path) -> None:
    plan = python(data, "django", "showmigrations", "--plan", PEPPERS=record.PEPPERS).count("[ ]")
    left = [plan]
    for number in range(KILLS):
        new = migrating(data)
        time.sleep(random.uniform(0.2, 0.4) * (number + 1))  # each a little later, to meet different writes
        new.send_signal(signal.SIGKILL)
        new.wait()
        left.append(python(data, "django", "showmigrations", "--plan", PEPPERS=record.PEPPERS).count("[ ]"))
    assert left == sorted(left, reverse=True)
    with serving(data, PEPPERS=record.PEPPERS) as site:
        assert python(data, "django", "migrate", "--check", PEPPERS=record.PEPPERS) == ""
        alice = site.browser()
        assert alice.post("/sign-in/", {"username": "alice", "password": record.PASSWORD}).status == 302
        assert box(alice.get("/journal/2/").text) == record.SECOND
        assert record.PAGE in alice.get(f"/journal/pages/{'a' * 8}-{'-'.join(['a' * 4] * 3)}-{'a' * 12}/").text
        assert "The ideas come from one article" in alice.get("/about/").text
