"""An encrypted journal of `jrnl`, used in a terminal as a person would."""

import os
import pty
import termios
import time
from pathlib import Path

PASSWORD = b"seven quiet herons at dawn\n"
CONFIG = """version: v4.6
colors: {{body: none, date: none, tags: none, title: none}}
default_hour: 9
default_minute: 0
editor: ''
encrypt: false
highlight: false
indent_character: '|'
journals: {{default: {{journal: {folder}/journal.txt}}}}
linewrap: 79
tagsymbols: '@'
template: false
timeformat: '%F %r'
"""


def make(binaries: Path, folder: Path, texts: list[str]) -> None:
    """Make a journal with a page for each text, and lock it."""
    pages = (
        f"[2026-01-01 {n // 3600 % 12 + 1:02}:{n // 60 % 60:02}:{n % 60:02} AM] {t}\n" for n, t in enumerate(texts)
    )
    (folder / "journal.txt").write_text("\n".join(pages))
    (folder / "config.yaml").write_text(CONFIG.format(folder=folder))
    ask(binaries, folder, "--encrypt")


def ask(binaries: Path, folder: Path, *words: str) -> str:
    """Run it with some words, type the password when it asks, and return all it said."""
    child, terminal = pty.fork()
    if child == 0:
        os.execv(binaries / "jrnl", ["jrnl", "--config-file", str(folder / "config.yaml"), *words])
    said, answered = b"", 0
    try:
        while piece := os.read(terminal, 65536):
            said += piece
            if b"keychain" in said[answered:]:
                os.write(terminal, b"n\n")
                answered = len(said)
            elif b"assword" in said[answered:] and said.rstrip().endswith(b":"):
                while termios.tcgetattr(terminal)[3] & termios.ECHO:  # what is typed before is thrown away
                    time.sleep(0.001)
                os.write(terminal, PASSWORD)
                answered = len(said)
    except OSError:  # Linux says so when the other end is closed
        pass
    os.waitpid(child, 0)
    return said.decode()
