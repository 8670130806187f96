"""A lost machine, for real: backed up while people write, put back on an empty one. And one that dies meanwhile."""

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from journal import ledger
from tests.attack.conftest import ROOT, environment
from tests.attack.deeds import OLD
from tests.attack.web import Browser, box, serving

pytestmark = [
    pytest.mark.attack,
    pytest.mark.skipif("DATABASE_URL" in os.environ, reason="each site has a SQLite file of its own"),
]


def manage(data: Path, *words: str, code: int = 0) -> str:
    command = [sys.executable, "manage.py", *words]
    done = subprocess.run(command, cwd=ROOT, env=environment(data), capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def new_machine(data: Path, *brought: str) -> Path:
    """An empty data folder with what was kept apart from the backup."""
    folder = data.with_name("new")
    folder.mkdir(mode=0o700)
    for name in ("secret_key", "pepper", *brought):
        shutil.copy2(data / name, folder / name)
    return folder


class Writer(threading.Thread):
    """Somebody who saves one version after another until told to stop."""

    def __init__(self, browser: Browser) -> None:
        super().__init__()
        self.browser, self.saved, self.done = browser, 0, threading.Event()

    def run(self) -> None:
        while not self.done.is_set():
            fields = {"text": f"version {self.saved + 1}", "base": str(self.saved)}
            if self.browser.post("/journal/1/", fields).status == 302:
                self.saved += 1


def sign_in(browser: Browser, name: str) -> int:
    return browser.post("/sign-in/", {"username": name, "password": OLD}).status


def test_a_lost_machine(tmp_path: Path) -> None:
    data, backup = tmp_path / "var", tmp_path / "backup"
    with serving(data) as server:
        alice, _ = server.join("alice", OLD)
        mallory, _ = server.join("mallory", OLD)
        carol, _ = server.join("carol", OLD)
        assert alice.post("/journal/2/", {"text": "what she had", "base": "0"}).status == 302
        assert mallory.post("/journal/2/", {"text": "his", "base": "0"}).status == 302
        writer = Writer(carol)
        writer.start()
        before = writer.saved
        manage(data, "backup", str(backup))
        writer.done.set()
        writer.join()
        after = writer.saved
        assert alice.post("/journal/2/", {"text": "what came after", "base": "1"}).status == 302
        assert mallory.post("/account/delete/", {"password": OLD}).status in {200, 302}
    new = new_machine(data, ledger.NAME)
    assert "Deleted again after the restore: 1." in manage(new, "restore", str(backup))
    with serving(new) as server:
        stale, fresh = alice, server.browser()
        stale.port = server.port
        assert stale.get("/journal/2/").status == 302
        assert sign_in(fresh, "alice") == 302
        assert box(fresh.get("/journal/2/").text) == "what she had"
        assert sign_in(server.browser(), "mallory") == 422
        fresh = server.browser()
        assert sign_in(fresh, "carol") == 302
        found = fresh.get("/journal/1/")
        had = int(box(found.text).removeprefix("version ") or 0) if found.status == 200 else 0
        assert before <= had <= after
        assert "wrong" not in manage(new, "doctor")


def die_at_any_moment(data: Path, words: list[str], after: Callable[[bool], None]) -> None:
    """Run a command that is killed after a random part of the time that it takes, again and again; then look."""
    begun = time.monotonic()
    manage(data, *words)
    whole = time.monotonic() - begun
    after(True)
    for _ in range(12):
        process = subprocess.Popen(
            [sys.executable, "manage.py", *words], cwd=ROOT, env=environment(data),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        time.sleep(random.uniform(whole * 0.4, whole))
        process.send_signal(signal.SIGKILL)
        after(process.wait() == 0)


def test_a_backup_that_is_killed_leaves_a_whole_file_or_none(prepared: Callable[[int], Path], tmp_path: Path) -> None:
    data, backup = prepared(300), tmp_path / "backup"
    (data / "prepared.sqlite3").rename(data / "db.sqlite3")

    def look(finished: bool) -> None:
        assert backup.exists() or not finished
        if backup.exists():
            manage(data, "restore", "--check", str(backup))
            backup.unlink()

    die_at_any_moment(data, ["backup", str(backup)], look)
    manage(data, "backup", str(backup))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup"]
    assert [path.name for path in data.iterdir() if path.name.startswith("under-way")] == []


def test_a_restore_that_is_killed_has_happened_wholly_or_not_at_all(
    prepared: Callable[[int], Path], tmp_path: Path
) -> None:
    old, backup = prepared(300), tmp_path / "backup"
    (old / "prepared.sqlite3").rename(old / "db.sqlite3")
    manage(old, "backup", str(backup))
    new = new_machine(old)

    def look(finished: bool) -> None:
        database = new / "db.sqlite3"
        assert database.exists() or not finished
        if database.exists():
            assert "Of the right form: 612" in manage(new, "doctor")
            database.unlink()

    die_at_any_moment(new, ["restore", str(backup), "--without-ledger"], look)
    manage(new, "restore", str(backup), "--without-ledger")
