import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.template.defaultfilters import filesizeformat

from config.operations import RefusedError, backup


class Command(BaseCommand):
    help = "Write the whole database to one new file, while the site runs. The secrets are not in it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the file to make; it is never written over")
        parser.add_argument(
            "--to", action="append", default=[], metavar="RECIPIENT", help="seal it with age for this public key"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        os.umask(0o077)
        try:
            size = backup.make(options["file"].absolute(), options["to"])
        except RefusedError as error:
            raise CommandError(str(error)) from None
        size_text = filesizeformat(size).replace("\xa0", " ")
        self.stdout.write(
            f"{options['file']} is a whole backup, {size_text}{', sealed' if options['to'] else ''}.\n"
            "In it: the guide with its history, user names, locked journals. Not in it: sessions, the secrets.\n"
            "Keep pepper and secret_key (or PEPPERS and SECRET_KEY) apart from it: "
            "without the pepper no password opens a journal.\n"
            "Keep the newest copy of the list deleted-vaults as well: a restore deletes again what is on it."
        )
