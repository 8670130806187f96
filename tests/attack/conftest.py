"""Data folders and processes for tests that break things for real."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


def environment(data: Path, **more: str) -> dict[str, str]:
    """The environment of a process with a data folder of its own."""
    nothing_else = {"DATABASE_URL": "", "CACHE_URL": ""}  # these look into files of SQLite
    settings = {"DATA_DIR": str(data), "DJANGO_SETTINGS_MODULE": "tests.attack.settings"}
    return {**os.environ, **nothing_else, **settings, **more}


def python(data: Path, *words: str, **env: str) -> str:
    """Run a module in a process of its own; return what it wrote. Fails with what it said if it failed."""
    command, env = [sys.executable, "-m", *words], environment(data, **env)
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Path]:
    """Return a fresh copy of a data folder in which alice wrote a number of versions. Each number is made once."""
    made: dict[int, Path] = {}

    def copy(revisions: int) -> Path:
        if revisions not in made:
            made[revisions] = tmp_path_factory.mktemp("prepared") / "var"
            python(made[revisions], "tests.attack.dying", "prepare", str(revisions))
        return shutil.copytree(made[revisions], tmp_path_factory.mktemp("site") / "var")

    return copy
