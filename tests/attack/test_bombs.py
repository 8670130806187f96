"""A stored cost is no bomb: what claims more than the ceiling or less than the floor is refused before it is paid."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.attack.bombs import BOMBS
from tests.attack.conftest import python

pytestmark = pytest.mark.attack
MIB = 2**20


def test_a_doctored_cost_is_refused_in_no_time_and_no_memory(prepared: Callable[[int], Path]) -> None:
    seen = [json.loads(line) for line in python(prepared(9), "tests.attack.bombs").splitlines()]
    assert {each["bomb"] for each in seen} == BOMBS.keys()
    for each in seen:
        assert each["status"] == 422, each
        assert each["seconds"] < 2, each
        assert each["bytes"] < 16 * MIB, each  # an honest hash at the lowest cost takes 19
