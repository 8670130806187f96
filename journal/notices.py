"""Notices of sign-ins and tries, which the person finds in the journal and nobody finds in the database.

A wrong password comes while the vault is closed, so each notice is sealed with the vault's public key.
"""

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, tzinfo
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from . import devices, hours, vault
from .crypto import DecryptionError
from .models import Keyring, Notice
from .vault import Vault

KEPT = 100  # of each person; a flood of wrong tries pushes older notices out, and is seen as such
SAID = {
    "in": gettext_lazy("Signed in"),
    "password": gettext_lazy("Wrong password"),
    "code": gettext_lazy("Right password, but no right code"),
    "key": gettext_lazy("Wrong recovery key"),
    "recovered": gettext_lazy("Opened with the recovery key"),
    "changed": gettext_lazy("Password changed"),
    "new-key": gettext_lazy("New recovery key made"),
    "code-on": gettext_lazy("Second step turned on"),
    "code-off": gettext_lazy("Second step turned off"),
    "copy": gettext_lazy("A copy of the journal was made"),
}
_NOBODY = Vault.create(bytes(vault.ID_BYTES)).notice_key  # its vault is gone: what is sealed with it stays so


@dataclass(frozen=True)
class Told:
    """A notice as it is shown: what happened, with which device, and in which hour."""

    said: str
    device: str
    at: datetime


def add(keyring: Keyring | None, what: str, request: HttpRequest | None) -> None:
    """Add a notice for a person, or for nobody: the same work for both."""
    device = devices.kind(request.headers.get("User-Agent", "") if request else "")
    plain = json.dumps({"what": what, "device": device, "hour": hours.now()}).encode()
    row = Notice(keyring=keyring)
    row.sealed = _seal(keyring, plain)
    with transaction.atomic():
        row.save(force_insert=True)
        rows = Notice.objects.filter(keyring=keyring).order_by("-pk")
        oldest = rows.values_list("pk", flat=True)[KEPT - 1 : KEPT].first()
        if oldest is not None:
            Notice.objects.filter(keyring=keyring, pk__lt=oldest).delete()


def _seal(keyring: Keyring | None, plain: bytes) -> bytes:
    if keyring:
        try:
            return vault.seal_notice(bytes(keyring.notice_key), keyring.pk.bytes, plain)
        except ValueError:
            pass  # the key was damaged; signing in must not depend on it
    return vault.seal_notice(_NOBODY, bytes(vault.ID_BYTES), plain)


def told(opened: Vault, zone: tzinfo) -> list[Told]:
    """Return a person's notices, newest first, with hours by the clock of a zone. Damaged ones are left out."""
    rows = Notice.objects.filter(keyring=UUID(bytes=opened.id)).order_by("-pk").values_list("sealed", flat=True)
    found = []
    for sealed in rows:
        # Anybody with the public key can seal a notice, so one may also be anything at all.
        with suppress(DecryptionError, ValueError, TypeError, LookupError, OverflowError, OSError):
            notice = json.loads(opened.open_notice(bytes(sealed)))
            found.append(
                Told(str(SAID[notice["what"]]), devices.told(str(notice["device"])), hours.at(notice["hour"], zone))
            )
    return found


def reseal(old: Vault, new: Vault) -> None:
    """Seal a person's notices again for a new DEK. The caller holds the transaction."""
    rows = Notice.objects.filter(keyring=UUID(bytes=old.id))
    for row in rows.all():
        with suppress(DecryptionError):
            sealed = vault.seal_notice(new.notice_key, new.id, old.open_notice(bytes(row.sealed)))
            rows.filter(pk=row.pk).update(sealed=sealed)
