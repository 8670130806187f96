"""Locked files: what comes back, and that nothing else does."""

import json
import subprocess
import sys
import unicodedata
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journal import crypto, locked_file
from journal.crypto import FLOOR, DecryptionError
from journal.locked_file import CHUNK_BYTES, lock, unlock, unlock_with_recovery_key
from journal.vault import Vault

PASSWORD = "seven quiet herons at dawn"
KEY = bytes(range(16))
OWNER = Vault(bytes(16), bytes(range(32)))
SLOT = OWNER.recovery_slot(KEY)
SCRIPT = Path(__file__).parents[2] / "tools" / "either_way_open.py"
LONG = 345  # a header with both ways


def made(content: bytes, *, whole: bool = True) -> bytes:
    return b"".join(lock([content], PASSWORD, FLOOR, (OWNER, SLOT) if whole else None))


@cache
def sample() -> bytes:
    return made(b"x" * (2 * CHUNK_BYTES + 100))


def opened(data: bytes) -> list[bytes]:
    """What comes out of a file by each way."""
    found = []
    for way in (lambda: unlock(data, PASSWORD), lambda: unlock_with_recovery_key(data, KEY)):
        try:
            found.append(way())
        except DecryptionError:
            continue
    return found


@settings(max_examples=15, deadline=None)
@given(pieces=st.lists(st.binary(max_size=3 * CHUNK_BYTES), max_size=3))
def test_content_in_pieces_of_any_size_comes_back_both_ways(pieces: list[bytes]) -> None:
    whole = b"".join(pieces)
    data = b"".join(lock(pieces, PASSWORD, FLOOR, (OWNER, SLOT)))
    padded = whole.ljust(crypto.padme(len(whole)) if whole else 0)
    assert opened(data) == [padded, padded]


@pytest.mark.parametrize("size", [1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES])
def test_content_that_just_fills_its_chunks_comes_back(size: int) -> None:
    assert [found.rstrip() for found in opened(made(b"x" * size))] == [b"x" * size] * 2


def test_a_password_typed_on_another_keyboard_opens_it() -> None:
    word = "café au lait, every day"
    data = b"".join(lock([b"{}"], unicodedata.normalize("NFD", word), FLOOR))
    assert unlock(data, unicodedata.normalize("NFC", word)) == b"{}"


def test_another_password_and_another_key_open_nothing() -> None:
    for wrong in (lambda: unlock(sample(), PASSWORD + "."), lambda: unlock_with_recovery_key(sample(), bytes(16))):
        with pytest.raises(DecryptionError):
            wrong()


def test_a_file_with_a_password_alone_holds_nothing_of_the_vault() -> None:
    data = made(b"{}", whole=False)
    assert opened(data) == [b"{}"]
    assert SLOT[:20] not in data


def test_two_files_of_one_content_have_nothing_in_common_but_the_slot() -> None:
    one, two = made(b"{}"), made(b"{}")
    assert one[10:26] != two[10:26]
    assert one[48:141] != two[48:141]
    assert one[LONG:] != two[LONG:]


