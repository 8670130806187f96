from typing import Any

from django.core.management.base import BaseCommand

from config.operations import doctor


class Command(BaseCommand):
    help = "Say how the site is, a line for each check. Ends with 1 if something is wrong. Changes nothing."
    requires_system_checks = ()  # it looks at the settings itself, and goes on

    def handle(self, *args: Any, **options: Any) -> None:
        wrong = False
        for finding in doctor.examine():
            self.stdout.write(f"{finding.level:<8} {finding.subject}: {finding.sentence}")
            wrong = wrong or finding.level == doctor.WRONG
        if wrong:
            raise SystemExit(1)
