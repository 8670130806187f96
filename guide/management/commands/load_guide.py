from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.template.defaultfilters import pluralize

from guide import bundle


class Command(BaseCommand):
    help = "Add what the database lacks of the guide's bundle. Never changes what an editor changed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "folder",
            nargs="?",
            type=Path,
            help="the bundle's folder, loaded wholly or not at all; without one: as much of the shipped guide as fits",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        folder, left_out = options["folder"], list[str]()
        try:
            if folder:
                added = bundle.load(folder)
            else:
                added, left_out = bundle.load_what_fits()
        except bundle.BundleError as error:
            raise CommandError(f"The guide was not loaded. Nothing was changed.\n{error}") from None
        if added:
            self.stdout.write(f"Loaded {added} record{pluralize(added)} of the guide.")
        for problem in left_out:
            self.stdout.write(f"Left out of the guide, since it does not fit what editors made: {problem}")
