"""Two hundred wrong tries at the same time, at the real server and at the real price of a hash."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from journal import throttle
from journal.crypto import new_recovery_key, write_recovery_key
from tests.attack.deeds import NEW, OLD
from tests.attack.web import Server, serving
from tools.visitor import Browser

pytestmark = pytest.mark.attack
WORKERS, TRIES, MIB = 2, 200, 2**20
ONE_HASH = 64 * MIB
SLACK = 64 * MIB  # templates, threads and two hundred requests; one hash too many at once would show beside it
LIMIT = throttle.TRIES_AT_ONE_NAME_FROM_ONE_NETWORK
Try = Callable[[], int]


def resident(server: Server) -> int:
    """Bytes of memory that all workers hold at this moment."""
    pages = [int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in server.workers()]
    return sum(pages) * 4096


@contextmanager
def watched(server: Server, seen: dict[str, list[float]]) -> Iterator[None]:
    """Sample the memory, and go on reading the guide, until the block ends."""
    over = threading.Event()

    def sample() -> None:
        while not over.wait(0.02):
            seen["memory"].append(resident(server))

    def read() -> None:
        while not over.is_set():
            begun = time.monotonic()
            seen["guide"].append(server.browser().get("/").status)
            seen["waited"].append(time.monotonic() - begun)

    threads = [threading.Thread(target=work) for work in (sample, read)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


def wrong_tries(server: Server) -> dict[str, Try]:
    """One wrong try at each door: each at the name of somebody else, from a network of its own."""
    place = {name: {"X-Forwarded-For": f"203.0.113.{number}"} for number, name in enumerate(("sign", "lock", "key"))}
    (signing, _), (locked, _), (keyed, _) = (server.join(name, OLD, **place[name]) for name in place)
    locked.post("/lock/", {})

    def post(browser: Browser, path: str, **fields: str) -> int:
        return browser.twin().post(path, fields).status

    def unlock() -> int:
        return post(locked, "/unlock/", password="not the password")

    def sign_in() -> int:
        signing.cookies.pop("session", None)
        return post(signing, "/sign-in/", username="sign", password="not the password")

    def recover() -> int:
        key = write_recovery_key(new_recovery_key())
        keyed.cookies.pop("session", None)
        return post(keyed, "/recover/", username="key", recovery_key=key, new_password=NEW)

    return {"sign-in": sign_in, "unlock": unlock, "recover": recover}


def unknown(server: Server, number: int) -> int:
    """A try at a name nobody has, from a network that nobody else uses: no counter stops it, each costs a hash."""
    browser = server.browser(**{"X-Forwarded-For": f"198.51.{number}.1"})
    return browser.post("/sign-in/", {"username": f"nobody{number}", "password": "not the password"}).status


def test_two_hundred_tries_at_once_fill_no_memory_pass_no_limit_and_stop_no_reader(
    prepared: Callable[[int], Path],
) -> None:
    seen: dict[str, list[float]] = {"memory": [], "guide": [], "waited": []}
    with serving(prepared(9), "--workers", str(WORKERS), REAL_COST="1", TRUSTED_PROXIES="1") as server:
        doors = wrong_tries(server)
        base = resident(server)
        with watched(server, seen), ThreadPoolExecutor(TRIES) as pool:
            waiting = {name: [pool.submit(door) for _ in range(TRIES // 4)] for name, door in doors.items()}
            waiting["unknown"] = [pool.submit(unknown, server, number) for number in range(TRIES // 4)]
            answers = {name: Counter(each.result() for each in tries) for name, tries in waiting.items()}
        for name, door in doors.items():
            answers[name] += until_closed(door)
        assert server.server is not None
        assert server.server.poll() is None
        assert "Traceback" not in server.log.read_text()
    assert {status for each in answers.values() for status in each} <= {422, 429, 503}
    for name in doors:  # what a busy server refused was counted too, and may be given back too late to be used
        assert answers[name][422] <= LIMIT <= answers[name][422] + answers[name][503], (name, answers)
    assert max(seen["memory"]) < base + WORKERS * throttle.HASHES_AT_ONCE * ONE_HASH + SLACK
    assert max(seen["memory"]) > base + ONE_HASH / 2  # so hashes were seen at all
    assert len(seen["guide"]) >= 5
    assert set(seen["guide"]) == {200}


def until_closed(door: Try) -> Counter[int]:
    """Go on trying, one after the other, until the door is closed: what a busy server gave back may be used up."""
    answers: Counter[int] = Counter()
    while not answers[429]:
        answers[door()] += 1
    return answers
