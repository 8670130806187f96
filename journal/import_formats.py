"""What files say that somebody brings in: ours, Day One's, DailyTxT's, Markdown and plain text.

A file is believed in nothing: sizes, depths, dates, names and characters are checked here, and whatever can't be taken
is named. Names in a zip are read as text and never used as paths.
"""

import hashlib
import io
import json
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext

from . import entries, hours, weeks
from .entries import Head

MOST_BYTES = 20 * 2**20  # of a file, and of a locked one opened
MOST_UNPACKED = 40 * 2**20  # of the texts in a zip
MOST_FILES = 20_000  # in a zip, pictures too
MOST_ENTRIES = 20_000
MOST_VERSIONS = 50_000
MOST_RATIO = 200  # how far one file in a zip may be packed: text gets to 20
KINDS = ("answer", "page", "letter", "check-in", "limits", "summary")
OURS = "either-way journal"
_SHORT = 2000  # characters in any field of a head
_FIELDS = [each.name for each in fields(Head) if each.name not in entries.OF_A_FORM]
_UNCLEAN = re.compile("[\0\ud800-\udfff]")  # NUL, and half a character
_YEARS = range(1900, 2200)
_PICTURE = re.compile(r"!\[[^\]]*\]\(dayone-moment:[^)\s]*\)\n?")
_MONTH = re.compile(r"(?:^|/)(\d{4})/(\d{1,2})\.json$")
_DAY = re.compile(r"(?<!\d)(\d{4})-(\d{2})-(\d{2})(?!\d)")


class RefusedError(Exception):
    """Nothing of a file can be taken. The text says why, to the person who sent it."""


class _LeftOutError(ValueError):
    """One thing in a file can't be taken. The text says why."""


@dataclass(frozen=True)
class Saved:
    """A version, or a draft with the number of the version it was written over."""

    number: int
    head: Head
    text: str

    @cached_property
    def mark(self) -> bytes:
        """A digest of what it says, whichever page it was typed in. It is looked at four times, and made once."""
        said = json.dumps([{**vars(self.head), "writer": "", "turn": 0}, self.text], sort_keys=True)
        return hashlib.sha256(said.encode()).digest()


@dataclass(frozen=True)
class Line:
    """An entry as a file has it. ``entry`` is None if the file gives it no id."""

    versions: list[Saved]
    draft: Saved | None = None
    entry: UUID | None = None

    @property
    def any(self) -> Saved:
        found = self.versions[-1] if self.versions else self.draft
        assert found  # noqa: S101 - a line of nothing is left out when it is read
        return found


@dataclass
class Contents:
    lines: list[Line] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def take(self, what: str, read: Callable[[], Line]) -> None:
        """Add what is read, or say what could not be, and why."""
        try:
            self.lines.append(read())
        except _LeftOutError as problem:
            self.left_out.append(f"{what}: {problem}")
        if len(self.lines) + len(self.left_out) > MOST_ENTRIES:
            raise RefusedError(gettext("There are more entries in this file than we take at once."))


def read(name: str, data: bytes, zone: ZoneInfo, now: datetime) -> Contents:
    """Return what a file says, that is not locked. Raises `RefusedError`."""
    if data[:4] in {b"PK\x03\x04", b"PK\x05\x06"}:
        found = _packed(data, zone, now)
    elif name.lower().endswith(".json") or data.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == b"{":
        found = from_json(data)
    elif name.lower().endswith((".md", ".markdown", ".txt")):
        found = Contents()
        found.take(_called(name), lambda: _text(name, data, now))
    else:
        raise RefusedError(gettext("This is no kind of file that we can read. The list of kinds is on this page."))
    if sum(len(line.versions) for line in found.lines) > MOST_VERSIONS:
        raise RefusedError(gettext("There are more versions in this file than we take at once."))
    if not found.lines and not found.left_out:
        raise RefusedError(gettext("There is nothing in this file to take."))
    return found


