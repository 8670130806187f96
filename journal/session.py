"""Between requests: one half of the key in the browser, the other on the server.

The cookie holds 32 random bytes. The DEK, wrapped under them, is stored in `UnlockedSession`, bound to the
session and to its ends. Either half alone opens nothing; deleting the row locks.
"""

import secrets
import time
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from . import crypto
from .models import UnlockedSession
from .session_store import hashed
from .vault import COOKIE_KEY_BYTES, Vault

REFRESH_SECONDS = 60  # the idle limit moves at most this often, so that reading does not write


def keep(request: HttpRequest, response: HttpResponse, vault: Vault) -> None:
    """Keep a vault open for the session of this request. Its session key changes first.

    Halves of sessions past their limits go on this occasion: nobody may come back for them.
    """
    sweep()
    close(request)
    request.session.cycle_key()
    key = secrets.token_bytes(COOKIE_KEY_BYTES)
    now = int(time.time())
    row = UnlockedSession(
        session=hashed(request.session.session_key or ""),
        keyring_id=UUID(bytes=vault.id),
        idle_at=now + settings.JOURNAL_IDLE_SECONDS,
        ends_at=now + settings.JOURNAL_SESSION_SECONDS,
    )
    row.slot = vault.session_slot(key, _binding(row))
    row.save(force_insert=True)
    response.set_cookie(
        settings.JOURNAL_KEY_COOKIE_NAME,
        key.hex(),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )


def recall(request: HttpRequest) -> Vault | None:
    """Return the vault this session keeps open, or None if it is locked.

    A session past its limits is locked here, on the server. A request without the cookie's half (a link on
    another site brings none) changes nothing.
    """
    key = _cookie_key(request)
    if key is None or not request.session.session_key:
        return None
    row = UnlockedSession.objects.filter(session=hashed(request.session.session_key)).first()
    if row is None:
        return None
    now = int(time.time())
    if now >= min(row.idle_at, row.ends_at):
        row.delete()
        return None
    try:
        vault = Vault.open_with_cookie_key(row.keyring_id.bytes, bytes(row.slot), key, _binding(row))
    except crypto.DecryptionError:
        return None
    if now + settings.JOURNAL_IDLE_SECONDS - row.idle_at >= REFRESH_SECONDS:
        _move_idle_limit(row, vault, key, now)
    return vault


def close(request: HttpRequest) -> None:
    """Lock: delete the server's half. The cookie alone opens nothing."""
    if request.session.session_key:
        UnlockedSession.objects.filter(session=hashed(request.session.session_key)).delete()


def forget(request: HttpRequest, response: HttpResponse) -> None:
    """Lock, and delete the browser's half too, which also drops pages kept for its Back button."""
    close(request)
    response.delete_cookie(settings.JOURNAL_KEY_COOKIE_NAME, samesite="Strict")


def sweep() -> int:
    """Delete the halves of all sessions past their limits; return how many there were."""
    now = int(time.time())
    idle, _ = UnlockedSession.objects.filter(idle_at__lte=now).delete()
    ended, _ = UnlockedSession.objects.filter(ends_at__lte=now).delete()
    return idle + ended


def _move_idle_limit(row: UnlockedSession, vault: Vault, key: bytes, now: int) -> None:
    before = row.idle_at
    row.idle_at = now + settings.JOURNAL_IDLE_SECONDS
    slot = vault.session_slot(key, _binding(row))
    UnlockedSession.objects.filter(pk=row.pk, idle_at=before).update(idle_at=row.idle_at, slot=slot)


def _binding(row: UnlockedSession) -> bytes:
    return crypto.bind(row.session.encode(), row.idle_at.to_bytes(8, "big"), row.ends_at.to_bytes(8, "big"))


def _cookie_key(request: HttpRequest) -> bytes | None:
    try:
        key = bytes.fromhex(request.COOKIES.get(settings.JOURNAL_KEY_COOKIE_NAME, ""))
    except ValueError:
        return None
    return key if len(key) == COOKIE_KEY_BYTES else None
