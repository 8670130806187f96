from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.template.defaultfilters import pluralize

from guide import bundle, exchange


class Command(BaseCommand):
    help = "Write the guide to a folder of files, or bring such a folder in."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        out = actions.add_parser("export", help="make a folder hold the guide; the archive stays out")
        out.add_argument("folder", type=Path, help="an empty folder, a new one, or an earlier export")
        out.add_argument("--live", action="store_true", help="what readers see, instead of the working copies")
        into = actions.add_parser("import", help="bring the working copies to what a folder says")
        into.add_argument("folder", type=Path, help="the folder")
        into.add_argument("--dry-run", action="store_true", help="show what would change, and change nothing")
        into.add_argument("--publish", action="store_true", help="let readers see it, without a second person")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["action"] == "export":
            self._export(options["folder"], options["live"])
        else:
            self._import(options["folder"], options["publish"], options["dry_run"])

    def _export(self, folder: Path, live: bool) -> None:
        try:
            written = exchange.export_to(folder, live)
        except bundle.BundleError as error:
            raise CommandError(f"The guide was not written. Nothing was changed.\n{error}") from None
        self.stdout.write(f"Wrote {written} record{pluralize(written)}. What is in the archive was left out.")

    def _import(self, folder: Path, publish: bool, dry_run: bool) -> None:
        try:
            outcome = exchange.import_from(folder, publish, dry_run)
        except bundle.BundleError as error:
            raise CommandError(f"The folder was not brought in. Nothing was changed.\n{error}") from None
        if dry_run:
            for line in outcome.diff():
                self.stdout.write(line)
        for name in outcome.missing:
            self.stdout.write(f"Not in the folder, and left as it is: {name}")
        self.stdout.write(f"{outcome.added} added, {outcome.changed} changed, {outcome.published} published.")
        if outcome.alone:
            self.stdout.write(f"{outcome.alone} of them about safety, without a second person’s yes.")
        if dry_run:
            self.stdout.write("This was a dry run. Nothing was changed.")
