from typing import Any

from django.core.management.base import BaseCommand

from journal import accounts, session, throttle
from journal.session_store import SessionStore


class Command(BaseCommand):
    help = "Delete ended sessions, halves of keys, old counters, and journals that a restored backup brought back."

    def handle(self, *args: Any, **options: Any) -> None:
        session.sweep()
        throttle.sweep()
        SessionStore.clear_expired()
        again = accounts.delete_restored()
        if again:
            self.stdout.write(f"Deleted again after a restore: {again}")
