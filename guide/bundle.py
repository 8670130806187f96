"""The guide as a folder of files: one record a file, TOML front matter between ``+++`` lines, then Markdown.

The folder of a file is the record's kind, its name the slug; translations stand in a folder of their language, as in
``es/tips/be-open.md``, and give the translated fields only. `load` adds what the database has never had and leaves
everything else alone, so that it can run at every start.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models, transaction

from . import publishing, rendering
from .language import CODES, ORIGINAL
from .models import KINDS
from .publishing import Editable

CONTENT = Path(__file__).parent / "content"
MAX_BYTES = 1_000_000  # of a file
SLUG = re.compile(r"[-a-zA-Z0-9_]{1,60}")

LANGUAGES = [ORIGINAL, *(code for code in CODES if code != ORIGINAL)]
JOINED_BY = {"follow_ups": "\n", "starters": "\n", "sources": ", "}
_TAKES: tuple[tuple[type[Any], type[Any], str], ...] = (
    (models.BooleanField, bool, "true or false"),
    (models.IntegerField, int, "a whole number"),
    (models.DateField, date, "a date"),
    (models.Field, str, "text in quotes"),
)


class BundleError(Exception):
    """A bundle has problems. Its text lists every one, a line each, with file and line."""


@dataclass(frozen=True)
class Record:
    """One file of a bundle, read and taken apart."""

    file: Path
    model: type[Editable]
    language: str
    fields: dict[str, Any]
    lines: dict[str, int]  # where each field stands in the file

    @property
    def slug(self) -> str:
        return str(self.fields["slug"])

    def problem(self, message: str, field: str = "") -> str:
        name = f"{field}: " if field else ""
        return f"{self.file}:{self.lines.get(field, 1)}: {name}{message}"

    def problems(self, error: ValidationError) -> Iterator[str]:
        """Say what validation found, each with the line it is about."""
        for field, messages in error.message_dict.items():
            for message in messages:
                yield self.problem(message, "" if field == NON_FIELD_ERRORS else field)

    def save(self, row: Any) -> list[str]:
        """Save a row that the record was written to; return what validation found instead, if anything."""
        row.follow_original()
        try:
            row.full_clean()
        except ValidationError as error:
            return list(self.problems(error))
        row.save()
        return []


def load(folder: Path = CONTENT) -> int:
    """Add every record that the database has never had, and publish it; return how many were added.

    All or nothing: raises `BundleError` with all problems, and nothing is added. A record that an editor changed, took
    off the site or deleted stays as the editor left it; a translation of what was reworded is a draft.
    """
    records, problems = read(folder)
    with transaction.atomic():
        added, found = _add(records)
        if problems or found:
            raise BundleError("\n".join([*problems, *found]))
    return added


def load_what_fits(folder: Path = CONTENT) -> tuple[int, list[str]]:
    """Do as `load`, but leave out the records that don't fit what editors have made; return why, a line each.

    Raises `BundleError` if a file can't be read as a record: then nothing is added.
    """
    records, problems = read(folder)
    if problems:
        raise BundleError("\n".join(problems))
    with transaction.atomic():
        return _add(records)


def _add(records: Iterable[Record]) -> tuple[int, list[str]]:
    added: list[Any] = []
    problems: list[str] = []
    records = list(records)
    originals = {(record.model, record.slug): record for record in records if record.language == ORIGINAL}
    drafts = 0
    for record in records:
        original = _original(record)
        if _was_there(record, original):
            continue
        if record.language != ORIGINAL and original is None:
            problems.append(record.problem("There is no original for this translation."))
            continue
        model: Any = record.model
        row = model(**record.fields, language=record.language, original=original)
        if found := record.save(row):
            problems += found
        elif original and _was_reworded(original, originals.get((record.model, record.slug))):
            drafts += 1  # readers would get a translation of what is no longer said
        else:
            added.append(row)
    if added:
        publishing.show((type(row), row.pk, row.history.latest().history_id) for row in added)
    return len(added) + drafts, problems


def _original(record: Record) -> Any:
    """Return what a translation translates, whatever its short name is by now; None if it is not there."""
    if record.language == ORIGINAL:
        return None
    rows = record.model._rows().filter(language=ORIGINAL, archived_at=None)
    had_its_name = record.model.history.filter(slug=record.slug, language=ORIGINAL).values("id")
    return rows.filter(slug=record.slug).first() or rows.filter(pk__in=had_its_name).first()


def _was_reworded(row: Any, record: Record | None) -> bool:
    """Whether readers see a record in other words than its file has."""
    if record is None or row.live is None:
        return False
    seen = row.version(row.live)
    shipped = {name: record.fields.get(name, row._meta.get_field(name).get_default()) for name in row.translated}
    return bool(seen.body != record.fields["body"] or any(getattr(seen, name) != shipped[name] for name in shipped))


def _was_there(record: Record, original: Any) -> bool:
    """Whether the database ever had a record. What belongs to an original that was put away counts as if."""
    if original:
        versions = record.model.history.filter(original=original, language=record.language)
    else:
        versions = record.model.history.filter(slug=record.slug, language=ORIGINAL)
    return bool(versions.exists())


def read(folder: Path) -> tuple[list[Record], list[str]]:
    """Read a folder; return its records, originals first, and what is wrong with files that are no good record."""
    if not folder.is_dir():
        return [], [f"{folder}:1: There is no such folder."]
    records: list[Record] = []
    problems = list(_strays(folder))
    for language in LANGUAGES:
        for kind, model in KINDS.items():
            for file in sorted((place_of(folder, language) / kind).glob("*.md")):
                try:
                    record, found = _read_file(file, model, language)
                except BundleError as error:
                    problems.append(str(error))
                else:
                    records.append(record)
                    problems += found
    return records, problems


def place_of(folder: Path, language: str) -> Path:
    """Return where a bundle has the folders of the kinds in a language."""
    return folder if language == ORIGINAL else folder / language


def is_in_place(folder: Path, file: Path) -> bool:
    """Whether a file stands where a bundle has its records."""
    kind = file.parent
    return kind.name in KINDS and any(kind.parent == place_of(folder, language) for language in LANGUAGES)


def _strays(folder: Path) -> Iterator[str]:
    for file in sorted(folder.rglob("*")):
        if file.is_symlink():
            yield f"{file}:1: This is a link to somewhere else. Put the file itself here."
        elif file.suffix == ".md" and not is_in_place(folder, file):
            kind = file.parent
            if kind.name in KINDS and kind.parent.parent == folder:
                yield f"{file}:1: “{kind.parent.name}” is no language that the guide is translated to."
            else:
                yield f"{file}:1: “{kind.name}” is no kind of record."


def _read_file(file: Path, model: type[Editable], language: str) -> tuple[Record, list[str]]:
    """Read one file; return its record, and what is wrong with single fields of it."""
    if not SLUG.fullmatch(file.stem):
        raise BundleError(f"{file}:1: Its name is no short name: up to 60 letters, numbers, underscores and hyphens.")
    match = re.fullmatch(r"\+\+\+\n(.*?)^\+\+\+(?:\n(.*))?", _text(file), re.DOTALL | re.MULTILINE)
    if not match:
        raise BundleError(f"{file}:1: The file does not begin with TOML between two lines of +++.")
    front, body = match.groups("")
    try:
        values = tomllib.loads(front)
    except (ValueError, RecursionError) as error:
        line = re.search(r"at line (\d+)", str(error))
        said = re.sub(r" \(at .*\)$", "", str(error))
        raise BundleError(f"{file}:{1 + int(line[1]) if line else 1}: {said}.") from None

    lines = {key: number for number, key in _keys(front)}
    lines["body"] = front.count("\n") + 3
    fields, problems = {"slug": file.stem, "body": trim(rendering.clean_text(body))}, []
    for key, value in values.items():
        try:
            fields[key] = _value(model, language, key, value)
        except ValueError as error:
            problems.append(f"{file}:{lines.get(key, 1)}: {key}: {error}")
    return Record(file, model, language, fields, lines), problems


def _text(file: Path) -> str:
    """Return the text of a file, with plain line ends. Raises `BundleError` if it is none that a bundle has."""
    try:
        if file.is_symlink() or not file.is_file():
            raise BundleError(f"{file}:1: This is no file of its own.")
        if file.stat().st_size > MAX_BYTES:
            raise BundleError(f"{file}:1: The file is over {MAX_BYTES // 10**6} MB.")
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise BundleError(f"{file}:1: The file is not UTF-8.") from None
    except OSError as error:
        raise BundleError(f"{file}:1: The file can’t be read: {error.strerror}.") from None


def trim(body: str) -> str:
    """Return a text as a bundle keeps it: without empty lines before it and white space after it."""
    return re.sub(r"\A(?:[^\S\n]*\n)+", "", body.rstrip())


def names(model: type[Editable], language: str) -> list[str]:
    """Return the fields of the front matter, in the order they stand in the file."""
    fields = [field.name for field in model._meta.concrete_fields if field.editable]
    own = [name for name in fields if name not in {"id", "slug", "body"}]
    return own if language == ORIGINAL else [name for name in own if name in model.translated]


def _value(model: type[Editable], language: str, key: str, value: Any) -> Any:
    """Return a value of the front matter as its field takes it. Raises `ValueError` if it takes no such value."""
    if key not in names(model, ORIGINAL):
        raise ValueError("There is no such field.")
    if key not in names(model, language):
        raise ValueError("This is the original’s. Leave it out of a translation.")
    if isinstance(value, list) and key in JOINED_BY:
        if not all(isinstance(item, str) for item in value):
            raise ValueError("This field takes a list of texts in quotes.")
        value = JOINED_BY[key].join(value)
    field = model._meta.get_field(key)
    kind, words = next((kind, words) for of, kind, words in _TAKES if isinstance(field, of))
    if type(value) is not kind:
        raise ValueError(f"This field takes {words}.")
    return rendering.clean_text(value) if isinstance(value, str) else value


def _keys(front: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(front.split("\n"), 2):
        if match := re.match(r"(\w+)\s*=", line):
            yield number, match[1]
