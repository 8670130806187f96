"""Killed at any write, a deed has happened wholly or not at all, and nothing that was saved before is lost.

What SIGKILL shows is that the program has no state in between. A power cut is another matter: for that the
database is told to wait for the disk (`synchronous=FULL`), which no test here can show.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.attack.conftest import python
from tests.attack.deeds import IN_FLIGHT

pytestmark = pytest.mark.attack
PAGES = [200, 200, 200, 200, 200]

# What stands before a deed and after it: which password opens, what is added to the texts, which recovery key opens.
BEFORE = {"doors": ["old"], "more": [], "key": "old"}
AFTER: dict[str, dict[str, Any]] = {
    "save": {**BEFORE, "more": [IN_FLIGHT]},
    "save_page": {**BEFORE, "more": [IN_FLIGHT]},
    "change_password": {**BEFORE, "doors": ["new"]},
    "rotate": {**BEFORE, "doors": ["new"], "key": "new"},
    "recover": {**BEFORE, "doors": ["new"], "key": "new"},
    "new_key": {**BEFORE, "key": "new"},
}


def deaths(data: Path, *words: str) -> list[dict[str, Any]]:
    """Run a deed, killed at each point in turn; return what was found after each death."""
    lines = python(data, "tests.attack.dying", *words).splitlines()
    found = [json.loads(line) for line in lines]
    for each in found:
        assert each["seen"].pop("sound"), each
        assert each["seen"].pop("mallory") == ["his"], each
        assert each["seen"].pop("rows", 0) == 0, each
    return found


def texts_of(data: Path) -> list[str]:
    return json.loads((data / "state.json").read_text())["texts"]


def is_state(seen: dict[str, Any], state: dict[str, Any], texts: list[str]) -> bool:
    """Whether what was found is a state, in full: doors, every text, the pages, and the one recovery key."""
    expected = {"doors": state["doors"], "texts": sorted(texts + state["more"]), "pages": PAGES, "key": state["key"]}
    return expected == {name: seen[name] for name in expected}


def assert_all_or_nothing(found: list[dict[str, Any]], after: dict[str, Any], texts: list[str]) -> list[bool]:
    """Each death left the state before or the state after, and once it had happened it stayed so."""
    for each in found:
        assert is_state(each["seen"], BEFORE, texts) or is_state(each["seen"], after, texts), each
    happened = [is_state(each["seen"], after, texts) for each in found]
    assert happened == sorted(happened)
    return happened


@pytest.mark.parametrize("deed", AFTER)
def test_a_deed_killed_at_any_write_has_happened_wholly_or_not_at_all(
    deed: str, prepared: Callable[[int], Path]
) -> None:
    data = prepared(9)
    found = deaths(data, deed)
    happened = assert_all_or_nothing(found, AFTER[deed], texts_of(data))
    first = happened.index(True)
    assert first > 0
    assert found[first]["where"] == "after COMMIT"
    assert (found[-1]["killed"], happened[-1]) == (False, True)
    if deed.startswith("save"):
        assert {each["seen"]["after sending it again"] for each in found} == {1}


def test_a_sign_in_killed_while_it_makes_the_slot_anew_locks_nobody_out(prepared: Callable[[int], Path]) -> None:
    data = prepared(9)
    found = deaths(data, "sign_in")
    assert any("keyring" in each["where"].lower() for each in found)
    assert all(is_state(each["seen"], BEFORE, texts_of(data)) for each in found)


def test_joining_killed_at_any_write_leaves_a_whole_journal_or_the_name_free(prepared: Callable[[int], Path]) -> None:
    found = deaths(prepared(9), "join")
    free = {"doors": [], "again": 0}
    whole = {"doors": ["new"], "texts": [], "key": "new", "pages": [200, 200, 200, 404, 200]}
    kinds = [free if each["seen"] == free else whole if each["seen"] == whole else each for each in found]
    assert all(kind in (free, whole) for kind in kinds), kinds
    first = kinds.index(whole)
    assert free not in kinds[first:]
    assert (first > 0, found[first]["where"]) == (True, "after COMMIT")


def test_deleting_killed_at_any_write_leaves_all_or_nothing(prepared: Callable[[int], Path]) -> None:
    data = prepared(9)
    found = deaths(data, "delete")
    nothing = {"doors": [], "again": 0}
    gone = [each["seen"] == nothing for each in found]
    for each, is_gone in zip(found, gone, strict=True):
        assert is_gone or is_state(each["seen"], BEFORE, texts_of(data)), each
    assert gone == sorted(gone)
    assert (gone[0], gone[-1], found[gone.index(True)]["where"]) == (False, True, "after COMMIT")


def test_three_hundred_versions_are_sealed_anew_wholly_or_not_at_all(prepared: Callable[[int], Path]) -> None:
    data = prepared(300)
    found = deaths(data, "rotate")
    happened = assert_all_or_nothing(found, AFTER["rotate"], texts_of(data))
    assert sum(each["where"].startswith("after UPDATE journal_revision") for each in found) >= 2
    assert (happened[0], happened[-1]) == (False, True)


def test_killed_from_outside_at_any_moment_it_is_the_same(prepared: Callable[[int], Path]) -> None:
    """Not between two statements of ours but anywhere: within SQLite, within a hash, within the system."""
    data = prepared(300)
    found = deaths(data, "rotate", "random", "25")
    assert {each["killed"] for each in found} >= {True}
    for each in found:
        assert_all_or_nothing([each], AFTER["rotate"], texts_of(data))
