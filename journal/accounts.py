"""Making, changing and deleting journals: the only place where a password or a recovery key changes.

Each function is one transaction. Whoever holds an opened `Vault` has shown a password or a recovery key.
"""

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.http import HttpRequest
from django.utils.translation import gettext, gettext_lazy

from . import crypto, entries, ledger, notices, profile, resealing, second_factor, throttle, vault
from .crypto import Cost, DecryptionError
from .models import Draft, Keyring, Notice, Revision, Session, UnlockedSession, User
from .profile import Profile
from .vault import PasswordSlot, Vault

PASSWORD_MIN_CHARACTERS = 12
PASSWORD_MAX_BYTES = 1024
TOO_LONG = gettext_lazy("That password is too long. About 1,000 letters are the most.")
DELETED = "a deleted account"  # in the desk's log
_OWN_WORDS = ("eitherway", "either way", "either-way", "recovery key")


class WrongRecoveryKeyError(Exception):
    """No journal of that name opens with that recovery key."""


@dataclass(frozen=True)
class Stored:
    """How many rows of each kind there are about one person, beside the user name and the keys."""

    versions: int
    drafts: int
    notices: int


class Repeppered(NamedTuple):
    """How many password slots got the newest pepper, how many could not, and how many were made without it since."""

    done: int
    failed: int
    late: int


def cost() -> Cost:
    """What one hash of a password costs now."""
    return Cost(*settings.JOURNAL_KDF_COST)


def check_new_password(password: str, username: str) -> None:
    """Raise `ValidationError` with the reason if a password is not good enough. The same for all doors."""
    if len(password) < PASSWORD_MIN_CHARACTERS:
        too_short = gettext("Make the password at least {characters} characters long.")
        raise ValidationError(too_short.format(characters=PASSWORD_MIN_CHARACTERS))
    if len(password) > PASSWORD_MAX_BYTES or len(vault.password_bytes(password)) > PASSWORD_MAX_BYTES:
        raise ValidationError(TOO_LONG)
    folded = password.casefold()
    if username and username.casefold() in folded:
        raise ValidationError(gettext("Choose a password without your user name in it."))
    if any(word in folded for word in _OWN_WORDS):
        raise ValidationError(gettext("Choose a password without the name of this site in it."))
    if len(set(folded)) < 5:
        raise ValidationError(gettext("Use more than a few different characters."))
    try:
        CommonPasswordValidator().validate(password)
    except ValidationError:
        raise ValidationError(gettext("Many people use that password. Choose one of your own.")) from None


def join(username: str, password: str) -> tuple[User, str]:
    """Make a user with a journal. Returns the user, vault opened, and the recovery key to show once.

    Raises `IntegrityError` if the name was taken in the meantime.
    """
    user = User(username=User.objects.normalize_username(username))
    user.set_unusable_password()
    keyring = Keyring(user=user)
    opened = Vault.create(keyring.id.bytes)
    keyring.dek_tag, keyring.notice_key = opened.dek_tag, opened.notice_key
    keyring.profile = profile.sealed(opened, Profile())
    key = crypto.new_recovery_key()
    with throttle.hashing():
        keyring.password_slot = opened.password_slot(password, cost(), settings.JOURNAL_PEPPERS)
    keyring.recovery_slot = opened.recovery_slot(key)
    with transaction.atomic():
        user.save(force_insert=True)
        keyring.user = user
        keyring.save(force_insert=True)
    user.vault = opened
    return user, crypto.write_recovery_key(key)


def open_with_password(user: User, password: str) -> Vault:
    """Return a user's vault. Raises `DecryptionError` for any password but theirs.

    A slot made at an older cost is made anew, now that the password is at hand; an older pepper is replaced.
    """
    slot = bytes(user.keyring.password_slot)
    opened = Vault.open_with_password(user.keyring.id.bytes, slot, password, settings.JOURNAL_PEPPERS)
    parsed = PasswordSlot.parse(slot)
    new = slot
    if parsed.cost != cost():
        new = opened.password_slot(password, cost(), settings.JOURNAL_PEPPERS)
    elif parsed.pepper != max(settings.JOURNAL_PEPPERS):
        new = parsed.repeppered(user.keyring.id.bytes, settings.JOURNAL_PEPPERS).encode()  # ends no session
    # If somebody else was first, theirs stands, and a session made with this password ends by itself.
    if new != slot and Keyring.objects.filter(pk=user.keyring.pk, password_slot=slot).update(password_slot=new):
        user.keyring.password_slot = new
    return opened


