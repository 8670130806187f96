"""The real server in processes of its own, with a folder of data that was prepared, and what stands on its pages."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.attack.conftest import environment
from tools.ports import free_port
from tools.site import Site
from tools.visitor import Browser


class Server(Site):
    def browser(self, **headers: str) -> Browser:
        return Browser(self.port, headers)

    def join(self, name: str, password: str, **headers: str) -> tuple[Browser, str]:
        """Somebody new: their browser, signed in and unlocked, and their recovery key."""
        browser = self.browser(**headers)
        return browser, browser.post("/join/", {"username": name, "password": password}).key


@contextmanager
def serving(data: Path, *words: str, **env: str) -> Iterator[Server]:
    """Run the site as `make run` does, on a port of its own, until the block ends."""
    port = free_port()
    log = data.with_name(f"{data.name}-log.txt")
    server = Server(f"http://127.0.0.1:{port}", data, environment(data, PORT=str(port), **env), log, words)
    try:
        server.start()
        yield server
    finally:
        server.stop()


def until(holds: Callable[[], bool]) -> None:
    for _ in range(1200):
        if holds():
            return
        time.sleep(0.05)
    raise AssertionError("It did not come to that within a minute.")


def box(text: str) -> str:
    """The text in the writing box of a page, without undoing its escapes."""
    found = re.search(r'<textarea id="id_text"[^>]*>\n(.*?)</textarea>', text, re.DOTALL)
    assert found
    return found[1]


def past(text: str) -> str:
    """The text of a version, on the page that shows it or beside the box after a clash."""
    found = re.search(r'<div class="past words" dir="auto">(.*?)</div>', text, re.DOTALL)
    assert found, text
    return found[1]
