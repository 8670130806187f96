"""A site of its own on the real server, with a database of its own, and the browser to look at it with.

The database is SQLite's, or, where `DATABASE_URL` names a PostgreSQL server, a new one there.

Tests, pictures and benches stand on it.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tools import postgres
from tools.ports import free_port

ROOT = Path(__file__).parent.parent
SECONDS = 60  # to wait for the server: it makes a database first


@dataclass
class Site:
    """The running site: where it is, where its data is, what it said, and what else `serve` is told."""

    url: str
    data: Path
    env: dict[str, str]
    log: Path
    words: tuple[str, ...] = ()
    root: Path = ROOT  # of the code that it runs
    server: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """Serve, and return when it answers. Raises `RuntimeError` as `wait` does."""
        with self.log.open("a") as out:
            command = [sys.executable, "manage.py", "serve", *self.words]
            # A group of its own, so that its workers can be killed with it.
            self.server = subprocess.Popen(  # noqa: S603 - our own command
                command, cwd=self.root, env=self.env, stdout=out, stderr=out, start_new_session=True
            )
        self.wait()

    def wait(self) -> None:
        """Return when it answers. Raises `RuntimeError` with the log if it does not, or has ended."""
        assert self.server is not None  # noqa: S101 - it was started
        for _ in range(SECONDS * 10):
            if self.server.poll() is not None:
                break
            try:
                urllib.request.urlopen(f"{self.url}/robots.txt", timeout=5).close()  # noqa: S310 - our own server
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise RuntimeError(f"The site does not answer.\n{self.log.read_text()}")

    def workers(self) -> list[int]:
        """The processes that answer requests, the oldest first."""
        found = []
        for pid in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split():
            with suppress(FileNotFoundError, ProcessLookupError):  # it has just ended
                state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                if state[0] != "Z" and b"resource_tracker" not in Path(f"/proc/{pid}/cmdline").read_bytes():
                    found.append((int(state[19]), int(pid)))
        return [pid for _, pid in sorted(found)]

    @property
    def port(self) -> int:
        return int(self.env["PORT"])

    @property
    def pid(self) -> int:
        assert self.server is not None  # noqa: S101 - it was started
        return self.server.pid

    def stop(self) -> None:
        if self.server:
            self.server.terminate()
            try:
                self.server.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """End it as a power cut would."""
        if self.server:
            os.killpg(self.server.pid, signal.SIGKILL)
            self.server.wait(timeout=20)

    def manage(self, *words: str, given: str = "") -> str:
        command = [sys.executable, "manage.py", *words]
        return subprocess.run(  # noqa: S603 - our own command
            command, cwd=self.root, env=self.env, input=given, text=True, check=True, capture_output=True
        ).stdout


@contextmanager
def serve(data: Path, root: Path = ROOT, **settings: str) -> Iterator[Site]:
    """Serve a new site from a folder until the block ends, with the code of `root`.

    Raises `RuntimeError` with its log if it does not start.
    """
    port = free_port()
    env = {**os.environ, "DATA_DIR": str(data / "var"), "PORT": str(port), "TMPDIR": str(data)}
    env["DJANGO_SETTINGS_MODULE"] = "config.settings"
    # Leads to a page of ours, so that nobody here asks a stranger's server for anything.
    env |= {"EXIT_URL": f"http://localhost:{port}/robots.txt", **settings}
    site = Site(f"http://127.0.0.1:{port}", data, env, data / "log.txt", root=root)
    with ExitStack() as after:
        if env.get("DATABASE_URL", "").startswith("postgres"):
            env["DATABASE_URL"] = after.enter_context(postgres.database(env["DATABASE_URL"]))
        after.callback(site.stop)
        site.start()
        yield site


def chromium() -> str:
    """Return where Chromium is. Raises `RuntimeError` if there is none."""
    names = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    for name in names:
        if name and (path := shutil.which(name)):
            return path
    raise RuntimeError("Chromium is needed: `make test` finds or installs it.")
