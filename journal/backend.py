"""Who may sign in. For a person with a journal, signing in is opening the password slot.

Every door that takes the password of a journal comes through here: sign-in, unlock, the admin, changing the
password, a new recovery key, deleting the account.
"""

from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from . import accounts, crypto, notices, throttle, vault
from .models import User


class StaffPasswordHasher(Argon2PasswordHasher):
    """Django's Argon2id for staff without a journal, at the cost of a password slot."""

    memory_cost, time_cost, parallelism = settings.JOURNAL_KDF_COST

    def verify(self, password: str, encoded: str) -> bool:
        """Check a password. A stored cost outside the floor and the ceiling is refused before it is spent."""
        stored = self.decode(encoded)
        cost = crypto.Cost(stored["memory_cost"], stored["time_cost"], stored["parallelism"])
        return cost.is_allowed() and super().verify(password, encoded)


class PasswordRules:
    """Our one set of rules, for the admin's own form in which staff change their password."""

    def validate(self, password: str, user: User | None = None) -> None:
        if user and user.has_journal:
            raise ValidationError("Your password opens a journal. Change it on the page of your account.")
        accounts.check_new_password(password, user.username if user else "")

    def get_help_text(self) -> str:
        return f"At least {accounts.PASSWORD_MIN_CHARACTERS} characters. A few words in a row are easiest to remember."


class PasswordBackend(ModelBackend):
    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        code: str | None = "",
        **kwargs: Any,
    ) -> User | None:
        """Return the user whose password this is; with a journal, the opened vault is their ``vault``.

        ``code`` is that of the second factor; None is for somebody who has passed it in this session.
        One Argon2id whether the name is known or not, and a second one when an outdated slot is made anew.
        Raises `TooManyTriesError`, `BusyError`, and `WrongCodeError` if only the code is missing or wrong.
        """
        if username is None or password is None or len(password) > accounts.PASSWORD_MAX_BYTES:
            return None  # normalizing a text of any length could take any time
        name = User.objects.normalize_username(username)
        user = User.objects.select_related("keyring").filter(username=name).first()
        device = throttle.device(request, user)
        throttle.count(request, name, device=device)
        try:
            with throttle.hashing():
                right = self._is_right(user, password)
        except throttle.BusyError:
            throttle.give_back(request, name, device=device)  # nothing was tried
            raise
        if not right or user is None or not self.user_can_authenticate(user):
            notices.add(user.keyring if user and user.has_journal else None, "password", request)
            return None
        if user.vault and code is not None:
            accounts.check_code(request, user.keyring, user.vault, code)
        throttle.give_back(request, name, device=device)
        return user

    def get_user(self, user_id: int) -> User | None:
        user = User.objects.select_related("keyring").filter(pk=user_id).first()
        return user if user and self.user_can_authenticate(user) else None

    def _is_right(self, user: User | None, password: str) -> bool:
        if user is None:
            vault.spend(password, accounts.cost())
            return False
        if not user.has_journal:
            return user.check_password(password)
        try:
            user.vault = accounts.open_with_password(user, password)
        except crypto.DecryptionError:
            return False
        return True
