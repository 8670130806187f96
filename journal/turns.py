"""Whose turn it is: a few requests at a time are worked on, the others wait without holding anybody up.

Python runs one thread at a time. Many that all want to run hand it to each other at every switch, and a save that
takes 10 ms alone takes 400 ms among them. A turn is a courtesy, no lock: whoever has waited long enough goes on
without one, so that what hangs (a database that is away, a browser that sends its words slowly) stops nobody else.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

AT_ONCE = 2  # one works in Python, while the other waits for the database
PATIENCE_SECONDS = 0.5

_turns = threading.BoundedSemaphore(AT_ONCE)
_mine = threading.local()


@contextmanager
def taken() -> Iterator[None]:
    """Work in a turn of this thread's."""
    _take()
    try:
        yield
    finally:
        _give_up()


@contextmanager
def given_up() -> Iterator[None]:
    """Wait for something else than Python, and let another have the turn meanwhile, if this thread has one."""
    had = _give_up()
    try:
        yield
    finally:
        if had:
            _take()


def _take() -> None:
    _mine.turn = _turns.acquire(timeout=PATIENCE_SECONDS)


def _give_up() -> bool:
    """Give the turn back; return whether there was one."""
    had: bool = getattr(_mine, "turn", False)
    _mine.turn = False
    if had:
        _turns.release()
    return had
