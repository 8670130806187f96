"""A save is one transaction that is committed once: what "saved" says is on the disk, and nothing else is written."""

import pytest
from django.db import connection

from tests.conftest import make_person

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="listens to SQLite"),
]
WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")


def commits(said: list[str]) -> int:
    """How many times something was made durable: each end of a transaction, and each write outside of one."""
    count, inside = 0, False
    for statement in said:
        word = statement.split()[0].upper()
        inside = word == "BEGIN" or (inside and word not in {"COMMIT", "ROLLBACK"})
        count += word == "COMMIT" or (word in WRITES and not inside)
    return count


@pytest.mark.parametrize("base", [0, 1])
def test_a_save_is_exactly_one_durable_commit(base: int) -> None:
    alice = make_person("alice")
    if base:
        alice.write(2, "text")
    said: list[str] = []
    connection.connection.set_trace_callback(said.append)
    try:
        assert alice.write(2, "another text", base=base, writer="a", turn=1).status_code == 302
    finally:
        connection.connection.set_trace_callback(None)
    assert commits(said) == 1
    assert [each.split()[2] for each in said if each.startswith("INSERT")] == ['"journal_revision"']


def test_a_page_that_is_only_read_commits_nothing() -> None:
    alice = make_person("alice")
    alice.write(2, "text")
    said: list[str] = []
    connection.connection.set_trace_callback(said.append)
    try:
        alice.client.get("/journal/2/")
    finally:
        connection.connection.set_trace_callback(None)
    assert (commits(said), bool(said)) == (0, True)
