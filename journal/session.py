"""Between requests: one half of the key in the browser, the other on the server.

The cookie holds 32 random bytes. The DEK, wrapped under them, is stored in `UnlockedSession`, bound to the
session and to its ends. Either half alone opens nothing; deleting the row locks.
"""

import json
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse

from . import crypto, devices, hours, profile
from .entries import StaleVaultError, hold
from .models import Session, UnlockedSession, User
from .session_store import hashed
from .vault import COOKIE_KEY_BYTES, Vault

REFRESH_SECONDS = 60  # the idle limit moves at most this often, so that reading does not write
_ABOUT = "about"  # in the session's data: its device and hour, sealed


@dataclass(frozen=True)
class Opened:
    """A session that is unlocked: its vault, and in how many seconds it locks if nothing comes before."""

    vault: Vault
    seconds_left: int


@dataclass(frozen=True)
class Place:
    """Somewhere a person is signed in: with what, since when, and whether the journal is open there."""

    device: str
    since: datetime | None
    is_open: bool
    is_here: bool


def keep(request: HttpRequest, response: HttpResponse, vault: Vault) -> None:
    """Keep a vault open for the session of this request. Its session key changes first.

    Halves of sessions past their limits go on this occasion: nobody may come back for them.
    Raises `StaleVaultError` if the vault no longer holds: its DEK was changed, or its owner is gone.
    """
    sweep()
    close(request)
    if _read_about(vault, request.session.get(_ABOUT, "")) is None:
        request.session[_ABOUT] = _about(request, vault)
    request.session.cycle_key()
    key = secrets.token_bytes(COOKIE_KEY_BYTES)
    now = int(time.time())
    idle_seconds = profile.read(vault).idle_minutes * 60
    row = UnlockedSession(
        session_id=hashed(request.session.session_key or ""),
        keyring_id=UUID(bytes=vault.id),
        idle_at=now + idle_seconds,
        ends_at=now + settings.JOURNAL_SESSION_SECONDS,
        idle_seconds=idle_seconds,
    )
    row.slot = vault.session_slot(key, _binding(row))
    try:
        with transaction.atomic():
            hold(vault)  # as a change of the password does first: two that hold a row each would wait for each other
            row.save(force_insert=True)
    except IntegrityError:
        raise StaleVaultError from None
    response.set_cookie(
        settings.JOURNAL_KEY_COOKIE_NAME,
        key.hex(),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )


def recall(request: HttpRequest) -> Opened | None:
    """Return what this session keeps open, or None if it is locked.

    A session past its limits is locked here, on the server. A request without the cookie's half (a link on
    another site brings none) changes nothing.
    """
    found = _find(request)
    if found is None:
        return None
    row, vault, key = found
    now = int(time.time())
    if now + row.idle_seconds - row.idle_at >= REFRESH_SECONDS:
        _move_idle_limit(row, vault, key, now)
    return Opened(vault, min(row.idle_at, row.ends_at) - now)


def seconds_left(request: HttpRequest) -> int:
    """Return in how many seconds the session that a view was let in with locks if nothing comes before."""
    opened: Opened = request.opened  # type: ignore[attr-defined]  # set by `unlocked`
    return opened.seconds_left


def is_open(request: HttpRequest) -> bool:
    """Whether this session is unlocked. Asking does not keep it so."""
    return _find(request) is not None


def close(request: HttpRequest) -> None:
    """Lock: delete the server's half. The cookie alone opens nothing."""
    if request.session.session_key:
        UnlockedSession.objects.filter(session=hashed(request.session.session_key)).delete()


def forget(request: HttpRequest, response: HttpResponse) -> None:
    """Lock, and delete the browser's half too, which also drops pages kept for its Back button."""
    response.delete_cookie(settings.JOURNAL_KEY_COOKIE_NAME, samesite="Strict")
    close(request)


def sweep() -> int:
    """Delete the halves of all sessions past their limits; return how many there were."""
    now = int(time.time())
    return UnlockedSession.objects.filter(Q(idle_at__lte=now) | Q(ends_at__lte=now)).delete()[0]


# --- where else somebody is signed in ------------------------------------------------------------------


def places(request: HttpRequest, user: User, vault: Vault, zone: tzinfo) -> list[Place]:
    """Return where a person is signed in, this browser first, with hours by the clock of a zone."""
    found = []
    here = hashed(request.session.session_key or "")
    rows = Session.objects.filter(user=user, expire_date__gt=datetime.now(UTC))
    for row in rows.select_related("unlocked").order_by("-expire_date"):
        about = _read_about(vault, row.get_decoded().get(_ABOUT, ""))
        device, hour = about or ("A browser", None)
        since = None if hour is None else hours.at(hour, zone)
        found.append(Place(devices.told(device), since, hasattr(row, "unlocked"), row.session_key == here))
    return sorted(found, key=lambda place: not place.is_here)


def end_others(request: HttpRequest, user: User) -> int:
    """Sign a person out everywhere but in this browser; return in how many places."""
    others = Session.objects.filter(user=user).exclude(session_key=hashed(request.session.session_key or ""))
    ended = others.count()
    others.delete()
    return ended


def _about(request: HttpRequest, vault: Vault) -> str:
    about = {"device": devices.kind(request.headers.get("User-Agent", "")), "hour": hours.now()}
    return vault.seal_note(json.dumps(about).encode(), "session").hex()


def _read_about(vault: Vault, sealed: str) -> tuple[str, int] | None:
    try:
        about = json.loads(vault.open_note(bytes.fromhex(sealed), "session"))
    except (crypto.DecryptionError, ValueError):
        return None
    return about["device"], about["hour"]


# --- one session ---------------------------------------------------------------------------------------


def _find(request: HttpRequest) -> tuple[UnlockedSession, Vault, bytes] | None:
    key = _cookie_key(request)
    if key is None or not request.session.session_key:
        return None
    row = UnlockedSession.objects.filter(session=hashed(request.session.session_key)).first()
    if row is None:
        return None
    if int(time.time()) >= min(row.idle_at, row.ends_at):
        row.delete()
        return None
    try:
        vault = Vault.open_with_cookie_key(row.keyring_id.bytes, bytes(row.slot), key, _binding(row))
    except crypto.DecryptionError:
        return None
    return row, vault, key


def _move_idle_limit(row: UnlockedSession, vault: Vault, key: bytes, now: int) -> None:
    before = row.idle_at
    row.idle_at = now + row.idle_seconds
    slot = vault.session_slot(key, _binding(row))
    rows = UnlockedSession.objects.filter(pk=row.pk, keyring=row.keyring_id, idle_at=before)
    rows.update(idle_at=row.idle_at, slot=slot)


def _binding(row: UnlockedSession) -> bytes:
    numbers = (row.idle_at, row.ends_at, row.idle_seconds)
    return crypto.bind(row.session_id.encode(), *(number.to_bytes(8, "big") for number in numbers))


def _cookie_key(request: HttpRequest) -> bytes | None:
    try:
        key = bytes.fromhex(request.COOKIES.get(settings.JOURNAL_KEY_COOKIE_NAME, ""))
    except ValueError:
        return None
    return key if len(key) == COOKIE_KEY_BYTES else None
