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
LOW, FULL = 1024**3, 128 * 1024**2  # bytes that are free


@dataclass(frozen=True)
class Finding:
    """One line: how it is, of what, and what was found."""

    level: str
    subject: str
    sentence: str


def examine() -> Iterator[Finding]:
    """Yield a finding for each check. Without a database, those that need none."""
    yield _settings()
    yield _files()
    yield _room()
    static = _static()
    yield static
    problem = _guarded(_database, "database")
    yield problem
    if problem.level == WRONG:
        return
    migrations = _guarded(_migrations, "migrations")
    yield migrations
    yield _guarded(_integrity, "integrity")
    yield _guarded(_clock, "clock")
    if static.level != WRONG:  # else no page can name its files
        yield _guarded(_edition, "guide")
    if migrations.level != WRONG:  # else there are columns that this version asks for in vain
        for check, subject in ((_sealed, "sealed rows"), (_peppers, "peppers"), (_ledger, "deleted journals")):
            yield _guarded(check, subject)


def _guarded(check: Callable[[], Finding], subject: str) -> Finding:
    """Return what a check finds. One that can't be carried out is a finding too; its words may quote rows."""
    try:
        return check()
    except Exception as error:
        kind = "The database refused" if isinstance(error, DatabaseError) else "This can’t be checked"
        return Finding(WRONG, subject, f"{kind}: {type(error).__name__}.")


def _settings() -> Finding:
    found = checks.run_checks(include_deployment_checks=True)
    ids = ", ".join(sorted({str(message.id) for message in found}))
    if any(message.level >= checks.ERROR for message in found):
        return Finding(WRONG, "settings", f"{ids}. `manage.py check --deploy` says what they mean.")
    if found:
        return Finding(LOOK, "settings", f"{ids}. `manage.py check --deploy` says what they mean.")
    return Finding(OK, "settings", "Every promise that hangs on a setting is kept.")


def _files() -> Finding:
    folder = Path(settings.DATA_DIR)
    here = [folder, *(path for path in folder.iterdir() if path.name not in {"static", settings.STATIC_ROOT.name})]
    names = ", ".join(sorted(path.name for path in here if path.lstat().st_mode & 0o077))
    if folder.stat().st_mode & 0o077:
        return Finding(WRONG, "files", "Others can open DATA_DIR. Run chmod 700 on it.")
    if names:
        return Finding(LOOK, "files", f"DATA_DIR is closed, and these in it are not: {names}. Run chmod 600 on them.")
    if staging.left_over():
        return Finding(LOOK, "files", f"A backup or restore is under way, or was killed and left {staging.NAME}.")
    return Finding(OK, "files", "DATA_DIR and what is in it are for one system user.")


def _room() -> Finding:
    folders = {staging.folder(), Path(settings.DATA_DIR)}
    free = min(shutil.disk_usage(folder).free for folder in folders)
    level = WRONG if free < FULL else LOOK if free < LOW + _size() else OK
    return Finding(level, "disk", f"Free: {free // 1024**2:,} MB.{'' if level == OK else ' That is little.'}")


def _size() -> int:
    """How much a backup takes beside the database while it is made."""
    if connection.vendor != "sqlite":
        return 0
    file = Path(connection.settings_dict["NAME"])
    return file.stat().st_size if file.exists() else 0


def _static() -> Finding:
    if not isinstance(staticfiles_storage, HashedFilesMixin):
        return Finding(OK, "static files", "They are served from where they lie: this is a machine for development.")
    names = staticfiles_storage.hashed_files.values()
    lost = sum(not (settings.STATIC_ROOT / name).is_file() for name in names)
    if not names or lost:
        return Finding(WRONG, "static files", f"Lost: {lost} of {len(names)}. `serve` collects them.")
    return Finding(OK, "static files", f"Collected: {len(names)}.")


