"""How the journal grows: pages of a person with 100 entries and with 10,000, and a search beside a bare loop.

Run with `.venv/bin/python -m bench.journal`. It makes a database of its own.
"""

import os
import statistics
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

import django
from django.core.management import call_command
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
    beside_a_busy_thread(count, {"search": ours, "bare loop": bare})


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