def change_password(user: User, opened: Vault, new_password: str) -> None:
    """Wrap the same DEK under a new password. No entry is touched; every session of the user ends.

    Raises `StaleVaultError` if ``opened`` no longer holds: its DEK must never be put back into a slot.
    """
    with throttle.hashing():
        slot = opened.password_slot(new_password, cost(), settings.JOURNAL_PEPPERS)
    with transaction.atomic():
        entries.hold(opened)
        Keyring.objects.filter(pk=user.keyring.pk).update(password_slot=slot)
        Session.objects.filter(user=user).delete()
        transaction.on_commit(_empty_log)
    user.keyring.password_slot = slot


def change_recovery_key(user: User, opened: Vault) -> str:
    """Make a new recovery key and return it to be shown once. The one before opens nothing any more.

    Raises `StaleVaultError` if ``opened`` no longer holds.
    """
    key = crypto.new_recovery_key()
    with transaction.atomic():
        entries.hold(opened)
        Keyring.objects.filter(pk=user.keyring.pk).update(recovery_slot=opened.recovery_slot(key))
        profile.change(opened, lambda mine: replace(mine, key_tested=0))  # it was the key before
        transaction.on_commit(_empty_log)
    return crypto.write_recovery_key(key)


def has_recovery_key(user: User, text: str) -> bool:
    """Whether what was typed is the recovery key of a user. Trying it does not use it up."""
    with suppress(crypto.RecoveryKeyTypo, DecryptionError):
        key = crypto.read_recovery_key(text)
        Vault.open_with_recovery_key(user.keyring.id.bytes, bytes(user.keyring.recovery_slot), key)
        return True
    return False


def recover(
    request: HttpRequest | None, username: str, key: bytes, new_password: str, code: str = ""
) -> tuple[User, str]:
    """Open a journal with its recovery key, and give it a new DEK, a new password and a new recovery key.

    Whoever knew the old password or saw the old key opens nothing any more. All or nothing.
    Raises `WrongRecoveryKeyError`, the same for an unknown name; `WrongCodeError`, and `TooManyTriesError`.
    """
    name = User.objects.normalize_username(username)
    user = User.objects.select_related("keyring").filter(username=name, is_active=True).first()
    device = throttle.device(request, user)
    throttle.count(request, name, throttle.RECOVERY, device=device)
    keyring = user.keyring if user and user.has_journal else None
    try:
        if user is None or keyring is None:
            raise DecryptionError
        old = Vault.open_with_recovery_key(keyring.id.bytes, bytes(keyring.recovery_slot), key)
    except DecryptionError:
        notices.add(keyring, "key", request)
        raise WrongRecoveryKeyError from None
    if not profile.read(old).is_damaged:  # else whoever holds the recovery key gets a new one
        throttle.count(request, name, throttle.CODE)
        check_code(request, keyring, old, code)
        throttle.give_back(request, name, throttle.CODE)
    throttle.give_back(request, name, throttle.RECOVERY, device=device)
    return user, rotate(user, old, new_password)


def check_code(request: HttpRequest | None, keyring: Keyring, opened: Vault, code: str) -> None:
    """Let somebody with a second factor pass by a code of theirs. Raises `WrongCodeError`."""
    try:
        second_factor.check(opened, code)
    except second_factor.WrongCodeError:
        notices.add(keyring, "code", request)
        raise


