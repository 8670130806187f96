"""Plays back what `record` recorded of a version: its database, and what it asked of it."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

RECORDS = sorted(Path(__file__).parent.glob("*.json"))
HEX = {"hex"}


def recorded(file: Path) -> Any:
    return json.loads(file.read_text())


def make(file: Path, folder: Path) -> Path:
    """Make the database that a version left, in a folder. Return where it is."""
    path = folder / "db.sqlite3"
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode=WAL")  # as every version has it; a dump does not say
        database.executescript("\n".join(recorded(file)["database"]))
    path.chmod(0o600)
    return path


def ask(database: sqlite3.Connection, statements: list[Any]) -> list[tuple[str, int, int]]:
    """Run what a version ran, and take it back. Return statements that wrote another number of rows than then.

    Raises `sqlite3.Error` at a statement that is refused.
    """
    different = []
    database.execute("PRAGMA foreign_keys=ON")
    database.execute("BEGIN IMMEDIATE")
    try:
        for sql, rows, count in statements:
            text = sql.replace("%s", "?").replace("%%", "%")
            done = 0
            for row in rows:
                cursor = database.execute(text, [value(each) for each in row])
                returned = len(cursor.fetchall())  # a SELECT is read to its end
                done += returned if " RETURNING " in sql else cursor.rowcount
            expected = len(rows) if " RETURNING " in sql else count
            if done != expected and not sql.startswith("SELECT"):
                different.append((sql, expected, done))
    finally:
        database.rollback()
    return different


def value(plain: Any) -> Any:
    return bytes.fromhex(plain["hex"]) if isinstance(plain, dict) and plain.keys() == HEX else plain
