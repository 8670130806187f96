"""The cache: it holds numbers only, and is empty while nothing answers. A real one runs in tests/attack."""

import pickle
import socket
from collections.abc import Iterator

import pytest

from config.cache import Cache, Numbers
from tools.ports import free_port


@pytest.fixture(autouse=True)
def _asked_for_the_first_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Cache, "_asks_again_at", 0.0)


@pytest.fixture
def silent() -> Iterator[socket.socket]:
    """A server that lets somebody in and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


def at(port: int) -> Cache:
    return Cache(f"redis://127.0.0.1:{port}", {})


def test_where_nothing_listens_it_is_empty() -> None:
    cache = at(free_port())
    assert cache.get_many(["full"]) == {}
    assert cache.set_many({"full": 1}) == ["full"]
    cache.delete_many(["full"])


def test_a_server_that_says_nothing_is_waited_for_once(silent: socket.socket, caplog: pytest.LogCaptureFixture) -> None:
    cache = at(silent.getsockname()[1])
    assert [cache.get_many(["full"]) for _ in range(3)] == [{}, {}, {}]
    silent.accept()[0].close()
    with pytest.raises(BlockingIOError):
        silent.accept()
    assert [record.getMessage() for record in caplog.records] == [
        "The cache does not answer (TimeoutError). The site goes on without it."
    ]


def test_what_is_no_number_is_not_read() -> None:
    assert Numbers().loads(b"1") == 1
    with pytest.raises(ValueError, match="invalid literal"):
        Numbers().loads(pickle.dumps("anything"))
