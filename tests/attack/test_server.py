"""The real server, several processes: a worker that is killed takes no saved word along, and races have one winner."""

import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from pathlib import Path
from uuid import UUID

import pytest

from tests.attack.deeds import OLD
from tests.attack.web import Server, box, past, serving
from tools.visitor import Browser

pytestmark = pytest.mark.attack
ROUNDS, WRITERS, SAVES = 30, 4, 4


class Writer:
    """Somebody with a page of their own, who presses Save again until they are told that it is saved."""

    def __init__(self, browser: Browser, number: int) -> None:
        self.browser, self.entry = browser, f"{number + 1:032x}"
        self.saved: list[str] = []
        self.cut = 0

    @property
    def path(self) -> str:
        return f"/journal/pages/{UUID(self.entry)}/"

    def write(self) -> None:
        for _ in range(SAVES):
            base = len(self.saved)
            text = f"{self.entry} {base} " + "word " * random.randrange(10, 2000) + "end"
            fields = {"text": text, "title": "", "base": str(base), "entry": self.entry}
            self._save(fields, "/journal/pages/new/" if base == 0 else self.path)
            self.saved.append(text)

    def _save(self, fields: dict[str, str], path: str) -> None:
        for _ in range(200):
            try:
                answer = self.browser.post(path, fields)
            except (OSError, HTTPException):
                self.cut += 1
                time.sleep(0.05)
                continue
            assert answer.status == 302, (answer.status, answer.text)
            return
        raise AssertionError("It could not be saved in the end.")


def kill_soon(server: Server) -> int:
    """Kill a worker at some moment soon: the older one, as granian gives up when one dies that it has just put back."""
    time.sleep(random.uniform(0, 0.12))
    victim = server.workers()[0]
    os.kill(victim, signal.SIGKILL)
    return victim


def test_no_save_that_was_answered_is_lost_or_halved_while_workers_are_killed(
    prepared: Callable[[int], Path],
) -> None:
    with serving(prepared(9), "--workers", "2") as server:
        browser, _ = server.join("carol", OLD)
        writers = [Writer(browser.twin(), number) for number in range(WRITERS)]
        killed = set()
        for _ in range(ROUNDS):
            with ThreadPoolExecutor(WRITERS) as pool:
                done = [pool.submit(writer.write) for writer in writers]
                killed.add(kill_soon(server))
                for each in done:
                    each.result()
            settle(server)
        assert len(killed) == ROUNDS
        assert sum(writer.cut for writer in writers) > 0
        for writer in writers:
            assert versions(browser, writer) == writer.saved


def settle(server: Server) -> None:
    """Wait until there are two workers again: the server puts a new one in a dead one's place."""
    for _ in range(200):
        if len(server.workers()) == 2:
            break
        time.sleep(0.05)
    assert len(server.workers()) == 2, server.log.read_text()
    server.wait()


def versions(browser: Browser, writer: Writer) -> list[str]:
    history = browser.get(f"{writer.path}history/")
    assert history.status == 200
    count = len(writer.saved)
    assert f"{count} versions, newest first." in history.text
    return [past(browser.get(f"{writer.path}history/{number + 1}/").text) for number in range(count)]


@pytest.mark.parametrize("path", ["/journal/2/", "/journal/pages/new/"])
def test_of_twenty_saves_over_the_same_version_one_wins_and_no_text_is_lost(
    path: str, prepared: Callable[[int], Path]
) -> None:
    texts = [f"mine is number {number} " + "word " * 300 for number in range(20)]
    entry = "4" * 32
    with serving(prepared(9), "--workers", "2") as server:
        browser, _ = server.join("carol", OLD)
        barrier = threading.Barrier(len(texts))

        def save(text: str) -> tuple[int, str]:
            tab = browser.twin()
            barrier.wait()
            answer = tab.post(path, {"text": text, "base": "0", "title": "", "entry": entry})
            return answer.status, answer.text

        with ThreadPoolExecutor(len(texts)) as pool:
            answers = list(pool.map(save, texts))
        assert Counter(status for status, _ in answers) == {302: 1, 409: 19}
        winner = next(text for text, (status, _) in zip(texts, answers, strict=True) if status == 302)
        for text, (status, page) in zip(texts, answers, strict=True):
            if status == 409:
                assert (past(page), box(page)) == (winner, text)
                assert 'name="base" value="1"' in page
        stands = path if path == "/journal/2/" else f"/journal/pages/{UUID(entry)}/"
        assert box(browser.get(stands).text) == winner
        assert browser.get(f"{stands}history/2/").status == 404
