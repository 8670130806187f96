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
        done, failed, late = accounts.repepper()
        newest = max(peppers)
        self.stdout.write(f"Passwords put under pepper {newest}: {done}")
        problems = []
        if failed:
            problems.append(f"{failed} could not be: their pepper is not configured, or the row was damaged.")
        if late:
            problems.append(
                f"Passwords set meanwhile under an older pepper: {late}. A process still runs without pepper {newest}: "
                "restart every process, then run this again."
            )
        if problems:
            raise CommandError(" ".join(problems))
        self.stdout.write(f"No password needs an older pepper now: only {newest} has to stay configured.")
