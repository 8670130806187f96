"""Django's SQLite, with writers that wait in turn.

SQLite lets a writer that has to wait sleep longer from try to try, up to 100 ms, while others come and go: with two
busy writers one of them got 4 saves in and the other 416 (docs/decisions/0036-writers-ask-again-at-once.md).
"""

import time

from django.db import OperationalError
from django.db.backends.sqlite3 import base

ASK_AGAIN_SECONDS = 0.0005
BUSY = 5  # SQLite's own number of "database is locked"; what it is more exactly stands in higher bits


class DatabaseWrapper(base.DatabaseWrapper):
    """Asks for the write lock twice in a millisecond until it is free or the timeout of the settings is over."""

    def _start_transaction_under_autocommit(self) -> None:
        ends = time.monotonic() + self.settings_dict["OPTIONS"].get("timeout", 0)
        self._wait_inside_sqlite(0)
        try:
            while not self._begin(last=time.monotonic() >= ends):
                time.sleep(ASK_AGAIN_SECONDS)
        finally:
            self._wait_inside_sqlite(self.settings_dict["OPTIONS"].get("timeout", 0))

    def _begin(self, *, last: bool) -> bool:
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]  # not in the stubs
        except OperationalError as problem:
            if last or not _is_busy(problem):
                raise
            return False
        return True

    def _wait_inside_sqlite(self, seconds: float) -> None:
        self.connection.execute(f"PRAGMA busy_timeout = {round(seconds * 1000)}")


def _is_busy(problem: OperationalError) -> bool:
    code: int = getattr(problem.__cause__, "sqlite_errorcode", 0)
    return code & 0xFF == BUSY