@pytest.mark.parametrize(
    ("region", "start", "stop"),
    [
        ("magic", 0, 8), ("version", 8, 9), ("ways", 9, 10), ("id", 10, 26), ("cost", 26, 32), ("salt", 32, 48),
        ("wrapped under the password", 48, 141), ("vault id", 141, 157), ("recovery slot", 157, 252),
        ("wrapped under the key", 252, LONG), ("first chunk", LONG, LONG + CHUNK_BYTES),
        ("tag of the first chunk", LONG + CHUNK_BYTES, LONG + CHUNK_BYTES + 16),
        ("second chunk", LONG + CHUNK_BYTES + 16, LONG + 2 * CHUNK_BYTES + 32), ("end", -40, -1),
    ],
)  # fmt: skip
def test_a_changed_byte_anywhere_is_refused_by_every_way(region: str, start: int, stop: int) -> None:
    data = sample()
    places = range(start, stop, max(1, (stop - start) // 8))
    for place in places:
        changed = bytearray(data)
        changed[place] ^= 1
        assert opened(bytes(changed)) == [], (region, place)


def test_a_file_that_was_cut_lengthened_or_put_together_anew_is_refused() -> None:
    data, sealed = sample(), CHUNK_BYTES + 16
    first, second, rest = data[LONG : LONG + sealed], data[LONG + sealed : LONG + 2 * sealed], data[LONG + 2 * sealed :]
    header = data[:LONG]
    assert opened(header + first + second + rest) != []
    wrong = [
        *(data[:size] for size in (0, 5, 100, LONG - 1, LONG, LONG + 15, LONG + sealed, LONG + 2 * sealed, -1)),
        *(data + more for more in (b" ", bytes(16), rest, b"x" * sealed)),
        header + second + first + rest,
        header + first + rest,
        header + first + first + rest,
        made(b"y", whole=True)[:LONG] + data[LONG:],
    ]
    assert [opened(each) for each in wrong] == [[]] * len(wrong)


def test_a_file_that_asks_for_too_much_is_refused_before_anything_is_hashed() -> None:
    greedy = bytearray(sample())
    greedy[26:32] = (1024 * 1024).to_bytes(4, "big") + b"\x10\x08"
    with pytest.raises(DecryptionError):
        unlock(bytes(greedy), PASSWORD)
    with pytest.raises(DecryptionError):
        unlock(sample(), PASSWORD, replace(FLOOR, memory=FLOOR.memory - 1))


def test_content_is_read_only_as_far_as_it_is_sent() -> None:
    read = 0

    def pieces():
        nonlocal read
        for _ in range(1000):
            read += 1
            yield b"x" * CHUNK_BYTES

    file = lock(pieces(), PASSWORD, FLOOR)
    assert len(next(file)) == 141
    assert len(next(file)) == CHUNK_BYTES + 16
    assert read == 2


def script(folder: Path, typed: str, *more: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-I", str(SCRIPT), "notes.locked", *more]
    return subprocess.run(command, cwd=folder, input=typed.encode() + b"\n", capture_output=True, check=False)


WORDS = "שלום 💔\r\n\r\n"
CONTENT = {
    "entries": [
        {
            "versions": [
                {
                    "number": 1,
                    "head": {"asked": "Are you both in?", "written": "2026-03-03"},
                    "text": WORDS,
                },
                {"number": 2, "damaged": True},
            ],
            "draft": {"base": 2, "head": {"title": "T"}, "text": "half a"},
        }
    ]
}


@pytest.mark.parametrize("typed", [PASSWORD, crypto.write_recovery_key(KEY).lower().replace("-", " ")])
def test_the_stand_alone_script_opens_what_the_site_made(tmp_path: Path, typed: str) -> None:
    (tmp_path / "notes.locked").write_bytes(made(json.dumps(CONTENT).encode()))
    done = script(tmp_path, typed)
    assert (done.returncode, json.loads(done.stdout)) == (0, CONTENT)
    assert script(tmp_path, typed, "out").returncode == 0
    assert json.loads((tmp_path / "out" / "notes.json").read_bytes()) == CONTENT
    text = (tmp_path / "out" / "00001.txt").read_bytes().decode()
    assert text == (
        f"Version 1, 2026-03-03\nAre you both in?\n\n{WORDS}\n\n--------\n\n(This version could not be opened.)"
        "\n\n--------\n\nDraft, not saved, without a date\nT\n\nhalf a\n"
    )


def test_the_stand_alone_script_refuses_what_the_site_refuses(tmp_path: Path) -> None:
    data = made(json.dumps(CONTENT).encode())
    for wrong in (data[:-1], data + b" ", data[:LONG], data[:3], b"", b"\x00" + data[1:]):
        (tmp_path / "notes.locked").write_bytes(wrong)
        done = script(tmp_path, PASSWORD)
        assert (done.returncode, done.stdout, done.stderr.count(b"\n")) == (1, b"", 1)
    (tmp_path / "notes.locked").write_bytes(data)
    assert script(tmp_path, "another one").returncode == 1
    assert script(tmp_path, PASSWORD, ".").returncode == 1  # never into a folder that is there


def test_the_stand_alone_script_needs_two_packages_and_nothing_of_ours() -> None:
    program = f"import sys; sys.path.insert(0, {str(SCRIPT.parent)!r}); import either_way_open; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True)
    assert {name.split(".")[0] for name in done.stdout.split()} & {"django", "journal", "guide", "config"} == set()


def test_what_is_no_locked_file_is_told_from_one() -> None:
    assert locked_file.is_locked(sample())
    assert not locked_file.is_locked(b'{"entries": []}')
