"""Django's SQLite, with writers that wait in turn.

SQLite lets a writer that has to wait sleep longer from try to try, up to 100 ms, while others come and go: with two
busy writers one of them got 4 saves in and the other 416 (docs/decisions/0036-writers-ask-again-at-once.md).
"""

import sqlite3
import time
from collections.abc import Callable
from typing import Any

from django.db.backends.sqlite3 import base

ASK_AGAIN_SECONDS = 0.0005
BUSY = 5  # SQLite's own number of "database is locked"; what it is more exactly stands in higher bits


class Cursor(base.SQLiteCursorWrapper):
    """Asks for a lock twice in a millisecond until it is free or the timeout of the settings is over.

    A statement that found the database locked has done nothing: one that begins a transaction, or stands alone.
    """

    patience = 0.0  # seconds

    def execute(self, query: str, params: Any = None) -> Any:
        return self._in_turn(super().execute, query, params)

    def executemany(self, query: str, param_list: Any) -> Any:
        return self._in_turn(super().executemany, query, param_list)

    def _in_turn(self, ask: Callable[..., Any], *words: Any) -> Any:
        ends = time.monotonic() + self.patience
        while True:
            try:
                return ask(*words)
            except sqlite3.OperationalError as problem:
                if problem.sqlite_errorcode & 0xFF != BUSY or time.monotonic() >= ends:
                    raise
            time.sleep(ASK_AGAIN_SECONDS)


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connection = super().get_new_connection(conn_params)
        connection.execute("PRAGMA busy_timeout = 0")  # `Cursor` waits instead
        return connection

    def create_cursor(self, name: str | None = None) -> Cursor:
        cursor: Cursor = self.connection.cursor(factory=Cursor)
        cursor.patience = self.settings_dict["OPTIONS"].get("timeout", 0)
        return cursor
