"""Past one machine: two sites behind nginx on PostgreSQL and Redis, and each of them killed while people write."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPException
from uuid import UUID

import pytest

from journal import throttle
from tests.attack.deeds import NEW, OLD
from tests.attack.machines import Machines, running
from tests.attack.web import box, past, until
from tools.visitor import Browser

pytestmark = pytest.mark.attack
LIMIT = throttle.TRIES_AT_ONE_NAME_FROM_ONE_NETWORK
WRITERS = 4


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    with running(tmp_path_factory.mktemp("machines")) as both:
        yield both


def join(browser: Browser, name: str) -> Browser:
    assert browser.post("/join/", {"username": name, "password": OLD}).key
    return browser


class Writer:
    """Somebody with a page of their own, who writes until told to stop, and presses Save until it is saved."""

    def __init__(self, browser: Browser, number: int) -> None:
        self.browser, self.entry = browser, f"{number + 1:032x}"
        self.saved: list[str] = []
        self.met: Counter[object] = Counter()

    def write(self, over: threading.Event) -> None:
        while not over.is_set():
            base = len(self.saved)
            text = f"{self.entry} {base} " + "word " * (base % 300) + "end"
            path = f"/journal/pages/{UUID(self.entry)}/" if base else "/journal/pages/new/"
            self._save(path, {"text": text, "title": "", "base": str(base), "entry": self.entry})
            self.saved.append(text)

    def _save(self, path: str, fields: dict[str, str]) -> None:
        for _ in range(1000):
            try:
                answer = self.browser.post(path, fields)
            except (OSError, HTTPException) as error:
                self.met[type(error)] += 1
                continue
            self.met[answer.status] += 1
            if answer.status == 302:
                return
            assert answer.status in {502, 503, 504}, answer.text  # 502 and 504 are the proxy's
            if answer.status == 503:
                assert box(answer.text) == fields["text"]
            time.sleep(0.05)
        raise AssertionError("It could not be saved in the end.")

    def versions(self) -> list[str]:
        path = f"/journal/pages/{UUID(self.entry)}/history/"
        assert f"{len(self.saved)} versions, newest first." in self.browser.get(path).text
        return [past(self.browser.get(f"{path}{number + 1}/").text) for number in range(len(self.saved))]


@contextmanager
def at_work(machines: Machines, name: str, guide: Counter[int]) -> Iterator[list[Writer]]:
    """Have people write and others read the guide until the block ends, which then waits for the last save."""
    browser = join(machines.browser(), name)
    writers = [Writer(browser.twin(), number) for number in range(WRITERS)]
    over = threading.Event()

    def read() -> None:
        while not over.is_set():
            guide[machines.browser().get("/").status] += 1

    with ThreadPoolExecutor(WRITERS + 1) as pool:
        waiting = [pool.submit(writer.write, over) for writer in writers] + [pool.submit(read)]
        try:
            yield writers
        finally:
            over.set()
        for each in waiting:
            each.result()


def go_on(writers: list[Writer], saves: int = 3) -> None:
    """Wait until everybody has saved some more."""
    wanted = [len(writer.saved) + saves for writer in writers]
    until(lambda: all(len(writer.saved) >= most for writer, most in zip(writers, wanted, strict=True)))


def test_whatever_is_killed_no_save_is_lost_or_doubled_and_the_guide_stays_up(machines: Machines) -> None:
    guide: Counter[int] = Counter()
    with at_work(machines, "carol", guide) as writers:
        go_on(writers)
        machines.sites[0].kill()
        go_on(writers)
        machines.sites[0].start()
        go_on(writers)
        machines.restart_database()
        go_on(writers)
        machines.cache.kill()
        go_on(writers)
        machines.cache.start()
        machines.sites[1].kill()
        machines.restart_database()
        machines.sites[1].start()
        go_on(writers)
    assert set(guide) == {200}
    assert sum(writer.met[503] for writer in writers) > 0
    for writer in writers:
        assert writer.versions() == writer.saved


def test_while_the_database_is_away_a_page_gives_the_text_back_and_later_it_is_saved_at_once(
    machines: Machines,
) -> None:
    browsers = [join(machines.browser(0), "dora"), join(machines.browser(1), "dan")]
    fields = {"text": "written meanwhile", "base": "0"}
    machines.database.stop()
    try:
        for browser in browsers:
            answer = browser.post("/journal/2/", fields)
            assert (answer.status, box(answer.text)) == (503, "written meanwhile")
            page, door = browser.get("/journal/"), browser.post("/sign-in/", {"username": "dora", "password": OLD})
            assert [(each.status, each.headers["Retry-After"]) for each in (page, door)] == [(503, "5")] * 2
            assert [browser.get(path).status for path in ("/", "/help/", "/es/")] == [200] * 3
    finally:
        machines.database.start()
    for browser in browsers:
        assert browser.post("/journal/2/", fields).status == 302
        assert box(browser.get("/journal/2/").text) == "written meanwhile"


def test_the_first_requests_after_the_database_came_back_are_answered(machines: Machines) -> None:
    """Each thread of each process holds a connection that is dead by then."""
    browsers = [join(machines.browser(number), f"emil{number}") for number in range(2)] * 8

    def look(browser: Browser) -> int:
        return browser.twin().get("/journal/").status

    with ThreadPoolExecutor(len(browsers)) as pool:
        for _ in range(3):
            assert list(pool.map(look, browsers)) == [200] * len(browsers)
            machines.restart_database()
            assert list(pool.map(look, browsers)) == [200] * len(browsers)


def tries(machines: Machines, name: str, count: int) -> Counter[int]:
    """Wrong tries at a name, from one network, at the same time and in turn at both machines."""
    browsers = [machines.browser(number, network="198.51.100.7") for number in range(2)]
    for browser in browsers:
        browser.get("/sign-in/")

    def attempt(number: int) -> int:
        fields = {"username": name, "password": "not the password"}
        return browsers[number % 2].twin().post("/sign-in/", fields).status

    with ThreadPoolExecutor(8) as pool:
        return Counter(pool.map(attempt, range(count)))


def until_closed(machines: Machines, name: str) -> int:
    """Try 30 times at once, then go on: what a busy server gave back may be used up. Return how many were tried."""
    found = tries(machines, name, 30)
    while found[503]:
        found = tries(machines, name, 2) + Counter({422: found[422], 429: found[429]})
    assert set(found) <= {422, 429, 503}
    return found[422]


def test_both_machines_count_tries_together_whether_redis_is_there_is_killed_or_comes_back_empty(
    machines: Machines,
) -> None:
    for name in ("fay", "finn", "flo"):
        join(machines.browser(), name)
    assert until_closed(machines, "fay") == LIMIT
    assert machines.cache.client().dbsize() > 0
    killing = threading.Timer(0.2, machines.cache.kill)
    killing.start()
    assert until_closed(machines, "finn") == LIMIT
    killing.join()
    assert until_closed(machines, "flo") == LIMIT
    machines.cache.start()  # empty
    for name in ("fay", "finn", "flo"):
        assert tries(machines, name, 4) == {429: 4}


def test_a_new_password_on_one_machine_ends_sessions_on_the_other(machines: Machines) -> None:
    here, there = join(machines.browser(0), "gus"), machines.browser(1)
    assert there.post("/sign-in/", {"username": "gus", "password": OLD}).status == 302
    assert there.get("/journal/").status == 200
    assert here.post("/account/password/", {"password": OLD, "new_password": NEW}).status == 200
    left = there.get("/journal/")
    assert (left.status, left.location.partition("?")[0]) == (302, "/sign-in/")
    assert there.post("/sign-in/", {"username": "gus", "password": OLD}).status == 422
    assert there.post("/sign-in/", {"username": "gus", "password": NEW}).status == 302


PUBLISH = """
from guide.models import Page
page = Page.objects.get(slug="about", original=None)
page.body += "\\n\\nNews from the first machine."
page.save()
page.publish()
"""


def test_what_is_published_on_one_machine_is_there_on_the_other(machines: Machines) -> None:
    machines.sites[0].manage("shell", "-c", PUBLISH)
    for number in range(2):
        until(lambda number=number: "News from the first machine." in machines.browser(number).get("/about/").text)
