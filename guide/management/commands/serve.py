import hashlib
import os
import shutil
import socket
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, connection


class Command(BaseCommand):
    help = "Bring the database, the guide and the static files up to date, then serve with granian."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="the address to listen at")
        parser.add_argument("--workers", type=int, default=2, help="how many processes")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.DEBUG:
            raise CommandError("DEBUG is on. Use `make dev` for that; this serves people.")
        self._check_port(options["host"])
        os.umask(0o077)  # the database and its log are for this system user alone
        self._check_database()
        prepare()
        self.stdout.write(
            f"\nEither Way is at {settings.SITE_URL}/\n"
            f"The editors’ desk is at {settings.SITE_URL}/manage/ (make an editor: make editor NAME=…)\n"
            f"Data and secrets are in {settings.DATA_DIR}. Stop with Ctrl+C.\n"
        )
        self.stdout.flush()
        command = [sys.executable, "-m", "config.server", options["host"], str(options["workers"])]
        if settings.METRICS_TOKEN:
            make_room_for_counters()
        # Two places to take memory from are enough for threads of which one runs. It saves 18 MB of 197.
        os.environ.setdefault("MALLOC_ARENA_MAX", "2")
        os.execv(sys.executable, command)  # noqa: S606 - our own server, no shell

    def _check_database(self) -> None:
        try:
            connection.ensure_connection()
        except OperationalError as error:
            reason = str(error).strip().partition("\n")[0]
            raise CommandError(f"The database that DATABASE_URL names can’t be reached: {reason}") from None

    def _check_port(self, host: str) -> None:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, settings.PORT))
            except OSError as error:
                raise CommandError(
                    f"Can’t listen at {host}:{settings.PORT}: {error.strerror}. Try PORT={settings.PORT + 1}."
                ) from None


def prepare() -> None:
    """Migrate, load the guide, collect static files: each does nothing where nothing is to be done."""
    call_command("migrate", interactive=False, verbosity=0)
    call_command("load_guide")
    call_command("sweep")
    mark = settings.STATIC_ROOT / ".collected"
    state = _static_state()
    if not mark.exists() or mark.read_text() != state:
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        mark.write_text(state)


def make_room_for_counters() -> None:
    """Give the processes of this start an empty folder to count in (prometheus_client's multiprocess mode).

    Another version, in another folder, may be serving and counting at this moment.
    """
    folder = settings.DATA_DIR / f"metrics-{settings.BASE_DIR.name}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)


def _static_state() -> str:
    """A fingerprint of everything that static files are made from."""
    digest = hashlib.sha256((settings.BASE_DIR / "requirements.txt").read_bytes())
    for folder in settings.STATICFILES_DIRS:
        for file in sorted(Path(folder).rglob("*")):
            if file.is_file():
                digest.update(str(file).encode() + file.read_bytes())
    return digest.hexdigest()
