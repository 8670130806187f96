"""Records what a version of the program keeps and what it asks of its database, for the tests of later versions.

``python tests/upgrade/record.py FILE`` in a checkout of that version, once for each release (CONTRIBUTING.md). The file
then has a database that the version filled, and every statement it ran while people went on using it afterward.
"""

import json
import os
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

ROOT = Path.cwd()
HOST = "127.0.0.1"
PASSWORD = "seven quiet herons at dawn"  # as in tests/conftest.py, which this file can't import from another version
PEPPERS = "1:" + "5e" * 32
FIRST, SECOND, PAGE = "What I wrote before.", "And what I changed.", "A page of my own."
GUIDE = (
    "countries/us.md", "flags/nostalgia.md", "help_lines/us-988.md", "pages/about.md", "pages/home.md", "pages/help.md",
    "questions/time.md", "tips/be-open.md",
)  # fmt: skip
SKIPPED = ("SAVEPOINT", "RELEASE", "ROLLBACK", "PRAGMA", "BEGIN", "EXPLAIN")


def main(file: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"DATA_DIR": folder, "PEPPERS": PEPPERS, "DJANGO_SETTINGS_MODULE": "tests.attack.settings"}
        sys.path.insert(0, str(ROOT))
        import django  # noqa: PLC0415 - when the environment is there

        django.setup()
        recovery_key = fill(Path(folder))
        with closing(sqlite3.connect(Path(folder) / "db.sqlite3")) as database:
            dump = list(database.iterdump())
        statements: list[Any] = []
        with recording(statements):
            go_on()
    kept = {"recovery_key": recovery_key, "database": dump, "statements": statements}
    file.write_text(json.dumps(kept, indent=0, ensure_ascii=False) + "\n")


@contextmanager
def recording(statements: list[Any]) -> Iterator[None]:
    """Add each statement that is run to a list: its text, its values, and how many rows it wrote."""
    from django.db import connection  # noqa: PLC0415

    def around(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        result = execute(sql, params, many, context)
        if not sql.startswith(SKIPPED):
            rows = [[plain(value) for value in row] for row in (params if many else [params or ()])]
            statements.append([sql, rows, context["cursor"].rowcount])
        return result

    with connection.execute_wrapper(around):
        yield


def plain(value: Any) -> Any:
    return {"hex": bytes(value).hex()} if isinstance(value, bytes | memoryview) else value


def fill(folder: Path) -> str:
    """Make a site with a guide, an editor and alice, who has a journal. Return her recovery key."""
    from django.core.management import call_command  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415

    from guide import bundle  # noqa: PLC0415
    from journal import accounts  # noqa: PLC0415
    from journal.models import User  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    for name in GUIDE:
        (folder / "content" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "content" / name).write_bytes((ROOT / "guide/content" / name).read_bytes())
    bundle.load(folder / "content")
    User.objects.create_superuser("edith", PASSWORD)
    _, key = accounts.join("alice", PASSWORD)
    accounts.join("mallory", PASSWORD)
    alice = Client(SERVER_NAME=HOST)
    send(alice, "/sign-in/", username="alice", password=PASSWORD)
    send(alice, "/journal/2/", text=FIRST, base="0")
    send(alice, "/journal/2/", text=SECOND, base="1")
    send(alice, "/journal/pages/new/", text=PAGE, title="Tuesday", base="0", entry="a" * 32)
    return str(key)


def go_on() -> None:
    """Let people use the site as they do while a newer version comes up beside it."""
    from django.test import Client  # noqa: PLC0415

    from guide import edition  # noqa: PLC0415
    from guide.models import Flag, HelpLine, Tip  # noqa: PLC0415

    alice, mallory, carol = (Client(SERVER_NAME=HOST) for _ in range(3))
    send(carol, "/join/", username="carol", password=PASSWORD)
    send(alice, "/sign-in/", username="alice", password=PASSWORD)
    for path in ("/journal/", "/journal/2/", "/journal/2/history/", "/account/"):
        assert alice.get(path).status_code == 200, path
    send(alice, "/journal/2/", text="Written by the old version, after the new one came.", base="2")
    send(alice, "/lock/")
    send(alice, "/unlock/", password=PASSWORD)
    send(carol, "/account/password/", password=PASSWORD, new_password=f"{PASSWORD} too")
    send(mallory, "/sign-in/", username="mallory", password=PASSWORD)
    send(mallory, "/account/delete/", password=PASSWORD)
    for model in (Tip, Flag, HelpLine):
        row = model.objects.first()
        row.body += " Reworded."
        row.save()
        row.publish()
    copy = Flag.objects.get(slug="nostalgia")
    copy.pk, copy.slug, copy._state.adding = None, "longing", True
    copy.save()
    edition.forget()
    assert Client(SERVER_NAME=HOST).get("/help/").status_code == 200


def send(client: Any, path: str, **fields: str) -> None:
    answer = client.post(path, fields)
    assert answer.status_code in {200, 302}, (path, answer.status_code, answer.content.decode())


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute())
