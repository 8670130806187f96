"""The second factor: codes of an authenticator app (TOTP, RFC 6238), and backup codes for when it is gone.

The seed is sealed in the vault, so codes can be checked only after the password or the recovery key has
opened it. That stops somebody who knows the password at our door; it is no part of the key.
"""

import base64
import hmac
import secrets
import time
from dataclasses import replace
from io import BytesIO
from typing import Any

import segno
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from . import crypto, profile
from .profile import Profile
from .vault import Vault

SEED_BYTES = 20  # as long as SHA-1's output: RFC 4226, section 4
DIGITS, STEP_SECONDS = 6, 30
BACKUP_CODES = 8
_BACKUP_LETTERS = 10  # 50 bits


class WrongCodeError(Exception):
    """A second factor is on, and the code that came is missing, wrong, or was used before."""


def new_seed() -> bytes:
    return secrets.token_bytes(SEED_BYTES)


def address(seed: bytes, name: str) -> str:
    """Return the ``otpauth`` address that apps read, with the seed in it."""
    return _totp(seed).get_provisioning_uri(name, "Either Way")


def readable(seed: bytes) -> str:
    """Return a seed as people type it into an app: base32, in groups of four."""
    letters = base64.b32encode(seed).decode()
    return " ".join(letters[at : at + 4] for at in range(0, len(letters), 4))


def qr(text: str) -> str:
    """Return a QR code as an SVG element without scripts or styles."""
    out = BytesIO()
    segno.make(text, error="m", micro=False).save(
        out, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=4, dark="#000", light="#fff", nl=False
    )
    return out.getvalue().decode()


def check(vault: Vault, code: str) -> None:
    """Let a vault's owner pass, and use their code up. Raises `WrongCodeError`.

    Whoever has no second factor passes with any code. Two who come with one code at one moment do not both
    pass. If the profile was damaged nobody passes: it may have asked for a code.
    """
    mine = profile.read(vault)
    if mine.is_damaged:
        raise WrongCodeError
    if mine.totp_seed:
        profile.change(vault, lambda mine: _without(mine, crypto.forgive(code)))


def is_on(vault: Vault) -> bool:
    return bool(profile.read(vault).totp_seed)


def turn_on(vault: Vault, seed: bytes, code: str) -> list[str]:
    """Ask for codes of this seed from now on; return the backup codes to show once.

    Raises `WrongCodeError` if the code is none of the seed's: then the app was not set up right.
    """
    step = _step(seed, crypto.forgive(code))
    if step is None:
        raise WrongCodeError
    codes = ["".join(secrets.choice(crypto.ALPHABET) for _ in range(_BACKUP_LETTERS)) for _ in range(BACKUP_CODES)]
    chosen: dict[str, Any] = {"totp_seed": seed.hex(), "totp_step": step, "backup_codes": codes}
    profile.change(vault, lambda mine: replace(mine, **chosen), anew=True)
    return codes


def turn_off(vault: Vault) -> None:
    profile.change(vault, lambda mine: replace(mine, totp_seed="", totp_step=0, backup_codes=[]))


def _without(mine: Profile, code: str) -> Profile:
    """Return a profile in which this code is used up. Raises `WrongCodeError` if it is none."""
    step = _step(bytes.fromhex(mine.totp_seed), code)
    if step is not None and step > mine.totp_step:
        return replace(mine, totp_step=step)
    left = [kept for kept in mine.backup_codes if not hmac.compare_digest(kept.encode(), code.encode())]
    if len(left) == len(mine.backup_codes):
        raise WrongCodeError
    return replace(mine, backup_codes=left)


def _step(seed: bytes, code: str) -> int | None:
    """Return the step of time whose code this is: now, or the one before or after, as clocks differ."""
    now = int(time.time()) // STEP_SECONDS
    for step in (now - 1, now, now + 1):
        if hmac.compare_digest(_totp(seed).generate(step * STEP_SECONDS), code.encode()):
            return step
    return None


def _totp(seed: bytes) -> TOTP:
    return TOTP(seed, DIGITS, SHA1(), STEP_SECONDS)  # noqa: S303 - what every app speaks
