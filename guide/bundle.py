"""The guide as a folder of files: one record a file, TOML front matter between ``+++`` lines, then Markdown.

The folder of a file is the record's kind, its name the slug; translations stand in a folder of their language.
`load` adds what the database has never had and leaves everything else alone, so that it can run at every start.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models, transaction

from .language import CODES, ORIGINAL
from .models import Country, Flag, HelpLine, Page, Question, Section, Sign, Source, Tip
from .publishing import Editable, Publication

CONTENT = Path(__file__).parent / "content"

# In this order, so that a record comes after those that it names.
KINDS: dict[str, type[Editable]] = {
    "sources": Source,
    "countries": Country,
    "sections": Section,
    "questions": Question,
    "tips": Tip,
    "flags": Flag,
    "signs": Sign,
    "help_lines": HelpLine,
    "pages": Page,
}
_JOINED_BY = {"follow_ups": "\n", "starters": "\n", "sources": ", "}
_COMPUTED = {
    "id", "slug", "body", "body_html", "after_html", "words", "edited_at", "live", "language", "original",
    "archived_at",
}  # fmt: skip


class BundleError(Exception):
    """A bundle has problems. Its text lists every one, a line each, with file and line."""


@dataclass(frozen=True)
class Record:
    """One file of a bundle, read and taken apart."""

    file: Path
    model: type[Editable]
    fields: dict[str, Any]
    lines: dict[str, int]  # where each field stands in the file
    language: str = ORIGINAL

    @property
    def was_there(self) -> bool:
        """Whether the database has or ever had this record."""
        versions = self.model.history.filter(slug=self.fields["slug"], language=self.language)
        return bool(versions.exists())

    def row(self) -> Editable:
        """Return the record, unsaved. Raises `ValidationError` if it translates what is not there."""
        if self.language == ORIGINAL:
            return self.model(**self.fields)
        original = self.model._rows().filter(slug=self.fields["slug"], original=None).first()
        if original is None:
            raise ValidationError({NON_FIELD_ERRORS: ["There is no original of this translation."]})
        row = self.model(**self.fields, language=self.language)
        row.original = original
        row.follow_original()
        return row

    def problems(self, error: ValidationError) -> Iterator[str]:
        """Say what validation found, each with the line it is about."""
        for field, messages in error.message_dict.items():
            name = "" if field == NON_FIELD_ERRORS else f"{field}: "
            for message in messages:
                yield f"{self.file}:{self.lines.get(field, 1)}: {name}{message}"


def load(folder: Path = CONTENT) -> int:
    """Add every record that the database has never had, and publish it; return how many were added.

    All or nothing: raises `BundleError` with all problems, and nothing is added. A record that an editor
    changed, took off the site or deleted stays as the editor left it.
    """
    records, problems = read(folder)
    with transaction.atomic():
        new = [record for record in records if not record.was_there]
        for record in new:
            try:
                row = record.row()
                row.full_clean()
            except ValidationError as error:
                problems += record.problems(error)
            else:
                row.save()
                record.model.objects.filter(pk=row.pk).update(live=row.history.latest().history_id)
        if problems:
            raise BundleError("\n".join(problems))
        if new:
            Publication.objects.create()
    return len(new)


def read(folder: Path) -> tuple[list[Record], list[str]]:
    """Read a folder; return its records, and what is wrong with files that can't be read as records."""
    if not folder.is_dir():
        return [], [f"{folder}:1: There is no such folder."]
    records: list[Record] = []
    problems = [f"{file}:1: “{file.parent.name}” is no kind of record." for file in _strays(folder)]
    for language, kind in product(CODES, KINDS):
        place = folder / kind if language == ORIGINAL else folder / language / kind
        for file in sorted(place.glob("*.md")):
            try:
                record, found = _read_file(file, KINDS[kind], language)
            except BundleError as error:
                problems.append(str(error))
            else:
                records.append(record)
                problems += found
    return records, problems


def _strays(folder: Path) -> list[Path]:
    roots = [folder if code == ORIGINAL else folder / code for code in CODES]
    places = {root / kind for root in roots for kind in KINDS}
    return [file for file in sorted(folder.rglob("*.md")) if file.parent not in places]


def _read_file(file: Path, model: type[Editable], language: str) -> tuple[Record, list[str]]:
    """Read one file; return its record, and what is wrong with single fields of it."""
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise BundleError(f"{file}:1: The file is not UTF-8.") from None
    match = re.fullmatch(r"\+\+\+\n(.*?)^\+\+\+\n?(.*)", text, re.DOTALL | re.MULTILINE)
    if not match:
        raise BundleError(f"{file}:1: The file does not begin with TOML between two lines of +++.")
    front, body = match.groups()
    try:
        values = tomllib.loads(front)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        said = re.sub(r" \(at .*\)$", "", str(error))
        raise BundleError(f"{file}:{1 + int(line[1]) if line else 1}: {said}.") from None

    lines = {key: number for number, key in _keys(front)}
    lines["body"] = front.count("\n") + 3
    fields, problems = {"slug": file.stem, "body": body.strip()}, []
    for key, value in values.items():
        try:
            if language != ORIGINAL and key not in model.translated:
                raise ValueError("A translation does not say this: it is its original’s.")
            fields[key] = _value(model, key, value)
        except ValueError as error:
            problems.append(f"{file}:{lines.get(key, 1)}: {key}: {error}")
    return Record(file, model, fields, lines, language), problems


def _value(model: type[Editable], key: str, value: Any) -> Any:
    """Return a value of the front matter as its field takes it. Raises `ValueError` if there is no such field."""
    if key not in {field.name for field in _plain_fields(model)} - _COMPUTED:
        raise ValueError("There is no such field.")
    if isinstance(value, list) and key in _JOINED_BY:
        return _JOINED_BY[key].join(str(item) for item in value)
    if isinstance(value, list | dict):
        raise ValueError("This field takes one value.")
    if isinstance(value, int | float) and isinstance(model._meta.get_field(key), models.DateField):
        raise ValueError("This field takes a date.")
    return value


def _plain_fields(model: type[Editable]) -> list[models.Field[Any, Any]]:
    return [field for field in model._meta.get_fields() if isinstance(field, models.Field)]


def _keys(front: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(front.split("\n"), 2):
        if match := re.match(r"(\w+)\s*=", line):
            yield number, match[1]
