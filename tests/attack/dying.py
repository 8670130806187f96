"""Performs a deed in processes that kill themselves after their first write, their second, and so on.

``python -m tests.attack.dying DEED [POINTS]`` in a data folder that `deeds.prepare` filled. One warm process
forks for each point; another fork looks at what is left. One line of JSON for each point on standard output.
"""

import hashlib
import json
import os
import random
import secrets
import shutil
import signal
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

import django
from django.conf import settings
from django.db import connection

DATA = Path(os.environ["DATA_DIR"])
WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE", "PRAGMA WAL_CHECKPOINT")


class Fuse:
    """Counts the writes of this process, and kills it at the one that was named."""

    def __init__(self, point: int, pipe: int) -> None:
        self.left, self.count, self.pipe = point, 0, pipe

    def burn(self, where: str) -> None:
        self.count += 1
        if self.count == self.left:
            self.tell("killed", where)
            os.kill(os.getpid(), signal.SIGKILL)

    def tell(self, kind: str, what: Any) -> None:
        os.write(self.pipe, json.dumps([kind, what]).encode() + b"\n")

    def around(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        result = execute(sql, params, many, context)
        if sql.upper().startswith(WRITES):
            self.burn(f"after {' '.join(sql.split()[:3])}")
        return result


class Connection(sqlite3.Connection):
    """A real connection whose commits are counted too: Django runs no statement for them."""

    fuse: Fuse | None = None

    def commit(self) -> None:
        real = self.in_transaction
        if real and self.fuse:
            self.fuse.burn("before COMMIT")
        super().commit()
        if real and self.fuse:
            self.fuse.burn("after COMMIT")


def restore() -> None:
    for file in DATA.glob("db.sqlite3*"):
        file.unlink()
    shutil.copy(DATA / "prepared.sqlite3", DATA / "db.sqlite3")


def forked(work: Callable[[int], None], *, kill_after: float | None = None) -> tuple[bool, list[list[Any]]]:
    """Run ``work`` in a process of its own. Returns whether it was killed, and the lines that it wrote."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        _end_with(work, writer)
    os.close(writer)
    if kill_after is not None:
        time.sleep(kill_after)
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    with os.fdopen(reader) as lines:
        told = [json.loads(line) for line in lines]
    _, status = os.waitpid(pid, 0)
    killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    assert killed or status == 0, told
    return killed, told


def _end_with(work: Callable[[int], None], writer: int) -> NoReturn:
    code = 1
    try:
        work(writer)
        connection.close()
        code = 0
    finally:
        if code:
            sys.excepthook(*sys.exc_info())
        os._exit(code)


def dying(deed: Callable[[Any], Any], state: Any, point: int) -> Callable[[int], None]:
    def work(pipe: int) -> None:
        fuse = Fuse(point, pipe)
        Connection.fuse = fuse
        draw = secrets.token_bytes

        def drawn(size: int) -> bytes:
            value = draw(size)
            if size == 16:
                fuse.tell("drew", value.hex())
            return value

        secrets.token_bytes = drawn  # real randomness, and a note of it: which key was made is seen nowhere else
        with connection.execute_wrapper(fuse.around):
            response = deed(state)
        assert response.status_code in {200, 302}, (response.status_code, response.content)
        fuse.tell("writes", fuse.count)

    return work


def rows() -> str:
    """A fingerprint of every row, as a fresh connection finds them after the log was played back."""
    with closing(sqlite3.connect(DATA / "db.sqlite3")) as fresh:
        assert fresh.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        tables = fresh.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'guide_%'")
        digest = hashlib.sha256()
        for (table,) in tables.fetchall():
            digest.update(repr((table, fresh.execute(f'SELECT * FROM "{table}"').fetchall())).encode())
    return digest.hexdigest()


def looking(survey: Callable[..., Any], name: str, state: Any, told: list[list[Any]]) -> dict[str, Any]:
    drawn = [what for kind, what in told if kind == "drew"]

    def work(pipe: int) -> None:
        Fuse(0, pipe).tell("seen", survey(name, state, drawn))

    return dict(forked(work)[1])["seen"]


def points(words: list[str], count_writes: Callable[[], int]) -> Iterator[int]:
    """Every point, or the first, the last, and each so-manieth between."""
    if not words:
        yield from range(1, 10_000)
        return
    step, total = int(words[0]), count_writes()
    yield from sorted({*range(1, 6), *range(6, total - 12, step), *range(total - 12, total + 2)})


def warm_up(deed: Callable[[Any], Any], survey: Callable[..., Any], state: Any) -> None:
    """Have this process compile its templates and render the guide once, and leave no connection open for its forks."""
    cost = settings.JOURNAL_KDF_COST
    for work in (deed, lambda state: survey("save", state, [])):
        restore()
        work(state)
        connection.close()
    settings.JOURNAL_KDF_COST = cost


def main(name: str, *words: str) -> None:
    deeds, survey = import_module("tests.attack.deeds"), import_module("tests.attack.survey").survey
    if name == "prepare":
        deeds.prepare(int(words[0]))
        connection.close()
        (DATA / "db.sqlite3").rename(DATA / "prepared.sqlite3")
        return
    state = json.loads((DATA / "state.json").read_text())
    warm_up(deeds.DEEDS[name], survey, state)

    def run(point: int, kill_after: float | None = None) -> tuple[bool, list[list[Any]]]:
        restore()
        return forked(dying(deeds.DEEDS[name], state, point), kill_after=kill_after)

    surveyed: dict[str, Any] = {}  # many a point leaves the very rows that an earlier one left

    def report(killed: bool, told: list[list[Any]], **more: Any) -> None:
        where = next((what for kind, what in told if kind == "killed"), "")
        left = rows()
        if left not in surveyed:
            surveyed[left] = looking(survey, name, state, told)
        line = {"killed": killed, "where": where, **more, "seen": surveyed[left]}
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()

    if words[:1] == ("random",):
        begun = time.monotonic()
        run(0)
        whole = time.monotonic() - begun
        for _ in range(int(words[1])):
            report(*run(0, kill_after=random.uniform(0, whole)))
        return
    for point in points(list(words), lambda: dict(run(0)[1])["writes"]):
        killed, told = run(point)
        report(killed, told, point=point)
        if not killed:
            break


if __name__ == "__main__":
    django.setup()
    connection.settings_dict["OPTIONS"] = {**settings.DATABASES["default"]["OPTIONS"], "factory": Connection}
    main(*sys.argv[1:])
