"""A PostgreSQL server in a temporary folder, for tests and benches, and databases on it.

``python -m tools.postgres COMMAND…`` runs a command with ``DATABASE_URL`` set, and returns its exit code.
"""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.parse import urlsplit

import psycopg

from tools.ports import free_port

SECONDS = 60  # to wait for the server
USER = "postgres"  # of the database, and, for root, of the system: the server refuses root
QUICK = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_wal_size": "64MB"}


@dataclass
class Postgres:
    """The running server: where its files are, and how it is reached."""

    bin: Path
    folder: Path
    port: int
    password: str
    settings: dict[str, str]
    server: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"postgres://{USER}:{self.password}@127.0.0.1:{self.port}/postgres"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def start(self) -> None:
        """Serve, and return when it answers. Raises `RuntimeError` with its log if it does not start."""
        settings = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", **self.settings}
        options = [f"--{name}={value}" for name, value in settings.items()]
        command = [*_as_nobody(), str(self.bin / "postgres"), "-D", str(self.data), "-p", str(self.port), *options]
        with (self.folder / "log.txt").open("a") as log:
            self.server = subprocess.Popen(command, stdout=log, stderr=log, cwd="/")  # noqa: S603 - our own command
        for _ in range(SECONDS * 10):
            if self.server.poll() is not None:
                break
            try:
                psycopg.connect(self.url, connect_timeout=5).close()
            except psycopg.OperationalError:
                time.sleep(0.1)
            else:
                return
        raise RuntimeError(f"PostgreSQL did not start.\n{(self.folder / 'log.txt').read_text()}")

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it: by SIGINT in order, by SIGQUIT as a crash would, which the next start has to mend."""
        if self.server and self.server.poll() is None:
            self.server.send_signal(how)
            try:
                self.server.wait(timeout=SECONDS)
            except subprocess.TimeoutExpired:
                self.server.kill()
                self.server.wait()


@contextmanager
def serve(*, durable: bool = False) -> Iterator[Postgres]:
    """Serve an empty cluster on a free port of 127.0.0.1 until the block ends; then nothing of it is left.

    Only with ``durable`` does it wait for the disk, as a real one does. Raises `RuntimeError` if there is no server.
    """
    bin = find()
    folder = Path(tempfile.mkdtemp(prefix="either-way-postgres-"))
    try:
        password = folder / "password"
        password.write_text(secrets.token_urlsafe())
        if os.geteuid() == 0:
            for path in (folder, password):
                shutil.chown(path, USER)
        command = [str(bin / "initdb"), "-D", str(folder / "data"), "-U", USER, "-E", "UTF8", "--locale=C"]
        command += ["-A", "scram-sha-256", f"--pwfile={password}", "--no-sync"]
        subprocess.run([*_as_nobody(), *command], check=True, stdout=subprocess.DEVNULL, cwd="/")  # noqa: S603
        running = Postgres(bin, folder, free_port(), password.read_text(), {} if durable else QUICK)
        try:
            running.start()
            yield running
        finally:
            running.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def database(server: str) -> Iterator[str]:
    """Make an empty database on a server, by the address of another; yield its address, and drop it at the end."""
    name = f"site_{secrets.token_hex(6)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    try:
        yield urlsplit(server)._replace(path=f"/{name}").geturl()
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def find() -> Path:
    """Return the folder of Debian's newest server. Raises `RuntimeError` if there is none."""
    found = [file.parent for file in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if not found:
        raise RuntimeError("PostgreSQL’s server is needed. On Debian and Ubuntu: apt-get install postgresql")
    return max(found, key=lambda folder: int(folder.parent.name))


def _as_nobody() -> list[str]:
    """Return what a command begins with so that it is not root's, and ends with the process that started it."""
    drop = ["--reuid", USER, "--regid", USER, "--clear-groups"] if os.geteuid() == 0 else []
    return ["setpriv", *drop, "--pdeathsig", "INT"]


def _end(number: int, frame: FrameType | None) -> Any:
    raise SystemExit(128 + number)


def main(*command: str) -> int:
    signal.signal(signal.SIGTERM, _end)
    try:
        with serve() as server:
            return subprocess.run(command, env={**os.environ, "DATABASE_URL": server.url}, check=False).returncode  # noqa: S603
    except RuntimeError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
