from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.template.defaultfilters import pluralize

from guide import bundle


class Command(BaseCommand):
    help = "Add what the database lacks of the guide's bundle. Never changes what an editor changed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", nargs="?", type=Path, default=bundle.CONTENT, help="the bundle's folder")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            added = bundle.load(options["folder"])
        except bundle.BundleError as error:
            raise CommandError(f"The guide was not loaded. Nothing was changed.\n{error}") from None
        if added:
            self.stdout.write(f"Loaded {added} record{pluralize(added)} of the guide.")
