"""`systemctl reload` and `systemctl stop`: what was asked is answered."""

import http.client
import os
import re
import shutil
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.attack.web import until
from tools.site import ROOT, Site, serve
from tools.visitor import Answer, Browser

pytestmark = pytest.mark.attack
PASSWORD = "seven quiet herons at dawn"


def twice(ask: Callable[[], Answer]) -> object:
    """Ask, and once more if the connection was closed unanswered, as nginx does and somebody who presses Save again.

    A process that ends closes a connection that was opened in that very moment.
    """
    try:
        return ask().status
    except (OSError, http.client.HTTPException):
        pass
    try:
        return ask().status
    except (OSError, http.client.HTTPException) as error:
        return error


def ask_until(ended: threading.Event, visitor: Browser, path: str, met: list[object]) -> None:
    while not ended.is_set():
        met.append(twice(lambda: visitor.get(path)))


def write_until(ended: threading.Event, visitor: Browser, met: list[object]) -> None:
    """Write version after version, each over the one before."""
    while not ended.is_set():
        fields = {"text": f"version {len(met) + 1}", "base": str(len(met))}
        met.append(twice(lambda fields=fields: visitor.post("/journal/2/", fields)))  # type: ignore[misc]


def test_a_reload_puts_new_processes_in_place_of_the_old_ones_and_everybody_is_answered(tmp_path: Path) -> None:
    with serve(tmp_path) as site:
        alice = Browser(site.port)
        alice.post("/join/", {"username": "alice", "password": PASSWORD})
        before, ended = set(site.workers()), threading.Event()
        read: list[object] = []
        written: list[object] = []
        crowd = [
            threading.Thread(target=ask_until, args=(ended, Browser(site.port), "/check/", read)) for _ in range(4)
        ]
        crowd.append(threading.Thread(target=write_until, args=(ended, alice, written)))
        for one in crowd:
            one.start()
        os.kill(site.pid, signal.SIGHUP)
        while set(site.workers()) & before:
            time.sleep(0.1)
        asked = len(read)
        while len(read) < asked + 100:
            time.sleep(0.1)
        ended.set()
        for one in crowd:
            one.join()
        assert set(read) == {200}
        assert set(written) == {302}
        assert len(site.workers()) == len(before) == 2
        assert [alice.get(f"/journal/2/history/{len(written) + more}/").status for more in (0, 1)] == [200, 404]


def test_processes_of_one_start_share_what_was_read_and_those_of_a_reload_have_the_code_of_that_moment(
    tmp_path: Path,
) -> None:
    code = tmp_path / "code"
    for name in ("config", "guide", "journal", "locale", "static", "templates"):
        shutil.copytree(ROOT / name, code / name)
    for name in ("manage.py", "pyproject.toml", "requirements.txt"):
        shutil.copy(ROOT / name, code)
    with serve(tmp_path, code) as site:
        before = set(site.workers())
        assert all(private_megabytes(pid) < 30 for pid in before)
        module = code / "config" / "probes.py"
        module.write_text(module.read_text().replace('OK, "ok\\n")', 'OK, "fine\\n")'))
        os.kill(site.workers()[0], signal.SIGKILL)  # another copy of what is read takes its place
        until(lambda: len(site.workers()) == 2 and set(site.workers()) != before)
        assert {answer(site) for _ in range(20)} == {"ok\n"}
        copies = set(site.workers())
        os.kill(site.pid, signal.SIGHUP)
        until(lambda: len(site.workers()) == 2 and not set(site.workers()) & copies)
        assert {answer(site) for _ in range(20)} == {"fine\n"}


def private_megabytes(pid: int) -> float:
    found = re.search(r"Private_Dirty:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text())
    assert found
    return int(found[1]) / 1024


def answer(site: Site) -> str:
    """Ask with a connection of its own, so that each process is met."""
    return Browser(site.port).get("/healthz").text


def test_a_server_that_is_told_to_stop_answers_first(tmp_path: Path) -> None:
    with serve(tmp_path) as site:
        visitor = Browser(site.port)
        visitor.get("/sign-in/")
        answers: list[int] = []

        def join() -> None:
            answers.append(visitor.post("/join/", {"username": "alice", "password": PASSWORD}).status)

        door = threading.Thread(target=join)
        door.start()
        time.sleep(0.1)  # a hash takes longer
        site.stop()
        door.join()
    assert answers == [200]
