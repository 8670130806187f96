"""`systemctl reload` and `systemctl stop`: what was asked is answered."""

import http.client
import os
import signal
import threading
import time
from pathlib import Path

import pytest

from tools.site import Site, serve
from tools.visitor import Browser

pytestmark = pytest.mark.attack
PASSWORD = "seven quiet herons at dawn"


def workers(site: Site) -> set[int]:
    """The processes that answer: the server's children, but for the one that Python keeps for itself."""
    children = Path(f"/proc/{site.pid}/task/{site.pid}/children").read_text().split()
    return {int(pid) for pid in children if b"tracker" not in Path(f"/proc/{pid}/cmdline").read_bytes()}


def ask_until(ended: threading.Event, visitor: Browser, path: str, met: list[object]) -> None:
    while not ended.is_set():
        try:
            met.append(visitor.get(path).status)
        except (OSError, http.client.HTTPException) as error:
            met.append(error)


def write_until(ended: threading.Event, visitor: Browser, met: list[object]) -> None:
    while not ended.is_set():
        page = visitor.get("/journal/2/")
        met.append(visitor.post("/journal/2/", page.hidden | {"text": f"version {len(met) + 1}"}).status)


def test_a_reload_puts_new_processes_in_place_of_the_old_ones_and_no_request_is_lost(tmp_path: Path) -> None:
    with serve(tmp_path) as site:
        alice = Browser(site.port)
        alice.post("/join/", {"username": "alice", "password": PASSWORD})
        before, ended = workers(site), threading.Event()
        read: list[object] = []
        written: list[object] = []
        crowd = [
            threading.Thread(target=ask_until, args=(ended, Browser(site.port), "/check/", read)) for _ in range(4)
        ]
        crowd.append(threading.Thread(target=write_until, args=(ended, alice, written)))
        for one in crowd:
            one.start()
        os.kill(site.pid, signal.SIGHUP)
        while workers(site) & before:
            time.sleep(0.1)
        asked = len(read)
        while len(read) < asked + 100:
            time.sleep(0.1)
        ended.set()
        for one in crowd:
            one.join()
        assert set(read) == {200}
        assert set(written) == {302}
        assert len(workers(site)) == len(before) == 2
        assert alice.get(f"/journal/2/history/{len(written)}/").status == 200


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
