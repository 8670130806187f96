"""Most of these need no guide, and to load it for each test with real transactions takes longer than the test."""

import pytest

from guide import bundle


@pytest.fixture(autouse=True)
def _guide_after_a_flush() -> None:
    """In place of the one that loads the guide for each test."""


@pytest.fixture
def guide(transactional_db: None) -> None:
    bundle.load()
