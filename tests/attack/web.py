"""The real server in processes of its own, and a small browser: cookies, forms, nothing else."""

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
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

from tests.attack.conftest import ROOT, environment
from tests.attack.deeds import KEY

HTML = "application/x-www-form-urlencoded"


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def location(self) -> str:
        return self.headers.get("Location", "")

    @property
    def key(self) -> str:
        """The recovery key that the page shows."""
        found = KEY.search(self.text)
        assert found, self.status
        return found[1]


@dataclass
class Browser:
    """Keeps cookies, and sends the token with each form. Raises `OSError` or `HTTPException` if it is cut off."""

    port: int
    headers: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)
    timeout: float = 60.0

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, None, headers)

    def post(self, path: str, fields: dict[str, str] | bytes, **headers: str) -> Answer:
        if "csrf" not in self.cookies:
            self.get("/sign-in/")
        token = urlencode({"csrfmiddlewaretoken": self.cookies["csrf"]}).encode()
        body = fields if isinstance(fields, bytes) else urlencode(fields).encode()
        return self.ask("POST", path, token + b"&" + body, {"Content-Type": HTML, **headers})

    def ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
        try:
            cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            sent = {**self.headers, **headers, **({"Cookie": cookies} if cookies else {})}
            connection.request(method, path, body, sent)
            response = connection.getresponse()
            answer = Answer(response.status, response.headers, response.read())
        finally:
            connection.close()
        for line in answer.headers.get_all("Set-Cookie", []):
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
                if not morsel.value:
                    del self.cookies[name]
        return answer

    def twin(self) -> "Browser":
        """Another one with the same cookies: a second tab, or a thief."""
        return Browser(self.port, dict(self.headers), dict(self.cookies))


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
