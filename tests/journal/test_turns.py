"""Two requests at a time are worked on; the others wait, and never for long."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest

from journal import throttle, turns

SOON = 10  # seconds; of something that comes at once


@contextmanager
def working(count: int) -> Iterator[Callable[[], None]]:
    """Have some threads work in a turn each; yields what ends their work."""
    began, over = threading.Barrier(count + 1), threading.Event()

    def work() -> None:
        with turns.taken():
            began.wait(SOON)
            over.wait(SOON)

    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    began.wait(SOON)
    try:
        yield over.set
    finally:
        over.set()
        for thread in threads:
            thread.join()


def free() -> int:
    """How many turns nobody has."""
    with ExitStack() as taken:
        count = 0
        while turns._turns.acquire(blocking=False):
            taken.callback(turns._turns.release)
            count += 1
        return count


@pytest.fixture(autouse=True)
def _every_turn_is_given_back() -> Iterator[None]:
    assert free() == turns.AT_ONCE
    yield
    assert free() == turns.AT_ONCE


def test_one_more_waits_until_somebody_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PATIENCE_SECONDS", SOON)
    came = threading.Event()

    def come() -> None:
        with turns.taken():
            came.set()

    with working(turns.AT_ONCE) as end:
        late = threading.Thread(target=come)
        late.start()
        assert came.wait(0.2) is False
        end()
        assert came.wait(SOON) is True
        late.join()


def test_whoever_has_waited_long_enough_goes_on_without_a_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PATIENCE_SECONDS", 0.05)
    with working(turns.AT_ONCE), turns.taken(), turns.given_up():
        assert free() == 0


def test_a_turn_is_given_back_after_an_error() -> None:
    with pytest.raises(ZeroDivisionError), turns.taken():
        raise ZeroDivisionError


def test_whoever_hashes_or_waits_for_a_hash_has_no_turn_meanwhile() -> None:
    with turns.taken():
        with throttle.hashing():
            assert free() == turns.AT_ONCE
        assert free() == turns.AT_ONCE - 1


def test_a_hash_outside_of_a_turn_takes_none() -> None:
    with throttle.hashing():
        assert free() == turns.AT_ONCE
    assert free() == turns.AT_ONCE
