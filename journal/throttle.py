"""How many passwords may be tried, and how many hashed at once.

Counters live in the database, so that all processes count together, and under an HMAC, so that they name
nobody. A try is counted before it is made and given back when it succeeds: parallel tries can't slip by.

A browser in which somebody has signed in before is known by a cookie, and counted by itself: whoever guesses
at that name elsewhere, or behind the same router, can't lock its owner out there. (OWASP, "Slow Down Online Guessing
Attacks with Device Cookies".)
"""

import hmac
import ipaddress
import os
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse

from . import hours, turns
from .models import Attempts, User

WINDOW_SECONDS = 15 * 60
TRIES_AT_ONE_NAME_FROM_ONE_NETWORK = 10
TRIES_FROM_ONE_NETWORK = 60
TRIES_TO_JOIN_FROM_ONE_NETWORK = 60  # each tells whether a name is taken, and costs a hash
TRIES_AT_ONE_NAME = 100  # from everywhere; high, so that a stranger can hardly lock somebody out
TRIES_FROM_ONE_DEVICE = 10  # at the name that it is known for

TRIES_OF_CODES = 30  # of a second step, by somebody who holds the recovery key

# What is tried. Each has counters of its own: who is locked out at one can still come in by the other.
PASSWORD, RECOVERY, JOIN, CODE = "password", "recovery", "join", "code"

HASHES_AT_ONCE = min(8, os.cpu_count() or 1)  # each takes 64 MiB and a core
HASH_WAIT_SECONDS = 3.0
# Who hashes and who waits for it together. Fewer than a process has threads: the others go on reading and writing.
PLACES = 16

_hashing = threading.BoundedSemaphore(HASHES_AT_ONCE)
_places = threading.BoundedSemaphore(PLACES)


class TooManyTriesError(Exception):
    """There were too many tries. ``minutes`` says how long to wait."""

    def __init__(self, minutes: int) -> None:
        super().__init__("Too many tries.")
        self.minutes = minutes


class BusyError(Exception):
    """Too many passwords are being checked at this moment."""


@contextmanager
def hashing() -> Iterator[None]:
    """Hold one of the places in which a password may be hashed.

    Raises `BusyError` after 3 seconds' wait, and at once if too many wait already.
    """
    if not _places.acquire(blocking=False):
        raise BusyError
    try:
        with turns.given_up():  # a hash needs no Python
            if not _hashing.acquire(timeout=HASH_WAIT_SECONDS):
                raise BusyError
            try:
                yield
            finally:
                _hashing.release()
    finally:
        _places.release()