def rotate(user: User, old: Vault, new_password: str) -> str:
    """Seal everything again under a new DEK; return the new recovery key. ``user.vault`` is the new vault.

    Killed anywhere, it has happened wholly or not at all. Raises `StaleVaultError` if ``old`` no longer holds.
    """
    new = Vault.create(old.id)
    key = crypto.new_recovery_key()
    with throttle.hashing():
        slot = new.password_slot(new_password, cost(), settings.JOURNAL_PEPPERS)
    with transaction.atomic():
        entries.hold(old)
        resealing.everything(old, new)
        notices.reseal(old, new)
        Keyring.objects.filter(pk=user.keyring.pk).update(
            password_slot=slot,
            recovery_slot=new.recovery_slot(key),
            dek_tag=new.dek_tag,
            notice_key=new.notice_key,
            profile=profile.sealed(new, replace(profile.read(old), key_tested=0)),
        )
        Session.objects.filter(user=user).delete()
        transaction.on_commit(_empty_log)
    user.keyring.password_slot, user.keyring.notice_key = slot, new.notice_key
    user.vault = new
    return crypto.write_recovery_key(key)


def repepper() -> Repeppered:
    """Put every password slot under the newest pepper, and look at the end whether all are.

    It takes no password and ends no session. Stopped anywhere, it goes on from there when it is called again.
    """
    newest, done, failed = max(settings.JOURNAL_PEPPERS), 0, set()
    for pk, stored in list(Keyring.objects.values_list("pk", "password_slot")):
        try:
            slot = PasswordSlot.parse(bytes(stored))
            new = slot.repeppered(pk.bytes, settings.JOURNAL_PEPPERS).encode()
        except DecryptionError:
            failed.add(pk)
            continue
        if slot.pepper == newest:
            continue  # and its pepper is the right one: its layer has just been opened
        # If its owner changed it in between, theirs stands.
        done += Keyring.objects.filter(pk=pk, password_slot=stored).update(password_slot=new)
    transaction.on_commit(_empty_log)
    # Another process may not know the newest pepper yet, and take the one before for a password set meanwhile.
    again = Keyring.objects.values_list("pk", "password_slot")
    late = sum(pk not in failed and _pepper_of(bytes(slot)) != newest for pk, slot in again)
    return Repeppered(done, len(failed), late)


def _pepper_of(slot: bytes) -> int | None:
    with suppress(DecryptionError):
        return PasswordSlot.parse(slot).pepper
    return None


def stored(opened: Vault) -> Stored:
    """Count what is stored about a person."""
    rows = {"keyring": UUID(bytes=opened.id)}
    return Stored(
        versions=Revision.objects.filter(**rows).count(),
        drafts=entries.draft_rows(opened).count(),
        notices=Notice.objects.filter(**rows).count(),
    )


def delete(user: User) -> None:
    """Delete a user and everything of theirs, the key slots first: without them the rest is noise."""
    keyring = user.keyring.pk
    with transaction.atomic():
        Keyring.objects.filter(pk=keyring).update(password_slot=b"", recovery_slot=b"", profile=b"")
        UnlockedSession.objects.filter(keyring=keyring).delete()
        for model in (Revision, Draft, Notice):
            model.objects.filter(keyring=keyring).delete()
        ledger.add(keyring)
        _leave_deeds(user)
        user.delete()
        transaction.on_commit(_empty_log)


def _leave_deeds(user: User) -> None:
    """Keep what somebody did at the desk without saying who it was: the guide is everybody's, a name is one's own."""
    done, about = (
        LogEntry.objects.filter(user=user),
        LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(User), object_id=str(user.pk)),
    )
    if done.exists() or about.exists():
        # No name that anybody can have: it has spaces.
        nobody, _ = User.objects.get_or_create(
            username=DELETED, defaults={"is_active": False, "password": make_password(None)}
        )
        about.update(object_repr=DELETED)
        done.update(user=nobody)


def delete_restored() -> int:
    """Delete again what its owner had deleted before a backup was restored; return how many journals."""
    marks = ledger.marks()
    back = [pk for pk in Keyring.objects.values_list("pk", flat=True) if ledger.mark(pk) in marks]
    for keyring in Keyring.objects.select_related("user").filter(pk__in=back):
        delete(keyring.user)
    return len(back)


def _empty_log() -> None:
    """Empty SQLite's write-ahead log of what was deleted, now; if somebody reads it, at its next checkpoint."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
