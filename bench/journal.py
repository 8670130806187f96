"""How a journal grows: one of 100 entries of 2 KB beside one of 10,000; and what is done with all of them at once.

In this process, through Django's test client, on a database of its own (`DATABASE_URL` names another). Each measure
stands beside the least that could be done, as bare code.
"""

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import django
from django.core.management import call_command
from django.test import Client

from bench.measuring import Figure, in_turns, milliseconds, say
from bench.peers import jrnl

PASSWORD = "seven quiet herons at dawn"
TEXT = "Two evenings a week. I would give up the late shift for it. " * 34  # some 2 KB
FEW, MANY, LOCKED, MOST_OF_A_FILE = 100, 10_000, 1_000, 5_000
BATCH = 500
NOTHING = "/journal/export/open/"  # a signed-in request that asks the database for nothing of its own

Row = tuple[bytes, bytes, bytes]  # an entry's id, its sealed head and body


def set_up(folder: Path) -> None:
    """Make a site in a folder, and run as its server does."""
    os.environ |= {"DATA_DIR": str(folder / "journals"), "DJANGO_SETTINGS_MODULE": "config.settings"}
    django.setup()
    call_command("migrate", verbosity=0)
    call_command("load_guide", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    import config.wsgi  # noqa: F401, PLC0415 - it sets how long a thread keeps Python for itself


def figures(folder: Path, peers: Path) -> list[Figure]:
    set_up(folder)
    few, many = Journal(FEW), Journal(MANY)
    return [
        *lists(few, many),
        *searching(few, many),
        *against_jrnl(folder, peers),
        saving(few, folder),
        exporting(many),
        importing(),
        rotating(many),
    ]


class Journal:
    """Somebody with a number of pages, and their browser, signed in."""

    def __init__(self, count: int) -> None:
        from journal import accounts, entries  # noqa: PLC0415 - when the settings are there
        from journal.models import Revision  # noqa: PLC0415

        self.user, _ = accounts.join(f"person-{uuid4().hex[:8]}", PASSWORD)
        self.vault: Any = self.user.vault
        self.rows: list[Row] = []
        for number in range(count):
            entry = uuid4()
            when = f"2026-{1 + number % 9:02}-{1 + number % 28:02}T08:00:00-05:00"
            head = entries.Head("page", title=f"Page {number}", written=when, zone="America/New_York")
            self.rows.append((entry.bytes, *self.sealed(entry.bytes, entries.encode(head), TEXT.encode())))
        keyring = UUID(bytes=self.vault.id)
        stored = (Revision(keyring_id=keyring, entry=UUID(bytes=e), number=1, head=h, body=b) for e, h, b in self.rows)
        Revision.objects.bulk_create(stored, batch_size=BATCH)
        self.client = Client(headers={"host": "127.0.0.1"})
        self.client.post("/sign-in/", {"username": self.user.username, "password": PASSWORD})

    def sealed(self, entry: bytes, head: bytes, body: bytes) -> tuple[bytes, bytes]:
        place: dict[str, Any] = {"entry": entry, "revision": 1}
        return self.vault.seal_head(head, **place), self.vault.seal_body(body, **place)

    def get(self, path: str) -> Callable[[], None]:
        def ask() -> None:
            assert self.client.get(path).status_code == 200, path

        return ask

    def stored(self, *columns: str) -> Iterator[tuple[Any, ...]]:
        """Columns of every version, by one bare query."""
        from django.db import connection  # noqa: PLC0415

        with connection.cursor() as cursor:
            some = f"SELECT {', '.join(columns)} FROM journal_revision WHERE keyring_id = %s ORDER BY id"
            cursor.execute(some, [self.vault.id.hex()])
            while rows := cursor.fetchmany(BATCH):
                yield from rows


def lists(few: Journal, many: Journal) -> list[Figure]:
    say("lists")
    pages = {"home": "/journal/", "timeline": "/journal/timeline/", "month": "/journal/2026/2/"}
    both = {"few": few, "many": many}
    asked = {(name, who): milliseconds(both[who].get(path)) for name, path in pages.items() for who in both}
    took = in_turns({f"{n} {w}": work for (n, w), work in asked.items()} | {"nothing": milliseconds(few.get(NOTHING))})

    def growth(number: str, name: str, target: str) -> Figure:
        a, b = took[f"{name} many"], took[f"{name} few"]
        return Figure(number, f"{name} at {MANY:,} entries / at {FEW}", a / b, target, f"{a:.1f} / {b:.1f} ms")

    idle = took["timeline many"], took["nothing"]
    return [
        growth("P6", "home", "<= 1.1"),
        growth("P6", "timeline", "<= 1.1"),
        growth("–", "month", "opens every head: dates are sealed"),
        Figure(
            "P15",
            f"timeline of {MANY:,} / a signed-in request with nothing to do",
            idle[0] / idle[1],
            "<= 1.5",
            "{:.1f} / {:.1f} ms".format(*idle),
        ),
    ]


def searching(few: Journal, many: Journal) -> list[Figure]:
    say("search")
    from journal import search  # noqa: PLC0415

    def bare() -> None:
        rows = many.stored("entry", "body")
        found = (many.vault.open_body(body, entry=bytes.fromhex(entry), revision=1).decode() for entry, body in rows)
        assert not any("lighthouse" in text.casefold() for text in found)

    def ours() -> None:
        assert search.find(many.vault, search.Query("lighthouse")) == []

    works = {"ours": milliseconds(ours), "bare": milliseconds(bare)}
    alone = in_turns(works)
    with a_busy_thread():
        beside = in_turns(works, 3)

    def figure(what: str, took: dict[str, float], target: str) -> Figure:
        made = f"{took['ours']:.0f} / {took['bare']:.0f} ms"
        return Figure("P7", f"search of {MANY:,} / a bare loop{what}", took["ours"] / took["bare"], target, made)

    return [figure("", alone, "<= 1.8"), figure(", beside a busy thread", beside, "<= 2.5")]


@contextmanager
def a_busy_thread() -> Iterator[None]:
    ended = threading.Event()

    def busy() -> None:
        while not ended.is_set():
            pass

    thread = threading.Thread(target=busy)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def against_jrnl(folder: Path, peers: Path) -> list[Figure]:
    """The same words, as many pages, in another encrypted journal: whole requests beside whole commands."""
    say("jrnl")
    binaries, theirs = peers / "bin", folder / "jrnl"
    theirs.mkdir()
    jrnl.make(binaries, theirs, [TEXT] * LOCKED)
    ours = Journal(LOCKED)
    took = in_turns(
        {
            "our search": milliseconds(lambda: ours.client.post("/journal/search/", {"q": "lighthouse"})),
            "jrnl search": milliseconds(lambda: jrnl.ask(binaries, theirs, "-contains", "lighthouse")),
            "our list": milliseconds(ours.get("/journal/timeline/")),
            "jrnl list": milliseconds(lambda: jrnl.ask(binaries, theirs, "-n", "50", "--format", "short")),
        }
    )
    return [
        Figure(
            "–",
            f"{what} of {LOCKED:,}, ours / jrnl’s",
            took[f"our {what}"] / took[f"jrnl {what}"],
            "< 1",
            f"{took[f'our {what}']:.0f} / {took[f'jrnl {what}']:.0f} ms",
        )
        for what in ("search", "list")
    ]


def saving(journal: Journal, folder: Path) -> Figure:
    say("save")
    bare = sqlite3.connect(folder / "bare.sqlite3", isolation_level=None)
    bare.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE kept (body BLOB)")
    base = iter(range(1000))

    def save() -> None:
        number = next(base)
        fields = {"text": f"{number} {TEXT}", "base": number}
        assert journal.client.post("/journal/2/", fields).status_code == 302

    def commit() -> None:
        bare.execute("INSERT INTO kept VALUES (?)", [journal.rows[0][2]])

    works = {"save": save, "nothing": journal.get(NOTHING), "commit": commit}
    took = in_turns({name: milliseconds(work) for name, work in works.items()}, 11)
    bare.close()
    least = took["nothing"] + took["commit"]
    made = f"{took['save']:.1f} / ({took['nothing']:.1f} + {took['commit']:.1f}) ms"
    return Figure("P8", "save / nothing to do + a bare durable commit", took["save"] / least, "<= 1.3", made)


def exporting(journal: Journal) -> Figure:
    say("export")
    from journal import export, places  # noqa: PLC0415

    def ours() -> None:
        found = places.at(journal.vault, places.everything(journal.vault))
        assert sum(len(piece) for piece in export.as_json(found, datetime.now(UTC))) > MANY * len(TEXT)

    def bare() -> None:
        for entry, head, body in journal.stored("entry", "head", "body"):
            place: dict[str, Any] = {"entry": bytes.fromhex(entry), "revision": 1}
            assert journal.vault.open_head(head, **place)
            assert journal.vault.open_body(body, **place)

    took = in_turns({"ours": milliseconds(ours), "bare": milliseconds(bare)})
    made = f"{took['ours']:.0f} / {took['bare']:.0f} ms"
    return Figure("P11", f"export of {MANY:,} / fetch and open", took["ours"] / took["bare"], "<= 1.3", made)


def importing() -> Figure:
    say("import")
    from journal import entries, imports  # noqa: PLC0415
    from journal.import_formats import Contents, Line, Saved  # noqa: PLC0415

    head = entries.Head("page", title="A page", written="2026-02-03T08:00:00-05:00", zone="America/New_York")

    def ours() -> float:
        journal = Journal(0)
        imports.wait(journal.vault, Contents([Line([Saved(1, head, f"{n} {TEXT}")]) for n in range(MOST_OF_A_FILE)]))
        found = imports.plan(journal.vault)
        assert found
        return milliseconds(lambda: imports.add(journal.vault, found.which))()

    def bare() -> float:
        journal = Journal(0)
        return milliseconds(lambda: _insert(journal, entries.encode(head)))()

    took = in_turns({"ours": ours, "bare": bare})
    made = f"{took['ours']:.0f} / {took['bare']:.0f} ms"
    return Figure("P11", f"import of {MOST_OF_A_FILE:,} / seal and executemany", took["ours"] / took["bare"], "", made)


def _insert(journal: Journal, head: bytes) -> None:
    from django.db import connection, transaction  # noqa: PLC0415

    keyring, statement = journal.vault.id.hex(), "INSERT INTO journal_revision (keyring_id, entry, number, head, body)"
    rows = []
    for number in range(MOST_OF_A_FILE):
        entry = uuid4()
        rows.append((keyring, entry.hex, 1, *journal.sealed(entry.bytes, head, f"{number} {TEXT}".encode())))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(f"{statement} VALUES (%s, %s, %s, %s, %s)", rows)


def rotating(journal: Journal) -> Figure:
    say("rotation")
    from django.db import connection, transaction  # noqa: PLC0415

    from journal import resealing  # noqa: PLC0415
    from journal.vault import Vault  # noqa: PLC0415

    def ours() -> None:
        with transaction.atomic():
            resealing.everything(journal.vault, Vault.create(journal.vault.id))
            transaction.set_rollback(True)

    def bare() -> None:
        new = Vault.create(journal.vault.id)
        with transaction.atomic(), connection.cursor() as cursor:
            rows = journal.stored("entry", "head", "body", "id")
            again = [(*_again(journal.vault, new, *row), pk) for *row, pk in rows]
            cursor.executemany("UPDATE journal_revision SET head = %s, body = %s WHERE id = %s", again)
            transaction.set_rollback(True)

    took = in_turns({"ours": milliseconds(ours), "bare": milliseconds(bare)}, 3)
    made = f"{took['ours']:.0f} / {took['bare']:.0f} ms"
    return Figure("P11", f"rotation of {MANY:,} / open, seal, write", took["ours"] / took["bare"], "<= 1.5", made)


def _again(old: Any, new: Any, entry: str, head: bytes, body: bytes) -> tuple[bytes, bytes]:
    place: dict[str, Any] = {"entry": bytes.fromhex(entry), "revision": 1}
    opened = old.open_head(head, **place), old.open_body(body, **place)
    return new.seal_head(opened[0], **place), new.seal_body(opened[1], **place)