def _database() -> Finding:
    if connection.vendor == "sqlite" and not Path(connection.settings_dict["NAME"]).exists():
        return Finding(WRONG, "database", "There is none yet: `serve` or `migrate` makes it, or `restore`.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return Finding(OK, "database", f"{connection.display_name} answers.")


def _migrations() -> Finding:
    executor = MigrationExecutor(connection)
    missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    unknown = len(set(executor.loader.applied_migrations) - set(executor.loader.disk_migrations))
    if missing:
        return Finding(WRONG, "migrations", f"Not applied: {missing}. `serve` or `migrate` applies them.")
    if unknown:
        return Finding(WRONG, "migrations", f"Unknown to this version: {unknown}. A newer one made this database.")
    return Finding(OK, "migrations", "All are applied.")


def _integrity() -> Finding:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SHOW data_checksums")
            if cursor.fetchone()[0] == "on":
                return Finding(OK, "integrity", "PostgreSQL checks each page that it reads.")
            return Finding(LOOK, "integrity", "PostgreSQL keeps no checksums of its pages (pg_checksums).")
        cursor.execute("PRAGMA quick_check")
        torn = cursor.fetchall() != [("ok",)]
        cursor.execute("PRAGMA foreign_key_check")
        loose = len(cursor.fetchall())
    if torn or loose:
        return Finding(WRONG, "integrity", f"The database is damaged. Rows that belong to nothing: {loose}.")
    return Finding(OK, "integrity", "Tables and indexes are sound, and every row belongs to one that is there.")


def _clock() -> Finding:
    newest = Publication.objects.order_by("-at").values_list("at", flat=True).first()
    now = timezone.now()
    if newest and newest > now:
        return Finding(WRONG, "clock", f"It says {now:%Y-%m-%d %H:%M} UTC, before the newest publication of the guide.")
    said = f"It says {now:%Y-%m-%d %H:%M} UTC, not before anything that was published."
    return Finding(OK, "clock", f"{said} Whether it is right is not to be seen here.")


def _edition() -> Finding:
    number = Publication.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    records = read()
    rendered = edition.render(number, {code: Guide.of(records, code) for code in language.CODES})
    if not number:
        return Finding(LOOK, "guide", "Nothing is published yet: `serve` or `load_guide` brings the shipped guide.")
    return Finding(OK, "guide", f"Edition {number} renders. Pages: {len(rendered.pages)}.")


def _sealed() -> Finding:
    found = list(shapes.damaged())
    damaged = ", ".join(f"{wrong} of {count} ({name})" for name, count, wrong in found if wrong)
    if damaged:
        return Finding(WRONG, "sealed rows", f"Not as anything is sealed: {damaged}. A backup may have them whole.")
    return Finding(OK, "sealed rows", f"Of the right form: {sum(count for _, count, _ in found)}. Only keys tell more.")


def _peppers() -> Finding:
    passwords = shapes.passwords()
    if passwords.closed:
        sentence = f"Passwords that open nothing: {passwords.closed} of {passwords.all}. Their pepper is not in place."
        return Finding(WRONG, "peppers", f"{sentence} Put it back before anybody recovers.")
    return Finding(OK, "peppers", f"Passwords: {passwords.all}, each under a pepper that is in place.")


def _ledger() -> Finding:
    in_file, in_table = ledger.in_file(), set(DeletedVault.objects.values_list("pk", flat=True))
    back = sum(ledger.mark(pk) in in_file | in_table for pk in Keyring.objects.values_list("pk", flat=True))
    if back:
        return Finding(WRONG, "deleted journals", f"Back from a backup: {back}. `sweep` deletes them again.")
    if in_file != in_table:
        one = f"Only in the file: {len(in_file - in_table)}, only in the table: {len(in_table - in_file)}."
        return Finding(LOOK, "deleted journals", f"{one} `sweep` makes the two lists one.")
    return Finding(OK, "deleted journals", f"File and table agree: {len(in_file)}. None is back.")
