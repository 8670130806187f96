"""What whoever runs a site can be told of its state: in counts and sentences, with no name, no text and no key.

Each check looks and changes nothing. What it can't know it does not claim.
"""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.storage import HashedFilesMixin, staticfiles_storage
from django.core import checks
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from guide import edition, language
from guide.pages import Guide, read
from guide.publishing import Publication
from journal import ledger, shapes
from journal.models import DeletedVault, Keyring

from . import staging

OK, LOOK, WRONG = "ok", "look at", "wrong"
Found = tuple[str, str]  # how it is, and a sentence
Check = Callable[[], Found]
LOW, FULL = 1024**3, 128 * 1024**2  # bytes that are free


@dataclass(frozen=True)
class Finding:
    """One line: of what, how it is, and what was found."""

    subject: str
    level: str
    sentence: str


def examine() -> Iterator[Finding]:
    """Yield a finding for each check that can be carried out: what needs a sound answer from another is left out."""
    bad: set[str] = set()
    for subject, (check, needed) in CHECKS.items():
        if bad.isdisjoint(needed):
            finding = look(subject, check)
            if finding.level == WRONG:
                bad.add(subject)
            yield finding


def look(subject: str, check: Check) -> Finding:
    """Return what a check finds. That it can't be carried out is a finding too, without the error's words: they may
    quote a row.
    """
    try:
        return Finding(subject, *check())
    except Exception as error:
        kind = "The database refused" if isinstance(error, DatabaseError) else "This can’t be checked"
        return Finding(subject, WRONG, f"{kind}: {type(error).__name__}.")


def _settings() -> Found:
    found = checks.run_checks(include_deployment_checks=True)
    ids = ", ".join(sorted({str(message.id) for message in found}))
    if any(message.level >= checks.ERROR for message in found):
        return WRONG, f"{ids}. `manage.py check --deploy` says what they mean."
    if found:
        return LOOK, f"{ids}. `manage.py check --deploy` says what they mean."
    return OK, "Every promise that hangs on a setting is kept."


def _files() -> Found:
    folder = Path(settings.DATA_DIR)
    here = [folder, *(path for path in folder.iterdir() if path.name not in {"static", settings.STATIC_ROOT.name})]
    names = ", ".join(sorted(path.name for path in here if path.lstat().st_mode & 0o077))
    if folder.stat().st_mode & 0o077:
        return WRONG, "Others can open DATA_DIR. Run chmod 700 on it."
    if names:
        return LOOK, f"DATA_DIR is closed, and these in it are not: {names}. Run chmod 600 on them."
    if staging.left_over():
        return LOOK, f"A backup or restore is under way, or was killed and left {staging.NAME}."
    return OK, "DATA_DIR and what is in it are for one system user."


def _room() -> Found:
    folders = {staging.folder(), Path(settings.DATA_DIR)}
    free = min(shutil.disk_usage(folder).free for folder in folders)
    level = WRONG if free < FULL else LOOK if free < LOW + _size() else OK
    return level, f"Free: {free // 1024**2:,} MB.{'' if level == OK else ' That is little.'}"


def _size() -> int:
    """How much a backup takes beside the database while it is made."""
    if connection.vendor != "sqlite":
        return 0
    file = Path(connection.settings_dict["NAME"])
    return file.stat().st_size if file.exists() else 0


def _static() -> Found:
    if not isinstance(staticfiles_storage, HashedFilesMixin):
        return OK, "They are served from where they lie: this is a machine for development."
    names = staticfiles_storage.hashed_files.values()
    lost = sum(not (settings.STATIC_ROOT / name).is_file() for name in names)
    if not names or lost:
        return WRONG, f"Lost: {lost} of {len(names)}. `serve` collects them."
    return OK, f"Collected: {len(names)}."


def _database() -> Found:
    if connection.vendor == "sqlite" and not Path(connection.settings_dict["NAME"]).exists():
        return WRONG, "There is none yet: `serve` or `migrate` makes it, or `restore`."
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return OK, f"{connection.display_name} answers."


