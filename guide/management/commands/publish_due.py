from typing import Any

from django.core.management.base import BaseCommand
from django.template.defaultfilters import pluralize

from guide import releases


class Command(BaseCommand):
    help = "Carry out the releases whose time has come. The site does so by itself when somebody reads a page."

    def handle(self, *args: Any, **options: Any) -> None:
        done = releases.carry_out_due()
        self.stdout.write(f"{done} release{pluralize(done)} carried out.")