def from_json(data: bytes) -> Contents:
    """Return what a JSON file of ours or of Day One says."""
    content = _json(data)
    if isinstance(content, dict) and isinstance(content.get("entries"), list):
        return _ours(content) if "format" in content else _day_one(content["entries"])
    if isinstance(content, dict) and isinstance(content.get("days"), list):
        raise RefusedError(gettext("This is one month of DailyTxT. Send the whole zip, so that we know the year."))
    raise RefusedError(gettext("This is JSON, but of no kind that we can read."))


def _json(data: bytes) -> Any:
    try:
        return json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise RefusedError(gettext("This file is not in UTF-8, so its letters can’t be told for sure.")) from None
    except (ValueError, RecursionError):
        raise RefusedError(gettext("This file is damaged: it begins like JSON and does not go on like it.")) from None


# --- our own ------------------------------------------------------------------------------------------


def to_json(contents: Contents) -> bytes:
    """Return the same as a file of ours, to wait in until somebody says yes."""
    lines = [
        {
            "id": line.entry.hex if line.entry else None,
            "versions": [_plain(saved, "number") for saved in line.versions],
            **({"draft": _plain(line.draft, "base")} if line.draft else {}),
        }
        for line in contents.lines
    ]
    about = {"format": OURS, "version": 1, "left_out": contents.left_out, "entries": lines}
    return json.dumps(about, ensure_ascii=False).encode()


def _plain(saved: Saved, number: str) -> dict[str, Any]:
    return {number: saved.number, "head": saved.head.filled, "text": saved.text}


def _ours(content: dict[str, Any]) -> Contents:
    if content["format"] != OURS:
        raise RefusedError(gettext("This is JSON, but of no kind that we can read."))
    if content.get("version") != 1:
        raise RefusedError(gettext("This file was made by a newer version of this site than the one here."))
    left_out = content.get("left_out")
    found = Contents(left_out=[str(each) for each in left_out] if isinstance(left_out, list) else [])
    for place, entry in enumerate(content["entries"], 1):
        what = gettext("Entry {number}").format(number=place)
        found.take(what, lambda entry=entry, what=what: _our_line(entry, found, what))  # type: ignore[misc]
    return found


def _our_line(entry: Any, found: Contents, what: str) -> Line:
    if not isinstance(entry, dict) or not isinstance(entry.get("versions"), list):
        raise _LeftOutError(gettext("it is not written as our files are."))
    versions: list[Saved] = []
    for version in entry["versions"]:
        if isinstance(version, dict) and version.get("damaged") is True:
            damaged = gettext("{what}, version {number}: it was damaged already when the file was made.")
            found.left_out.append(damaged.format(what=what, number=str(version.get("number"))[:10]))
        else:
            versions.append(_saved(version, "number", first=versions[-1].number + 1 if versions else 1))
    draft = entry.get("draft")
    if draft is not None and not (isinstance(draft, dict) and draft.get("damaged") is True):
        draft = _saved(draft, "base", first=0)
    else:
        draft = None
    if not versions and draft is None:
        raise _LeftOutError(gettext("there is no text in it."))
    if len({saved.head.name for saved in [*versions, *([draft] if draft else [])]}) > 1:
        raise _LeftOutError(gettext("its versions belong to different questions."))
    return Line(versions, draft, _id(entry.get("id")))


def _id(said: Any) -> UUID | None:
    return UUID(said) if isinstance(said, str) and re.fullmatch(r"[0-9a-f]{32}", said) else None


def _saved(said: Any, number: str, first: int) -> Saved:
    if not isinstance(said, dict) or not isinstance(said.get("head"), dict) or type(said.get(number)) is not int:
        raise _LeftOutError(gettext("it is not written as our files are."))
    if not first <= said[number] < 2**31 - 2:
        raise _LeftOutError(gettext("its versions are not in order."))
    return Saved(said[number], _head(said["head"]), _checked(said.get("text")))


