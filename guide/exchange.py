"""The guide out to a folder of files and back in, in the bundle's own format.

`write` makes one file of one record, always the same bytes for the same record, so that two exports compare. What
readers would not notice is not kept: empty lines before a text and white space after it.
"""

import difflib
import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction

from . import picture_files, releases
from .bundle import JOINED_BY, BundleError, Record, is_in_place, names, place_of, read, trim
from .language import ORIGINAL
from .models import KINDS
from .plans import Change

REASON = "Imported."
FIXED = ("number",)  # chosen once: answers in journals know a question by it


def write(row: Any) -> str:
    """Return the file of a record. Fields that say nothing but their default are left out."""
    front = ""
    for name in names(type(row), row.language):
        value = ", ".join(row.source_slugs) if name == "sources" else getattr(row, name)
        if value != _default(row, name):
            front += f"{name} = {_toml(name, value)}\n"
    body = trim(row.body)
    return f"+++\n{front}+++\n" + (f"\n{body}\n" if body else "")


def _default(row: Any, name: str) -> Any:
    field = row._meta.get_field(name)
    return None if field.null else field.get_default()


def _toml(name: str, value: Any) -> str:
    if name in JOINED_BY:
        return f"[{', '.join(map(_quoted, value.split(JOINED_BY[name])))}]"
    if isinstance(value, str):
        return _quoted(value)
    return str(value).lower()  # true, false, a whole number, a date


def _quoted(text: str) -> str:
    # A string of JSON is one of TOML, but for one character that TOML wants escaped.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def files(live: bool = False) -> dict[str, str]:
    """Return every file of the guide by its path: the working copies, or what readers see. The archive stays out."""
    found: dict[str, str] = {}
    for kind, model in KINDS.items():
        rows = model._rows().pinned() if live else list(model._rows().filter(archived_at=None))
        slugs = {row.pk: row.slug for row in rows if row.original_id is None}
        for row in rows:
            if slug := slugs.get(row.original_id or row.pk):
                found[str(place_of(Path(), row.language) / kind / f"{slug}.md")] = write(row)
    return dict(sorted({**found, **picture_files.texts()}.items()))


def export_to(folder: Path, live: bool = False) -> int:
    """Make a folder hold the guide and nothing else; return how many records that is.

    All or nothing: the new folder takes the place of the old one when it is whole. Raises `BundleError` if something
    else stands in the folder, or if it can't be written.
    """
    folder = folder.resolve()
    if problems := list(_strangers(folder)):
        raise BundleError("\n".join(problems))
    texts = files(live)
    try:
        with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as beside:
            new, old = Path(beside, "new"), Path(beside, "old")
            new.mkdir()
            for name, text in texts.items():
                (new / name).parent.mkdir(parents=True, exist_ok=True)
                (new / name).write_bytes(text.encode())
            for name, picture in picture_files.pictures():
                (new / name).write_bytes(picture)
            _swap(folder, new, old)
    except OSError as error:
        raise BundleError(f"{folder}:1: The folder can’t be written: {error.strerror}.") from None
    return len(texts)


def _swap(folder: Path, new: Path, old: Path) -> None:
    if folder.exists():
        folder.rename(old)
    try:
        new.rename(folder)
    except OSError:
        if old.exists():
            old.rename(folder)
        raise


def _strangers(folder: Path) -> Iterator[str]:
    if folder.exists() and not folder.is_dir():
        yield f"{folder}:1: This is no folder."
    for path, folders, found in os.walk(folder):
        for name in found + [name for name in folders if Path(path, name).is_symlink()]:
            file = Path(path, name)
            ours = (file.suffix == ".md" and is_in_place(folder, file)) or picture_files.is_in_place(folder, file)
            if file.is_symlink() or not ours:
                yield f"{file}:1: This is no part of a bundle. An export takes a folder of its own."


@dataclass(frozen=True)
class Outcome:
    """What came of an import, or would have."""

    before: Mapping[str, str]
    after: Mapping[str, str]
    missing: list[str]  # what the database has and the folder lacks
    published: int
    alone: int  # of these, records about safety, which went live without a second person

    @property
    def added(self) -> int:
        return len(self.after.keys() - self.before.keys())

    @property
    def changed(self) -> int:
        return sum(self.after[name] != text for name, text in self.before.items())

    def diff(self) -> Iterator[str]:
        """Yield the lines of a unified diff, from what the database had to what it has."""
        for name, text in sorted(self.after.items()):
            before = self.before.get(name)
            lines = ("" if before is None else before).splitlines(), text.splitlines()
            yield from difflib.unified_diff(*lines, f"a/{name}" if before else "/dev/null", f"b/{name}", lineterm="")


def import_from(folder: Path, publish: bool = False, dry_run: bool = False) -> Outcome:
    """Bring the database's working copies to what a folder says, and with `publish` readers too, in one step.

    What the folder lacks is left alone, and so is what already says the same. All or nothing: raises `BundleError`
    with all problems, and nothing is changed. With `dry_run` nothing is changed either.
    """
    records, problems = read(folder)
    with transaction.atomic():
        before = files()
        problems += picture_files.bring_in(folder)
        rows = []
        for record in records:
            row, found = _bring_in(record)
            problems += found
            rows.append(row)
        if problems:
            raise BundleError("\n".join(problems))
        changes = list(_not_live(rows)) if publish else []
        alone = sum(change.needs_second for change in changes)
        if changes:
            try:
                releases.ask(changes, by=None, note=REASON, alone=True)
            except releases.RefusedError as error:
                raise BundleError("\n".join(f"{folder}:1: {problem}" for problem in error.problems)) from None
        after = files()
        transaction.set_rollback(dry_run)
    theirs = {str(file.relative_to(folder)) for file in folder.rglob("*")}
    return Outcome(before, after, sorted(before.keys() - theirs), len(changes), alone)


def _bring_in(record: Record) -> tuple[Any, list[str]]:
    """Write a record to its row, a new one if there is none; return the row, and what is wrong with it."""
    rows = record.model._rows().filter(slug=record.slug)
    original = None
    if record.language != ORIGINAL:
        original = rows.filter(language=ORIGINAL, archived_at=None).first()
        if not original:
            return None, [record.problem("There is no original for this translation.")]
    row: Any = rows.filter(language=record.language).first()
    if row and row.archived_at:
        return row, [record.problem("This record is in the archive. Bring it back first.")]
    before = write(row) if row else None
    model: Any = record.model
    row = row or model(slug=record.slug, language=record.language, original=original)
    for name in ["body", *names(record.model, record.language)]:
        value = record.fields.get(name, _default(row, name))
        if before and name in FIXED and value != getattr(row, name):
            return row, [record.problem("It can’t be changed. Add another record instead.", name)]
        setattr(row, name, value)
    if write(row) == before:
        return row, []
    row._change_reason = REASON
    return row, record.save(row)


def _not_live(rows: Iterable[Any]) -> Iterator[Change]:
    for row in rows:
        change = Change.to_newest(row)
        if change.version != row.live:
            yield change
