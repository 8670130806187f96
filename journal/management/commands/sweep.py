from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from journal import session, throttle


class Command(BaseCommand):
    help = "Delete ended sessions, their halves of keys, and old counters of tries."

    def handle(self, *args: Any, **options: Any) -> None:
        session.sweep()
        throttle.sweep()
        call_command("clearsessions")
