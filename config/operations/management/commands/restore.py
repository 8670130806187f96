import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.operations import RefusedError, restore


class Command(BaseCommand):
    help = "Put a backup into the empty database of a site that is stopped and has its secrets and deleted-vaults."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--identity", type=Path, metavar="FILE", help="the file with the key for a sealed backup")
        parser.add_argument("--check", action="store_true", help="say whether the backup is whole, and change nothing")
        parser.add_argument(
            "--without-ledger", action="store_true", help="nothing was deleted since, so there is no list of it"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        os.umask(0o077)
        file, identity = options["file"], options["identity"]
        try:
            if options["check"]:
                restore.check(file, identity)
                self.stdout.write(f"{file} is whole, and can be restored here.")
                return
            done = restore.run(file, identity, without_ledger=options["without_ledger"])
        except RefusedError as error:
            raise CommandError(str(error)) from None
        self._tell(done)

    def _tell(self, done: restore.Restored) -> None:
        self.stdout.write(
            f"Restored. Journals: {done.journals}. Deleted again after the restore: {done.deleted_again}. "
            "Everybody is signed out."
        )
        if done.without_pepper:
            raise CommandError(
                f"Passwords that open nothing here: {done.without_pepper}. Another pepper lies over them than here. "
                "Put that one back before anybody signs in or recovers."
            )