def _head(said: dict[str, Any]) -> Head:
    """Return a head whose every field is one that this site could have written."""
    known = {name: said[name] for name in _FIELDS if name in said}
    try:
        head = Head(**known)
    except TypeError:
        raise _LeftOutError(gettext("it does not say what kind of entry it is.")) from None
    words = [value for name, value in vars(head).items() if name not in {"signs", "record", "words", "turn"}]
    if not isinstance(head.signs, dict) or type(head.record) is not bool or type(head.words) is not int:
        raise _LeftOutError(gettext("it is not written as our files are."))
    for word in [*words, *head.signs, *head.signs.values()]:
        if not isinstance(word, str) or len(word) > _SHORT or not _is_clean(word):
            raise _LeftOutError(gettext("it is not written as our files are."))
    if head.kind not in KINDS or not 0 <= head.words < 2**31 or len(head.signs) > 1000:
        raise _LeftOutError(gettext("it is of no kind that is known here."))
    if head.kind == "answer" and not re.fullmatch(r"[-a-zA-Z0-9_]{1,200}", head.question):
        raise _LeftOutError(gettext("it does not say which question it answers."))
    _check_dates(head)
    return head


def _check_dates(head: Head) -> None:
    try:
        times = [datetime.fromisoformat(said) for said in (head.written, head.opens) if said]
        days = [date.fromisoformat(head.happened)] if head.happened else []
        if head.kind == "check-in":
            days.append(weeks.begins(head.week))
    except ValueError:
        raise _LeftOutError(gettext("there is no such date as it gives.")) from None
    if any(when.tzinfo is None for when in times) or any(when.year not in _YEARS for when in [*times, *days]):
        raise _LeftOutError(gettext("there is no such date as it gives."))


# --- others -------------------------------------------------------------------------------------------


def _day_one(said: list[Any]) -> Contents:
    found = Contents()
    for place, entry in enumerate(said, 1):
        when = entry.get("creationDate") if isinstance(entry, dict) else None
        what = gettext("Entry {number}").format(number=place) + (f" ({when[:10]})" if isinstance(when, str) else "")
        found.take(what, lambda entry=entry: _day_one_line(entry))  # type: ignore[misc]
    return found


def _day_one_line(entry: Any) -> Line:
    if not isinstance(entry, dict):
        raise _LeftOutError(gettext("it is not written as Day One does."))
    text = _PICTURE.sub("", _checked(entry.get("text", "")))
    said, zone = entry.get("creationDate"), entry.get("timeZone")
    try:
        when = datetime.fromisoformat(said) if isinstance(said, str) else None
    except ValueError:
        when = None
    if when is None or when.tzinfo is None or when.year not in _YEARS:
        raise _LeftOutError(gettext("there is no such date as it gives."))
    name = zone if isinstance(zone, str) and zone in hours.ZONES else "UTC"
    below = _day_one_lines(entry) if text.strip() else []
    return _page(_checked("\n\n".join([text, *below])), when.astimezone(ZoneInfo(name)), name)


def _day_one_lines(entry: dict[str, Any]) -> list[str]:
    """Return the tags and the place of an entry as lines of text: here a page has no fields for them."""
    tags, place = entry.get("tags"), entry.get("location")
    words = [tag for tag in tags if isinstance(tag, str) and tag] if isinstance(tags, list) else []
    names = ("placeName", "localityName", "administrativeArea", "country")
    said = [place.get(name) for name in names] if isinstance(place, dict) else []
    where = dict.fromkeys(name for name in said if isinstance(name, str) and name)
    return [line for line in (" ".join(f"#{word}" for word in words), ", ".join(where)) if line]


def _packed(data: bytes, zone: ZoneInfo, now: datetime) -> Contents:
    """Return what a zip says: ours, Day One's, DailyTxT's, or any number of texts."""
    try:
        files = dict(_unpacked(data))
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError, OSError):
        raise RefusedError(gettext("This zip is damaged, or locked, or packed in a way that we can’t read.")) from None
    months = {name: match for name in files if (match := _MONTH.search(name))}
    if months and "user.json" in files:
        raise RefusedError(gettext("This backup of DailyTxT is locked. Make one there that is not, and send that."))
    if months:
        return _daily(files, months, zone)
    if "notes.json" in files:
        return from_json(files["notes.json"])
    found = Contents()
    for name, content in files.items():
        if name.lower().endswith(".json"):
            more = from_json(content)
            found.lines += more.lines
            found.left_out += more.left_out
        else:
            found.take(_called(name), lambda name=name, content=content: _text(name, content, now))  # type: ignore[misc]
    return found


