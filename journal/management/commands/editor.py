import getpass
import sys
from typing import Any

from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from journal import accounts
from journal.models import User


class Command(BaseCommand):
    help = "Make an editor's account for /manage/. Asks for the password, or reads it from standard input."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--group", choices=["Editors", "Publishers"], default="Publishers")
        parser.add_argument("--superuser", action="store_true", help="may also decide who is an editor")

    def handle(self, *args: Any, **options: Any) -> None:
        name = User.objects.normalize_username(options["name"])
        user = User(username=name, is_staff=True, is_superuser=options["superuser"])
        try:
            user.full_clean(exclude=["password"])
            password = self._password()
            accounts.check_new_password(password, name)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        user.set_password(password)
        user.save()
        user.groups.add(Group.objects.get(name=options["group"]))
        said = f"Made by manage.py editor, one of the {options['group']}{', superuser' if user.is_superuser else ''}."
        LogEntry.objects.log_actions(user.pk, [user], ADDITION, change_message=said, single_object=True)
        self.stdout.write(f"{name} can sign in at /manage/ and is one of the {options['group']}.")

    def _password(self) -> str:
        if not sys.stdin.isatty():
            return sys.stdin.readline().rstrip("\n")
        password = getpass.getpass("Password (12 characters or more): ")
        if getpass.getpass("Once more: ") != password:
            raise CommandError("The two passwords differ. Nothing was made.")
        return password
