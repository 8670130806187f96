"""How the journal grows: pages of a person with 100 entries and with 10,000, and a search beside a bare loop.

Run with `.venv/bin/python -m bench.journal`. It makes a database of its own.
"""

import os
import resource
import sqlite3
import statistics
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import django
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client

ROUNDS = 5
PASSWORD = "seven quiet herons at dawn"
TEXT = "Two evenings a week. I would give up the late shift for it. " * 34  # some 2 KB
PAGES = {"home": "/journal/", "timeline": "/journal/timeline/", "write": "/journal/2/", "month": "/journal/2026/2/"}


def milliseconds(work: Callable[[], Any], rounds: int = ROUNDS) -> float:
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken) * 1000


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"DATA_DIR": folder, "DJANGO_SETTINGS_MODULE": "config.settings", "DEBUG": "1"}
        django.setup()
        call_command("migrate", verbosity=0)
        call_command("load_guide", "guide/content", verbosity=0)
        for count in (100, 10_000):
            measure(count)


def measure(count: int) -> None:
    from journal import accounts, entries, search  # noqa: PLC0415 - when the settings are there
    from journal.models import Revision  # noqa: PLC0415

    user, _ = accounts.join(f"person-{count}", PASSWORD)
    vault: Any = user.vault
    rows = []
    for number in range(count):
        entry = uuid.uuid4()
        when = f"2026-{1 + number % 9:02}-{1 + number % 28:02}T08:00:00-05:00"
        head = entries.Head("page", title=f"Page {number}", written=when, zone="America/New_York")
        sealed: dict[str, Any] = {"entry": entry.bytes, "revision": 1}
        both = vault.seal_head(entries.encode(head), **sealed), vault.seal_body(TEXT.encode(), **sealed)
        rows.append(Revision(keyring_id=uuid.UUID(bytes=vault.id), entry=entry, number=1, head=both[0], body=both[1]))
    Revision.objects.bulk_create(rows, batch_size=500)
    stored = [(row.entry.bytes, bytes(row.body)) for row in rows]
    client = Client(headers={"host": "127.0.0.1"})
    client.post("/sign-in/", {"username": user.username, "password": PASSWORD})

    keyring = uuid.UUID(bytes=vault.id)
    database = sqlite3.connect(connection.settings_dict["NAME"])

    def raw() -> int:
        """What a search can't do without: fetch, open, fold, find. No framework, and no heads."""
        rows = database.execute("SELECT entry, body FROM journal_revision WHERE keyring_id = ?", (keyring.hex,))
        opened = (vault.open_body(body, entry=bytes.fromhex(entry), revision=1).decode() for entry, body in rows)
        return sum("lighthouse" in text.casefold() for text in opened)

    def bare() -> int:
        opened = (vault.open_body(body, entry=entry, revision=1).decode() for entry, body in stored)
        return sum("lighthouse" in text.casefold() for text in opened)

    def ours() -> int:
        return len(search.find(vault, search.Query("lighthouse")))

    for name, path in PAGES.items():
        assert client.get(path).status_code == 200
        say(count, name, milliseconds(lambda path=path: client.get(path)))  # type: ignore[misc]
    say(count, "search, whole request", milliseconds(lambda: client.post("/journal/search/", {"q": "lighthouse"})))
    say(count, "search", milliseconds(ours))
    say(count, "bare loop: open, casefold, find", milliseconds(bare))
    compare(count, "search / raw loop with its fetch", ours, raw)
    compare(count, "timeline / page with nothing to do", lambda: client.get("/journal/timeline/"), nothing(client))
    copies(count, user, vault)
    beside_a_busy_thread(count, {"search": ours, "raw loop with its fetch": raw})


def nothing(client: Client) -> Callable[[], Any]:
    """A signed-in request that asks the database for nothing of its own."""
    return lambda: client.get("/journal/export/open/")


def copies(count: int, user: Any, vault: Any) -> None:
    """An export beside a loop that only fetches and opens, and a change of keys beside one that opens and seals."""
    from journal import export, places, resealing  # noqa: PLC0415
    from journal import vault as vaults  # noqa: PLC0415
    from journal.models import Revision  # noqa: PLC0415

    stored = Revision.objects.filter(keyring=user.keyring)

    def fetch_and_open() -> None:
        for entry, number, head, body in stored.values_list("entry", "number", "head", "body").iterator(100):
            vault.open_head(head, entry=entry.bytes, revision=number)
            vault.open_body(body, entry=entry.bytes, revision=number)

    def take() -> None:
        for _ in export.as_json(places.at(vault, places.everything(vault)), datetime.now(UTC)):
            pass

    def rotate() -> None:
        with transaction.atomic():
            resealing.everything(vault, vaults.Vault.create(vault.id))
            transaction.set_rollback(True)

    def open_and_seal() -> None:
        new = vaults.Vault.create(vault.id)
        with transaction.atomic(), connection.cursor() as cursor:
            rows = [(row.pk, row.entry, row.head, row.body) for row in stored]
            cursor.executemany(
                "UPDATE journal_revision SET head = %s, body = %s WHERE id = %s",
                [(*again(vault, new, entry, head, body), pk) for pk, entry, head, body in rows],
            )
            transaction.set_rollback(True)

    compare(count, "export / fetch and open", take, fetch_and_open)
    compare(count, "change of keys / open, seal, executemany", rotate, open_and_seal)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    take()
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    sys.stdout.write(f"{count:>6} entries  {grown:>8} KiB  more at the peak of an export\n")


def again(old: Any, new: Any, entry: uuid.UUID, head: bytes, body: bytes) -> tuple[bytes, bytes]:
    place: dict[str, Any] = {"entry": entry.bytes, "revision": 1}
    opened = old.open_head(head, **place), old.open_body(body, **place)
    return new.seal_head(opened[0], **place), new.seal_body(opened[1], **place)


def compare(count: int, what: str, ours: Callable[[], Any], other: Callable[[], Any]) -> None:
    """Take turns, so that what else the machine does falls on both."""
    pairs = [(milliseconds(ours, 1), milliseconds(other, 1)) for _ in range(ROUNDS)]
    ratio = statistics.median(one / two for one, two in pairs)
    middle = [statistics.median(each) for each in zip(*pairs, strict=True)]
    sys.stdout.write(f"{count:>6} entries  {ratio:>8.2f}     {what} ({middle[0]:.1f} / {middle[1]:.1f} ms)\n")
    sys.stdout.flush()


def beside_a_busy_thread(count: int, works: dict[str, Callable[[], Any]]) -> None:
    ended = threading.Event()

    def busy() -> None:
        while not ended.is_set():
            pass

    threading.Thread(target=busy).start()
    usual = sys.getswitchinterval()
    for interval in (usual, 0.0005):
        sys.setswitchinterval(interval)
        for name, work in works.items():
            say(count, f"{name} beside a busy thread, switching after {interval * 1000:g} ms", milliseconds(work, 1))
    sys.setswitchinterval(usual)
    ended.set()


def say(count: int, what: str, took: float) -> None:
    sys.stdout.write(f"{count:>6} entries  {took:>8.1f} ms  {what}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
