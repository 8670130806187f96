"""What a file says: ours, those of others, and what is refused."""

import io
import json
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal import import_formats
from journal.entries import Head
from journal.import_formats import Contents, Line, RefusedError, Saved

SAMPLES = Path(__file__).parent / "imported"
ZONE = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 3, 21, 15, tzinfo=ZONE)


def read(name: str, data: bytes) -> Contents:
    return import_formats.read(name, data, ZONE, NOW)


def packed(**files: bytes) -> bytes:
    return packed_as(files)


def packed_as(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as written:
        for name, data in files.items():
            written.writestr(name, data)
    return out.getvalue()


def ours(*lines: Line) -> bytes:
    return import_formats.to_json(Contents(list(lines)))


def page(text: str, **said: Any) -> Line:
    return Line([Saved(1, Head("page", **said), text)])


# --- the files of others ---


def test_a_day_one_export_becomes_pages_with_their_own_times() -> None:
    data = (SAMPLES / "day-one.json").read_bytes()
    found = read("Journal.json", data)
    assert [
        (line.versions[0].text, line.versions[0].head.written, line.versions[0].head.zone) for line in found.lines
    ] == [
        (
            "We walked along the river.\n\nIt was quiet 💔.\n\n#evening\n\nRiver Walk, Hudson, United States",
            "2024-03-09T23:30:15-05:00",
            "America/New_York",
        ),
        ("Second.", "2024-03-11T10:00:00+00:00", "UTC"),
    ]
    assert found.left_out == [
        "Entry 3 (2024-03-12): there is no text in it.",
        "Entry 4 (9024-13-12): there is no such date as it gives.",
    ]
    assert read("x.zip", packed_as({"Journal.json": data, "photos/1.jpeg": b"x" * 100})) == found


def test_a_dailytxt_backup_becomes_a_page_for_each_day() -> None:
    month = (SAMPLES / "dailytxt-2024-02.json").read_bytes()
    found = read("backup.zip", packed_as({"2024/02.json": month, "tags.json": b"{}", "templates.json": b"{}"}))
    assert [(line.versions[0].text, line.versions[0].head.written[:10]) for line in found.lines] == [
        ("Rain all day.\nWe talked.", "2024-02-28"),
        ("A leap day.", "2024-02-29"),
    ]
    assert found.left_out == [
        "2024-02-30: there is no such date as it gives.",
        "2024-02-27: there is no text in it.",
    ]


def test_texts_become_pages_titled_with_their_names() -> None:
    name = "2024-05-06 letter.md"
    data = (SAMPLES / name).read_bytes()
    alone = read(name, data)
    assert [(saved.head.title, saved.head.written[:10], saved.text) for saved in alone.lines[0].versions] == [
        ("2024-05-06 letter", "2024-05-06", data.decode())
    ]
    files = {"../../etc/" + name: data, "a\\b\\c.txt": b"\xef\xbb\xbfc", "pic.png": b"x", "__MACOSX/._c.txt": b"x"}
    found = read("x.zip", packed_as(files))
    assert [line.versions[0].head.title for line in found.lines] == ["2024-05-06 letter", "c"]
    assert found.lines[1].versions[0].text == "c"


# --- what is refused ---


def bomb() -> bytes:
    return packed_as({"notes.txt": b"x" * (30 * 2**20)})


def lying() -> bytes:
    """A zip that says of a file that it is small."""
    data = packed_as({"notes.txt": bytes(range(32, 120)) * 500_000})
    size = (88 * 500_000).to_bytes(4, "little")
    return data.replace(size, (1000).to_bytes(4, "little"))


REFUSED: dict[str, Callable[[], tuple[str, bytes]]] = {
    "nothing we know": lambda: ("x.pdf", b"%PDF-1.7"),
    "no JSON": lambda: ("x.json", b'{"entries": ['),
    "JSON of another kind": lambda: ("x.json", b'{"a": 1}'),
    "a list": lambda: ("x.json", b"[1, 2]"),
    "no UTF-8": lambda: ("x.json", b'{"entries": ["\xff"]}'),
    "no bottom": lambda: ("x.json", b'{"entries": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
    "a number without end": lambda: ("x.json", b'{"entries": [' + b"9" * 10_000 + b"]}"),
    "another format": lambda: ("x.json", b'{"format": "x", "version": 1, "entries": []}'),
    "a newer version": lambda: ("x.json", b'{"format": "either-way journal", "version": 2, "entries": []}'),
    "nothing in it": lambda: ("x.json", b'{"format": "either-way journal", "version": 1, "entries": []}'),
    "too many entries": lambda: ("x.json", json.dumps({"entries": [1] * 20_001}).encode()),
    "one month of DailyTxT": lambda: ("02.json", (SAMPLES / "dailytxt-2024-02.json").read_bytes()),
    "a locked backup of DailyTxT": lambda: ("x.zip", packed_as({"user.json": b"{}", "2024/02.json": b"{}"})),
    "an empty zip": lambda: ("x.zip", packed_as({})),
    "a damaged zip": lambda: ("x.zip", packed_as({"a.txt": b"text"})[:-30]),
    "a bomb": lambda: ("x.zip", bomb()),
    "a bomb that lies": lambda: ("x.zip", lying()),
    "too many files": lambda: ("x.zip", packed_as({f"{n}.jpg": b"" for n in range(20_001)})),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_file_that_can_not_be_taken_is_refused_as_a_whole(kind: str) -> None:
    name, data = REFUSED[kind]()
    with pytest.raises(RefusedError):
        read(name, data)


HEAD = {"kind": "page", "written": "2026-03-03T21:15:00-05:00"}
WRONG: dict[str, Any] = {
    "no head": {"number": 1, "text": "x"},
    "no text": {"number": 1, "head": HEAD},
    "no number": {"head": HEAD, "text": "x"},
    "number that is a word": {"number": "1", "head": HEAD, "text": "x"},
    "number that is true": {"number": True, "head": HEAD, "text": "x"},
    "huge number": {"number": 10**30, "head": HEAD, "text": "x"},
    "no number at all": {"number": -1, "head": HEAD, "text": "x"},
    "NUL": {"number": 1, "head": HEAD, "text": "a\0"},
    "half a character": {"number": 1, "head": HEAD, "text": "\ud800"},
    "half a character in the title": {"number": 1, "head": {**HEAD, "title": "\udfff"}, "text": ""},
    "a text too long": {"number": 1, "head": HEAD, "text": "x" * 100_001},
    "no kind": {"number": 1, "head": {}, "text": ""},
    "a kind of ours that is no entry": {"number": 1, "head": {"kind": "import"}, "text": ""},
    "a title that is a list": {"number": 1, "head": {**HEAD, "title": ["x"]}, "text": ""},
    "signs that are a list": {"number": 1, "head": {**HEAD, "signs": ["x"]}, "text": ""},
    "no such day": {"number": 1, "head": {**HEAD, "written": "2026-02-30T00:00:00+00:00"}, "text": ""},
    "no offset": {"number": 1, "head": {**HEAD, "written": "2026-02-03T00:00:00"}, "text": ""},
    "an absurd year": {"number": 1, "head": {**HEAD, "written": "0001-01-01T00:00:00+00:00"}, "text": ""},
    "a letter that opens never": {"number": 1, "head": {"kind": "letter", "opens": "soon"}, "text": ""},
    "no such week": {"number": 1, "head": {"kind": "check-in", "week": "2026-W60"}, "text": ""},
    "an answer to nothing": {"number": 1, "head": {"kind": "answer"}, "text": ""},
    "words without end": {"number": 1, "head": {**HEAD, "words": 10**30}, "text": ""},
}


@pytest.mark.parametrize("kind", WRONG)
def test_an_entry_that_can_not_be_ours_is_left_out_by_name_and_the_rest_is_taken(kind: str) -> None:
    good = {"number": 1, "head": HEAD, "text": "good"}
    both = [{"versions": [WRONG[kind]]}, {"versions": [good]}]
    content = {"format": "either-way journal", "version": 1, "entries": both}
    found = read("notes.json", json.dumps(content).encode())
    assert [line.versions[0].text for line in found.lines] == ["good"]
    assert len(found.left_out) == 1
    assert found.left_out[0].startswith("Entry 1: ")


@given(data=st.binary(max_size=300), name=st.sampled_from(["x.json", "x.zip", "x.txt", "x", "x.md"]))
def test_bytes_of_any_kind_are_read_or_refused(data: bytes, name: str) -> None:
    for start in (b"", b"{", b"PK\x03\x04", b'{"entries":[', b"PK\x05\x06"):
        try:
            read(name, start + data)
        except RefusedError:
            continue
