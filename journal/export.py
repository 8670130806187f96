"""Everything somebody wrote, in the forms in which it leaves: JSON, and a zip to read. See ``docs/export.md``.

All of it comes in pieces, version by version, so that a journal of any size takes the same memory.
"""

import json
import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby
from typing import Any

from django.utils import translation
from django.utils.formats import date_format
from django.utils.html import escape
from django.utils.translation import gettext

from . import entries, places, weeks
from .entries import Head, Version
from .forms import FEELINGS
from .kinds import ENDINGS
from .places import Place
from .vault import Vault

FORMAT = "either-way journal"
SCHEMA = 1
Found = tuple[Place, Version]

_STYLE = """
body{max-width:42rem;margin:2rem auto;padding:0 1rem;font:1.05rem/1.6 Georgia,serif;color:#222;background:#fff}
h1,h2{line-height:1.3}h2{margin-top:3rem;border-top:1px solid #999;padding-top:1rem}
.when{margin:1.5rem 0 .3rem;font:.9rem/1.4 sans-serif;color:#555}
.text{white-space:pre-wrap;overflow-wrap:anywhere;unicode-bidi:plaintext}
@media print{body{margin:0;max-width:none}h2,.when{break-after:avoid}}
"""


def as_json(found: Iterable[Found], made: datetime) -> Iterator[bytes]:
    """Return everything as one JSON object, in pieces."""
    about = json.dumps({"format": FORMAT, "version": SCHEMA, "made": made.isoformat(timespec="seconds")})
    yield about[:-1].encode() + b', "entries": ['
    between = b"\n"
    for entry, lines in groupby(found, key=lambda pair: pair[0].entry):
        yield between + f'{{"id": "{entry.hex}", "versions": ['.encode()
        draft, comma = b"", b"\n"
        for place, version in lines:
            if place.is_draft:
                draft = b', "draft": ' + _encoded(version, "base")
            else:
                yield comma + _encoded(version, "number")
                comma = b",\n"
        yield b"]" + draft + b"}"
        between = b",\n"
    yield b"]}\n"


def _encoded(version: Version, number: str) -> bytes:
    said: dict[str, Any] = {number: version.number}
    if version.head is None:
        said["damaged"] = True
    else:
        said["head"] = {name: value for name, value in version.head.filled.items() if name not in entries.OF_A_FORM}
        said["text"] = version.text
    return json.dumps(said, ensure_ascii=False).encode()


def as_html(found: Iterable[Found]) -> Iterator[bytes]:
    """Return everything as one page that needs nothing beside it."""
    title, language = escape(gettext("Notes")), translation.get_language() or "en"
    yield (
        f'<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f'<meta name="viewport" content="width=device-width">\n<title>{title}</title>\n'
        f"<style>{_STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n"
    ).encode()
    for _, lines in groupby(found, key=lambda pair: pair[0].entry):
        called = ""
        for place, version in lines:
            if called != (called := heading(version.head) or called):
                yield f'<h2 dir="auto">{escape(called)}</h2>\n'.encode()
            yield f'<p class="when" dir="auto">{"<br>".join(map(escape, _about(place, version)))}</p>\n'.encode()
            yield f'<div class="text" dir="auto">{escape(version.text)}</div>\n'.encode()
    yield b"</body>\n</html>\n"


def as_markdown(found: Iterable[Found]) -> Iterator[bytes]:
    """Return everything as Markdown. Texts stand in it as they were typed."""
    yield f"# {gettext('Notes')}\n".encode()
    for _, lines in groupby(found, key=lambda pair: pair[0].entry):
        called = ""
        for place, version in lines:
            if called != (called := heading(version.head) or called):
                yield f"\n## {called}\n".encode()
            about = "  \n".join(f"*{line}*" for line in _about(place, version))
            yield f"\n{about}\n\n{version.text}\n".encode()


def heading(head: Head | None) -> str:
    """Return what an entry is called in a file, on one line."""
    if head is None:
        return gettext("What can’t be opened")
    names = {
        "check-in": weeks.label(head.week) if head.kind == "check-in" else "",
        "letter": gettext("An unsent letter"),
        "limits": gettext("My limits"),
        "summary": gettext("Summary"),
    }
    return " ".join((head.title or head.asked or names.get(head.kind) or gettext("A page")).split())


def _about(place: Place, version: Version) -> list[str]:
    """Return the lines above a text: which version, when, and what else was said."""
    head = version.head
    if head is None:
        damaged = gettext("Version {number} was damaged where it is stored, and can’t be opened.")
        return [damaged.format(number=version.number)]
    which = gettext("A draft, never saved") if place.is_draft else gettext("Version {number}")
    when = head.written_at
    first = which.format(number=version.number) + (f", {date_format(when, 'DATETIME_FORMAT')}" if when else "")
    opens = date_format(datetime.fromisoformat(head.opens), "DATETIME_FORMAT") if head.opens else ""
    said = {
        "": head.asked if head.title else "",
        gettext("How it felt"): str(dict(FEELINGS).get(head.feeling, head.feeling)),
        gettext("Noticed"): "; ".join(head.signs.values()),
        gettext("Waits until"): opens,
        gettext("Ending"): str(dict(ENDINGS).get(head.ending, head.ending)),
        gettext("It happened on"): head.happened,
        gettext("Where"): head.place,
    }
    return [first, *(f"{name}: {value}" if name else value for name, value in said.items() if value)]


class _Pipe:
    """Takes what a zip writes, and gives it back piece by piece."""

    def __init__(self) -> None:
        self.waiting = bytearray()

    def write(self, data: Any) -> int:
        self.waiting += data
        return len(data)

    def flush(self) -> None:
        pass

    def taken(self) -> bytes:
        data = bytes(self.waiting)
        self.waiting.clear()
        return data


def archive(vault: Vault, made: datetime, language: str) -> Iterator[bytes]:
    """Return a zip of all three forms, in pieces."""
    wanted, pipe = places.everything(vault), _Pipe()
    with translation.override(language), zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as packed:  # type: ignore[call-overload]
        files = {
            "notes.html": as_html(places.at(vault, wanted)),
            "notes.md": as_markdown(places.at(vault, wanted)),
            "notes.json": as_json(places.at(vault, wanted), made),
        }
        for name, pieces in files.items():
            about = zipfile.ZipInfo(name, made.timetuple()[:6])
            about.compress_type = zipfile.ZIP_DEFLATED
            about.external_attr = 0o600 << 16
            with packed.open(about, "w", force_zip64=True) as file:
                for piece in pieces:
                    file.write(piece)
                    if len(pipe.waiting) > entries.LIMIT:
                        yield pipe.taken()
    yield pipe.taken()
