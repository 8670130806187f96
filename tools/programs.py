"""Programs of the system that tests and benches start; `make` has installed what was missing."""

import os
import shutil


def find(name: str) -> str:
    """Return where a program is. Raises `RuntimeError` if there is none."""
    path = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")
    if not path:
        raise RuntimeError(f"{name} is needed: the targets of `make` find or install it (tests/find-programs.sh).")
    return path
