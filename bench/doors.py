"""What a sign-in costs, and what it costs the readers beside it."""

import statistics
import threading
import time
from collections.abc import Callable
from http.client import HTTPConnection

from argon2.low_level import Type, hash_secret_raw

from bench.guide import PAGE
from bench.measuring import ROUNDS, Figure, in_turns, milliseconds
from tools.site import Site
from tools.visitor import Browser

PASSWORD = "seven quiet herons at dawn"
PEOPLE = 20
COST = {"time_cost": 3, "memory_cost": 64 * 1024, "parallelism": 1, "hash_len": 32, "type": Type.ID}
READS, SECONDS_BETWEEN = 600, 0.01


def figures(site: Site) -> list[Figure]:
    names = [f"person-{number}" for number in range(PEOPLE)]
    for name in names:
        browser(site).post("/join/", {"username": name, "password": PASSWORD})
    return [*alone(site, names), beside_readers(site, names)]


def browser(site: Site) -> Browser:
    return Browser(site.port)


def sign_in(visitor: Browser, name: str, password: str = PASSWORD) -> int:
    return visitor.post("/sign-in/", {"username": name, "password": password}).status


def alone(site: Site, names: list[str]) -> list[Figure]:
    """One person at a time, each round another: ten wrong tries at a name close its door."""
    visitors = [(browser(site), name) for name in names]
    for visitor, _ in visitors:
        visitor.get("/sign-in/")  # the token of the form

    def right() -> None:
        assert sign_in(*visitors.pop()) == 302

    def wrong() -> None:
        assert sign_in(*visitors.pop(), PASSWORD[1:]) == 422

    def bare() -> None:
        hash_secret_raw(PASSWORD.encode(), b"s" * 16, **COST)

    took = in_turns({what.__name__: milliseconds(what) for what in (bare, right, wrong)}, 6)
    made = f"{took['right']:.0f} / {took['bare']:.0f} ms"
    return [
        Figure("P9", "sign-in / a bare Argon2id hash", took["right"] / took["bare"], "<= 1.05", made),
        Figure(
            "P9", "wrong password / right", took["wrong"] / took["right"], "0.97 to 1.03", f"{took['wrong']:.0f} ms"
        ),
    ]


def beside_readers(site: Site, names: list[str]) -> Figure:
    """How late the latest hundredth of a reader's pages comes, while 20 people sign in and when nobody does."""
    idle = read(site, lambda: True)
    crowds = [crowd(site, names) for _ in range(ROUNDS)]  # a read or two each time is the latest hundredth
    busy = statistics.median(late for late, _ in crowds)
    asked = sum(refused for _, refused in crowds)
    made = f"{busy:.1f} / {idle:.1f} ms; asked to wait: {asked} times of {ROUNDS * PEOPLE}"
    return Figure("P10", f"guide p99 while {PEOPLE} people sign in / nobody does", busy / idle, "<= 3", made)


def crowd(site: Site, names: list[str]) -> tuple[float, int]:
    """Let all of them sign in at once; returns how late a reader's page was, and how often they were asked to wait."""
    refused: list[int] = []
    doors = [threading.Thread(target=lambda name=name: refused.append(come_in(site, name))) for name in names]
    for door in doors:
        door.start()
    late = read(site, lambda: any(door.is_alive() for door in doors))
    for door in doors:
        door.join()
    return late, sum(refused)


def come_in(site: Site, name: str) -> int:
    """Sign in, again if the site is busy; returns how often it was."""
    visitor, refused = browser(site), 0
    while sign_in(visitor, name) == 503:
        refused += 1
    return refused


def read(site: Site, goes_on: Callable[[], bool]) -> float:
    """Read a page again and again, as readers come: not faster for a server that is fast. Returns the p99 in ms."""
    took = []
    connection = HTTPConnection("127.0.0.1", site.port)
    while len(took) < READS and goes_on():
        began = time.perf_counter()
        connection.request("GET", PAGE, headers={"Accept-Encoding": "gzip"})
        connection.getresponse().read()
        took.append((time.perf_counter() - began) * 1000)
        time.sleep(SECONDS_BETWEEN)
    return statistics.quantiles(took, n=100)[98]
