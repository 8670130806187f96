"""Serves the site with granian: one process reads all code and renders the guide, and the others are copies of it.

A copy shares the memory of what was read (docs/decisions/0039-processes-are-copies.md). `manage.py serve` becomes this
program when everything is up to date: `python -m config.server HOST WORKERS`.
"""

import gc
import multiprocessing
import sys

from django.conf import settings
from django.db import connections
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

import config.wsgi  # noqa: F401 - it is what the copies share

# Of each process. Some may wait for a password to be hashed (`journal.throttle.PLACES`); readers never wait for those.
THREADS = 24


def main(host: str, workers: int) -> None:
    server = Granian(
        "config.wsgi:application",
        address=host,
        port=settings.PORT,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=THREADS,
        respawn_failed_workers=True,
        log_level=LogLevels.error,  # its one warning is that there are many threads
        websockets=False,
    )
    server.on_reload(read_anew)
    connections.close_all()  # one that two processes use would break
    gc.collect()
    gc.freeze()  # the collector writes to what it looks at, and what is written to is shared no more
    server.serve()


def read_anew() -> None:
    """Have processes that start from now on read the code for themselves: it may have changed on the disk."""
    multiprocessing.set_start_method("spawn", force=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
