"""What is stored about people: a name to sign in with, two key slots, and sealed revisions.

`tests/test_columns.py` lists every column here as sealed or as allowed in clear, with the reason.
"""

import secrets
import unicodedata
import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.base_session import AbstractBaseSession
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.crypto import salted_hmac
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy

from .crypto import DecryptionError
from .vault import PasswordSlot, Vault


def random_id() -> uuid.UUID:
    """Return 16 random bytes, all of them, as the UUID that databases and addresses take."""
    return uuid.UUID(bytes=secrets.token_bytes(16))


class UserManager(BaseUserManager["User"]):
    @classmethod
    def normalize_username(cls, username: str) -> str:
        """One spelling for each name: NFKC, lower case."""
        return unicodedata.normalize("NFKC", username).casefold()

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(username=self.normalize_username(username or ""))

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(username=self.normalize_username(username), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, username: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(username, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """Somebody who can sign in. There is no email, no real name, and no time of joining or signing in."""

    username = models.CharField(
        "user name",
        max_length=40,
        unique=True,
        validators=[
            RegexValidator(
                r"\A\w(?:[\w.\-]*\w)?\Z",
                gettext_lazy("Use letters and numbers, with - or . between them and no spaces."),
            )
        ],
        error_messages={"unique": gettext_lazy("That one is in use. Try adding two digits.")},
    )
    is_staff = models.BooleanField("staff", default=False, help_text="May sign in to this site for editors.")
    is_active = models.BooleanField("active", default=True, help_text="May sign in at all.")

    last_login = None  # when somebody was here is nobody's business

    objects: ClassVar[UserManager] = UserManager()

    # Opened by the backend while this request signs in or unlocks; never stored.
    vault: Vault | None = None

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return self.username

    @property
    def has_journal(self) -> bool:
        return hasattr(self, "keyring")

    def set_password(self, raw_password: str | None) -> None:
        """Set a password of staff. Raises `ValidationError` for somebody with a journal.

        Their password is a key slot, not a hash: a new one needs the old one, the recovery key, or the
        opened vault, and goes through `accounts`.
        """
        if raw_password is not None and self.pk and self.has_journal:
            raise ValidationError("The password of somebody with a journal can be set by that person only.")
        super().set_password(raw_password)

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        # A session ends with the password it was made with. For a journal that is its slot, but for the pepper.
        password = self.keyring.password_front.hex() if self.has_journal else self.password
        return salted_hmac("journal.User.session", password, secret=secret, algorithm="sha256").hexdigest()


class Keyring(models.Model):
    """The two stored key slots of one person. Its id is the vault's id; formats are in `vault`."""

    id = models.UUIDField(primary_key=True, default=random_id, editable=False)
    user = models.OneToOneField(User, models.CASCADE, related_name="keyring")
    password_slot = models.BinaryField()
    recovery_slot = models.BinaryField()
    # The vault's tag of its own DEK: tells whether an opened vault is still the one that entries are sealed under.
    dek_tag = models.BinaryField(max_length=16)
    notice_key = models.BinaryField(max_length=32)  # the vault's public key: what is sealed with it opens there only
    profile = models.BinaryField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return "Keyring"

    @property
    def password_front(self) -> bytes:
        """What of the password slot stays the same when the pepper changes; all of it if it is damaged."""
        slot = bytes(self.password_slot)
        try:
            return PasswordSlot.parse(slot).front()
        except DecryptionError:
            return slot


class Session(AbstractBaseSession):
    """A session of the site, stored under a hash of its key, and whose it is: so that it goes when it should."""

    # No constraint: to the session store any refused row is a key that is taken, and it tries others without end.
    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="sessions", db_constraint=False)

    class Meta(AbstractBaseSession.Meta):
        default_permissions = ()

    def __str__(self) -> str:
        return "Session"

    @classmethod
    def get_session_store_class(cls) -> type[SessionBase]:
        store: type[SessionBase] = import_string(f"{settings.SESSION_ENGINE}.SessionStore")
        return store


class UnlockedSession(models.Model):
    """The server's half of an unlocked session: the DEK wrapped under the key in the browser's cookie.

    The row goes when the session is locked or has been idle; then the cookie alone opens nothing.
    """

    session = models.OneToOneField(Session, models.CASCADE, primary_key=True, related_name="unlocked")
    keyring = models.ForeignKey(Keyring, models.CASCADE, related_name="unlocked_sessions")
    slot = models.BinaryField()
    idle_at = models.BigIntegerField()  # locks then if nothing comes before; seconds since 1970
    ends_at = models.BigIntegerField()  # locks then in any case
    idle_seconds = models.PositiveIntegerField()  # how long it may be quiet, as this person chose

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return "Unlocked session"


class Revision(models.Model):
    """One saved version of one entry, sealed. Its words never change; a new DEK seals the row again.

    ``entry`` is random for a free page; for an answer it is the vault's tag of the question, so that equal
    questions can be told only within one person's rows.
    """

    keyring = models.ForeignKey(Keyring, models.CASCADE, related_name="revisions")
    entry = models.UUIDField()
    number = models.PositiveIntegerField()
    head = models.BinaryField()
    body = models.BinaryField()

    class Meta:
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=("keyring", "entry", "number"), name="one_revision_of_a_number"),)
        indexes = (models.Index(fields=("keyring", "-id"), name="newest_first"),)

    def __str__(self) -> str:
        return "Revision"


class Draft(models.Model):
    """What stood in the box of one entry when it could not be saved: one for each entry, sealed like a revision.

    ``base`` is the revision that it was written over.
    """

    keyring = models.ForeignKey(Keyring, models.CASCADE, related_name="drafts")
    entry = models.UUIDField()
    base = models.PositiveIntegerField()
    head = models.BinaryField()
    body = models.BinaryField()

    class Meta:
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=("keyring", "entry"), name="one_draft_of_an_entry"),)

    def __str__(self) -> str:
        return "Draft"


class Notice(models.Model):
    """That somebody signed in, or tried to: what, when and with which kind of device, sealed for that person.

    A name that nobody has gets its notices too, which nobody can open: so it takes as long as one that is known.
    """

    keyring = models.ForeignKey(Keyring, models.CASCADE, null=True, related_name="notices")
    sealed = models.BinaryField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return "Notice"


class DeletedVault(models.Model):
    """A mark of a vault that its owner deleted. It stays deleted when an older backup is restored; see `ledger`."""

    id = models.UUIDField(primary_key=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return "Deleted vault"


class Attempts(models.Model):
    """How many tries of a password came from one place or at one name within one stretch of time."""

    key = models.BinaryField(primary_key=True, max_length=32)  # HMAC of a name or a network
    window = models.BigIntegerField()  # when the stretch began, in seconds since 1970
    count = models.PositiveIntegerField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return "Attempts"
