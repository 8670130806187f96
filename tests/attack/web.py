"""The real server in processes of its own."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.attack.conftest import ROOT, environment
from tools.visitor import Browser


@dataclass
class Server:
    port: int
    process: subprocess.Popen[bytes]
    log: Path

    def browser(self, **headers: str) -> Browser:
        return Browser(self.port, headers)

    def join(self, name: str, password: str, **headers: str) -> tuple[Browser, str]:
        """Somebody new: their browser, signed in and unlocked, and their recovery key."""
        browser = self.browser(**headers)
        return browser, browser.post("/join/", {"username": name, "password": password}).key

    def workers(self) -> list[int]:
        """The processes that answer requests, the oldest first."""
        found: list[tuple[int, int]] = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                words = stat.read_text().rpartition(")")[2].split()
                tracker = b"resource_tracker" in (stat.parent / "cmdline").read_bytes()
                if int(words[1]) == self.process.pid and words[0] != "Z" and not tracker:
                    found.append((int(words[19]), int(stat.parent.name)))
            except (FileNotFoundError, ProcessLookupError):
                continue
        return [pid for _, pid in sorted(found)]


@contextmanager
def serving(data: Path, *words: str, **env: str) -> Iterator[Server]:
    """Run the site as `make run` does, on a port of its own, until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = data.with_name(f"{data.name}-log.txt")
    command = [sys.executable, "manage.py", "serve", *words]
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment(data, PORT=str(port), **env), stdout=out, stderr=out
        )
    server = Server(port, process, log)
    try:
        wait_for(server)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            for pid in [*server.workers(), process.pid]:
                os.kill(pid, signal.SIGKILL)
            process.wait()


def wait_for(server: Server) -> None:
    for _ in range(600):
        assert server.process.poll() is None, server.log.read_text()
        try:
            if server.browser().get("/robots.txt").status == 200:
                return
        except (OSError, http.client.HTTPException):
            pass
        time.sleep(0.1)
    raise AssertionError(server.log.read_text())


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