def _unpacked(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the texts in a zip. What is packed too far, or is too much, is refused before it is unpacked."""
    left = MOST_UNPACKED
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        members = packed.infolist()
        if len(members) > MOST_FILES:
            raise RefusedError(gettext("There are more files in this zip than we take at once."))
        ours = [member for member in members if member.filename == "notes.json"]  # the others say the same again
        for member in ours or members:
            name = member.filename
            if member.is_dir() or not name.lower().endswith((".json", ".md", ".markdown", ".txt")) or _is_hidden(name):
                continue
            if member.file_size > min(left, max(2**20, MOST_RATIO * member.compress_size)):
                raise RefusedError(gettext("There is more packed into this zip than we take at once."))
            with packed.open(member) as file:
                content = file.read(left + 1)
            left -= len(content)
            if left < 0:
                raise RefusedError(gettext("There is more packed into this zip than we take at once."))
            yield name, content


def _is_hidden(name: str) -> bool:
    return any(part.startswith((".", "__MACOSX")) and part != ".." for part in PurePosixPath(name).parts)


def _daily(files: dict[str, bytes], months: dict[str, re.Match[str]], zone: ZoneInfo) -> Contents:
    found = Contents()
    for name, match in sorted(months.items()):
        content = _json(files[name])
        days = content.get("days") if isinstance(content, dict) else None
        if not isinstance(days, list):
            found.left_out.append(f"{_called(name)}: " + gettext("it is not written as DailyTxT does."))
            continue
        for day in days:
            number = day.get("day") if isinstance(day, dict) else None
            what = f"{match[1]}-{match[2]}-{str(number)[:4]}"
            found.take(what, lambda day=day, match=match: _day(day, match, zone))  # type: ignore[misc]
    return found


def _day(said: Any, month: re.Match[str], zone: ZoneInfo) -> Line:
    try:
        when = datetime(int(month[1]), int(month[2]), said["day"], 12, tzinfo=zone)
    except (ValueError, TypeError, KeyError, OverflowError):
        raise _LeftOutError(gettext("there is no such date as it gives.")) from None
    if when.year not in _YEARS:
        raise _LeftOutError(gettext("there is no such date as it gives."))
    return _page(_checked(said.get("text", "")), when, zone.key)


def _text(name: str, data: bytes, now: datetime) -> Line:
    try:
        text = _checked(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise _LeftOutError(gettext("it is not in UTF-8, so its letters can’t be told for sure.")) from None
    when = now
    if day := _DAY.search(_called(name)):
        try:
            when = now.replace(year=int(day[1]), month=int(day[2]), day=int(day[3]), hour=12, minute=0, second=0)
        except ValueError:
            raise _LeftOutError(gettext("there is no such date as it gives.")) from None
    line = _page(text, when, str(now.tzinfo))
    title = _called(name).rpartition(".")[0][:120]
    head = replace(line.versions[0].head, title=title if _is_clean(title) else "")
    return Line([replace(line.versions[0], head=head)])


def _page(text: str, when: datetime, zone: str) -> Line:
    if not text.strip():
        raise _LeftOutError(gettext("there is no text in it."))
    written = when.replace(microsecond=0).isoformat()
    return Line([Saved(1, Head("page", written=written, zone=zone, words=len(text.split())), text)])


def _called(name: str) -> str:
    """Return the last part of a file's name, whichever way its folders are written."""
    return re.split(r"[\\/]", name)[-1][:200]


def _checked(text: Any) -> str:
    if not isinstance(text, str):
        raise _LeftOutError(gettext("there is no text in it."))
    if entries.length(text) > entries.LIMIT:
        raise _LeftOutError(gettext("it is longer than one page can be."))
    if not _is_clean(text):
        raise _LeftOutError(gettext("there is an invisible character (NUL) or half a character in it."))
    return text


def _is_clean(text: str) -> bool:
    return _UNCLEAN.search(text) is None
