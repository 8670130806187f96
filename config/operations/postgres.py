"""A backup of a PostgreSQL database, by its own programs. No list of processes shows the password."""

import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from django.db import connection, transaction

from . import RefusedError
from .staging import Sink

T = TypeVar("T")

MAGIC = b"PGDMP"
_AS_IT_COMES = ["--no-owner", "--no-privileges"]  # a restored database belongs to whom the site connects as


def dump(sink: Sink, staged: Path, left_out: list[str]) -> None:
    """Write the database as it is at one moment, without the rows of some tables. Writers go on meanwhile."""
    tables = [f"--exclude-table-data={table}" for table in left_out]
    with _started(
        "pg_dump", "--format=custom", "--compress=0", *_AS_IT_COMES, *tables, stdout=subprocess.PIPE
    ) as program:
        assert program.stdout  # noqa: S101 - a pipe
        assert program.stderr  # noqa: S101 - a pipe
        shutil.copyfileobj(program.stdout, sink)
        said = program.stderr.read().decode(errors="replace").strip()
    if program.returncode:
        raise RefusedError(f"The database can’t be copied. {said.splitlines()[0] if said else ''}".strip())


def read(plain: Path) -> set[tuple[str, str]]:
    """Unpack all of a backup; return the migrations that it has. Raises `RefusedError` if it is not whole."""
    _read(plain, "--file=/dev/null")
    lines = _read(plain, "--data-only", "--table=django_migrations", "--file=-").splitlines()
    begins = next((at for at, line in enumerate(lines) if line.startswith("COPY ")), None)
    if begins is None:
        raise RefusedError("This is no backup of Either Way.")
    names = [name.strip() for name in lines[begins].partition("(")[2].partition(")")[0].split(",")]
    rows = [dict(zip(names, line.split("\t"), strict=True)) for line in lines[begins + 1 : lines.index("\\.")]]
    return {(row["app"], row["name"]) for row in rows}


def make_way() -> None:
    """See that nobody else is connected. Raises `RefusedError`."""
    with connection.cursor() as cursor:
        others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        cursor.execute(others)
        if cursor.fetchone()[0]:
            raise RefusedError("The database is in use. Stop the site first.")


def put(plain: Path, settle: Callable[[], T]) -> T:
    """Put a backup into the database in one transaction, then settle it."""
    with transaction.atomic(), connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"DROP TABLE {connection.ops.quote_name(table)} CASCADE")
    connection.close()
    options = ["--single-transaction", "--exit-on-error", *_AS_IT_COMES, str(plain)]
    with _started("pg_restore", *options, by_option=True) as program:
        program.communicate()  # what it says may quote rows
    if program.returncode:
        raise RefusedError("pg_restore could not put the backup in. The database is empty; the backup is as it was.")
    return settle()


def _read(plain: Path, *options: str) -> str:
    command = [_found("pg_restore"), *options, str(plain)]
    done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - no shell
    if done.returncode:
        raise RefusedError("This backup is not whole, or was made by a newer pg_dump than the pg_restore here reads.")
    return done.stdout.decode()


def _started(name: str, *options: str, by_option: bool = False, stdout: int = subprocess.DEVNULL) -> Any:
    args, env = connection.client.settings_to_cmd_args_env(connection.settings_dict, [])
    *where, database = args[1:]
    target: Sequence[str] = ["--dbname", database] if by_option else [database]
    command = [_found(name), "--no-password", *where, *target, *options]
    given = {**os.environ, **(env or {})}
    return subprocess.Popen(command, env=given, stdout=stdout, stderr=subprocess.PIPE)  # noqa: S603 - no shell


def _found(name: str) -> str:
    path = shutil.which(name)
    if not path:
        raise RefusedError(f"The program {name} is needed. On Debian and Ubuntu: apt-get install postgresql-client.")
    return path
