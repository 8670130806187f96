import secrets
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from journal import accounts


class Command(BaseCommand):
    help = (
        "Put every password under the newest pepper, without knowing one. Say --new for a pepper to configure first. "
        "Stopped halfway, it goes on when it is run again."
    )

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--new", action="store_true", help="print PEPPERS with one more; change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        peppers = settings.JOURNAL_PEPPERS
        if options["new"]:
            more = {**peppers, max(peppers) + 1: secrets.token_bytes(32)}
            self.stdout.write("PEPPERS=" + ",".join(f"{number}:{value.hex()}" for number, value in more.items()))
            return
        done, left = accounts.repepper()
        self.stdout.write(f"Passwords put under pepper {max(peppers)}: {done}")
        if left:
            raise CommandError(f"{left} could not be: their pepper is not configured, or the row was damaged.")
        self.stdout.write(f"No password needs an older pepper any more: only {max(peppers)} has to stay configured.")