def _migrations() -> Found:
    executor = MigrationExecutor(connection)
    missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    unknown = len(set(executor.loader.applied_migrations) - set(executor.loader.disk_migrations))
    if missing:
        return WRONG, f"Not applied: {missing}. `serve` or `migrate` applies them."
    if unknown:
        return WRONG, f"Unknown to this version: {unknown}. A newer one made this database."
    return OK, "All are applied."


def _integrity() -> Found:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SHOW data_checksums")
            if cursor.fetchone()[0] == "on":
                return OK, "PostgreSQL checks each page that it reads."
            return LOOK, "PostgreSQL keeps no checksums of its pages (pg_checksums)."
        cursor.execute("PRAGMA quick_check")
        torn = cursor.fetchall() != [("ok",)]
        cursor.execute("PRAGMA foreign_key_check")
        loose = len(cursor.fetchall())
    if torn or loose:
        return WRONG, f"The database is damaged. Rows that belong to nothing: {loose}."
    return OK, "Tables and indexes are sound, and every row belongs to one that is there."


def _clock() -> Found:
    newest = Publication.objects.order_by("-at").values_list("at", flat=True).first()
    now = timezone.now()
    if newest and newest > now:
        return WRONG, f"It says {now:%Y-%m-%d %H:%M} UTC, before the newest publication of the guide."
    said = f"It says {now:%Y-%m-%d %H:%M} UTC, not before anything that was published."
    return OK, f"{said} Whether it is right is not to be seen here."


def _edition() -> Found:
    number = Publication.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    records = read()
    rendered = edition.render(number, {code: Guide.of(records, code) for code in language.CODES})
    if not number:
        return LOOK, "Nothing is published yet: `serve` or `load_guide` brings the shipped guide."
    return OK, f"Edition {number} renders. Pages: {len(rendered.pages)}."


def _sealed() -> Found:
    found = list(shapes.damaged())
    damaged = ", ".join(f"{wrong} of {count} ({name})" for name, count, wrong in found if wrong)
    if damaged:
        return WRONG, f"Not as anything is sealed: {damaged}. A backup may have them whole."
    return OK, f"Of the right form: {sum(count for _, count, _ in found)}. Only keys tell more."


def _peppers() -> Found:
    passwords = shapes.passwords()
    if passwords.closed:
        sentence = f"Passwords that open nothing: {passwords.closed} of {passwords.all}. Their pepper is not in place."
        return WRONG, f"{sentence} Put it back before anybody recovers."
    return OK, f"Passwords: {passwords.all}, each under a pepper that is in place."


def _ledger() -> Found:
    in_file, in_table = ledger.in_file(), set(DeletedVault.objects.values_list("pk", flat=True))
    back = sum(ledger.mark(pk) in in_file | in_table for pk in Keyring.objects.values_list("pk", flat=True))
    if back:
        return WRONG, f"Back from a backup: {back}. `sweep` deletes them again."
    if in_file != in_table:
        one = f"Only in the file: {len(in_file - in_table)}, only in the table: {len(in_table - in_file)}."
        return LOOK, f"{one} `sweep` makes the two lists one."
    return OK, f"File and table agree: {len(in_file)}. None is back."


# What is looked at, in this order, and what has to be right for it to be looked at.
CHECKS: dict[str, tuple[Check, tuple[str, ...]]] = {
    "settings": (_settings, ()),
    "files": (_files, ()),
    "disk": (_room, ()),
    "static files": (_static, ()),
    "database": (_database, ()),
    "migrations": (_migrations, ("database",)),
    "integrity": (_integrity, ("database",)),
    "clock": (_clock, ("database", "migrations")),
    "guide": (_edition, ("database", "migrations", "static files")),
    "sealed rows": (_sealed, ("database", "migrations")),
    "peppers": (_peppers, ("database", "migrations")),
    "deleted journals": (_ledger, ("database", "migrations")),
}