def count(request: HttpRequest | None, name: str, tried: str = PASSWORD, *, device: str = "") -> None:
    """Count a try at a name, from a known device or from anywhere.

    Raises `TooManyTriesError` if it is one too many, before anything is spent.
    """
    now = int(time.time())
    window = _window(now)
    limits = _limits(request, name, tried, device)
    if _is_known_to_be_full(limits, window) or _is_full(limits, window, now):
        raise TooManyTriesError(minutes=(window + WINDOW_SECONDS - now) // 60 + 1)


def give_back(request: HttpRequest | None, name: str, tried: str = PASSWORD, *, device: str = "") -> None:
    """Take back a try that succeeded."""
    keys = [key for key, _ in _limits(request, name, tried, device)]
    with transaction.atomic():
        for key in keys:  # in the order of counting: two that hold a row each would wait for each other
            Attempts.objects.filter(key=key, count__gt=0).update(count=F("count") - 1)
    cache.delete_many([_in_cache(key, _window(int(time.time()))) for key in keys])


def know(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """Have the browser of somebody who has just signed in known for them from now on, until the password changes."""
    if not device(request, user):
        made = f"{hours.now():08x}{secrets.token_hex(12)}"
        response.set_cookie(
            settings.JOURNAL_DEVICE_COOKIE_NAME,
            f"{made}{_device_mark(user, made)}",
            max_age=settings.JOURNAL_DEVICE_COOKIE_AGE,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Strict",
        )


def device(request: HttpRequest | None, user: User | None) -> str:
    """Return what a browser is known by if its user has signed in there with this very password; else nothing."""
    cookie = request.COOKIES.get(settings.JOURNAL_DEVICE_COOKIE_NAME, "") if request else ""
    made, mark = cookie[:32], cookie[32:]
    if user is None or not hmac.compare_digest(mark.encode(), _device_mark(user, made).encode()):
        return ""
    age = (hours.now() - int(made[:8], 16)) * 3600
    return made if age <= settings.JOURNAL_DEVICE_COOKIE_AGE else ""


def sweep() -> int:
    """Delete counters of times gone by; return how many there were."""
    return Attempts.objects.filter(window__lt=int(time.time()) - WINDOW_SECONDS).delete()[0]


def network(request: HttpRequest | None) -> str:
    """Return the network a request comes from: one IPv4 address, or the /64 of an IPv6 address."""
    if request is None:
        return ""
    address = request.META.get("REMOTE_ADDR", "")
    if settings.TRUSTED_PROXIES:
        # Each trusted proxy added the address it saw at the end. What stands before those anybody can write.
        chain = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
        address = chain[-settings.TRUSTED_PROXIES] if len(chain) >= settings.TRUSTED_PROXIES else address
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    parsed = getattr(parsed, "ipv4_mapped", None) or parsed
    prefix = 32 if parsed.version == 4 else 64
    return str(ipaddress.ip_network((parsed, prefix), strict=False))


def _limits(request: HttpRequest | None, name: str, tried: str, device: str) -> list[tuple[bytes, int]]:
    place = network(request)
    if tried == JOIN:
        return [(_key("join", "", place), TRIES_TO_JOIN_FROM_ONE_NETWORK)]
    if tried == CODE:
        return [(_key("code", name, ""), TRIES_OF_CODES)]
    if device:
        return [(_key(f"{tried} device", name, device), TRIES_FROM_ONE_DEVICE)]
    limits = [
        (_key(f"{tried} network", "", place), TRIES_FROM_ONE_NETWORK),
        (_key(f"{tried} both", name, place), TRIES_AT_ONE_NAME_FROM_ONE_NETWORK),
    ]
    # A recovery key can't be guessed, so tries from elsewhere never close that way to its owner.
    return limits if tried == RECOVERY else [*limits, (_key("name", name, ""), TRIES_AT_ONE_NAME)]


def _device_mark(user: User, made: str) -> str:
    password = user.keyring.password_front.hex() if user.has_journal else user.password
    return _key("device", f"{user.username}\0{password}", made).hex()


def _key(kind: str, name: str, place: str) -> bytes:
    return hmac.digest(settings.SECRET_KEY.encode(), f"throttle\0{kind}\0{name}\0{place}".encode(), "sha256")


def _window(now: int) -> int:
    return now - now % WINDOW_SECONDS


def _is_full(limits: list[tuple[bytes, int]], window: int, now: int) -> bool:
    """Add a try to each counter. Stops at the first that is full: one network can't fill up a name for everybody."""
    with transaction.atomic():
        full = next((key for key, limit in limits if _add_one(key, window) > limit), None)
    if full is None:
        return False
    cache.set_many({_in_cache(full, window): 1}, timeout=window + WINDOW_SECONDS - now)
    return True


def _is_known_to_be_full(limits: list[tuple[bytes, int]], window: int) -> bool:
    """Whether a counter was full when it was last asked. A cache that lost this, or is away, costs a look at it."""
    return bool(cache.get_many([_in_cache(key, window) for key, _ in limits]))


def _in_cache(key: bytes, window: int) -> str:
    return f"full-{window}-{key.hex()}"


def _add_one(key: bytes, window: int) -> int:
    row, _ = Attempts.objects.select_for_update().get_or_create(key=key, defaults={"window": window, "count": 0})
    row.count = row.count + 1 if row.window == window else 1
    row.window = window
    row.save(update_fields=["window", "count"])
    return row.count
