"""What a person chose about their own journal, sealed in the vault beside the entries."""

import json
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from uuid import UUID

from django.conf import settings
from django.db import transaction

from . import entries, hours
from .crypto import DecryptionError
from .models import Keyring
from .vault import Vault

IDLE_MINUTES = (5, 10, 15, 20, 30)
_NAME = "profile"


@dataclass(frozen=True)
class Profile:
    """Choices of one person; each has a default, so that a new one needs no change of what is stored."""

    idle_minutes: int = settings.JOURNAL_IDLE_SECONDS // 60
    key_tested: int = 0  # in which hour since 1970 the recovery key, or two groups of it, was last right
    totp_seed: str = ""  # hex; empty while there is no second factor
    totp_step: int = 0  # the last step of time a code was taken from: none is taken twice
    backup_codes: list[str] = field(default_factory=list)  # those not used yet
    import_seed: str = ""  # hex; ids of what comes in are made from it, and so outlive a new DEK
    is_damaged: bool = False  # what was stored can't be opened: these are the defaults


def read(vault: Vault) -> Profile:
    """Return a person's choices, or the defaults, marked as such, if they were damaged where they are stored."""
    stored = Keyring.objects.values_list("profile", flat=True).filter(pk=UUID(bytes=vault.id)).first()
    try:
        return Profile(**json.loads(vault.open_note(bytes(stored or b""), _NAME)))
    except DecryptionError:
        return Profile(is_damaged=True)


def sealed(vault: Vault, profile: Profile) -> bytes:
    return vault.seal_note(json.dumps(asdict(replace(profile, is_damaged=False))).encode(), _NAME)


def change(vault: Vault, changed: Callable[[Profile], Profile], *, anew: bool = False) -> Profile:
    """Replace the choices by what ``changed`` makes of them, one change after another; return them.

    Damaged ones stay as they are, since they may have asked for a code; ``anew`` is for somebody who has just
    shown the password: then they begin anew from the defaults.
    Raises `StaleVaultError` if the vault no longer holds, and whatever ``changed`` raises: then nothing changes.
    """
    with transaction.atomic():
        entries.hold(vault)
        before = read(vault)
        if before.is_damaged and not anew:
            return before
        profile = changed(before)
        Keyring.objects.filter(pk=UUID(bytes=vault.id)).update(profile=sealed(vault, profile))
    return profile


def choose_idle_minutes(vault: Vault, minutes: int) -> Profile:
    return change(vault, lambda mine: replace(mine, idle_minutes=minutes))


def note_key_tested(vault: Vault) -> Profile:
    return change(vault, lambda mine: replace(mine, key_tested=hours.now()))


def make_import_seed(vault: Vault) -> None:
    """Make what ids of entries that come in are made from, once in a journal's life."""
    change(vault, lambda mine: replace(mine, import_seed=mine.import_seed or secrets.token_hex(32)))


def import_seed(vault: Vault) -> bytes:
    """Return it. If the choices are damaged, it is of the DEK, and ends with it."""
    return bytes.fromhex(read(vault).import_seed) or vault.tag("imported")
