"""Cryptography for the journal: few functions, no framework, nothing home-made below them.

AES-256-GCM and HKDF-SHA256 come from ``cryptography``, Argon2id from ``argon2-cffi``. The formats, with
known answers to check another implementation against, are written down in ``docs/crypto.md``.

Whatever goes wrong while opening something (a wrong key, a changed byte, a value moved to another row)
raises the one `DecryptionError`; outside they look the same.
"""

import hashlib
import secrets
from dataclasses import dataclass

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import constant_time, hashes, hpke
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

VERSION = b"\x01"
KEY_BYTES = 32
SALT_BYTES = 16
NONCE_BYTES = 12
TAG_BYTES = 16
COMMITMENT_BYTES = 32
WRAPPED_BYTES = 1 + COMMITMENT_BYTES + NONCE_BYTES + KEY_BYTES + TAG_BYTES
LAYER_BYTES = NONCE_BYTES + WRAPPED_BYTES + TAG_BYTES  # a wrapped key in a layer of encryption
SEAL_FOR_BYTES = 1 + 32 + TAG_BYTES  # what `seal_for` adds: version, public key, tag


class DecryptionError(Exception):
    """A sealed value could not be opened. It never says why."""


class RecoveryKeyTypo(ValueError):  # noqa: N818 - a slip of the pen, not an error of the program
    """What was typed is not a recovery key: a letter is wrong, missing or one too many."""


# --- from a password to a key ----------------------------------------------------------------------


@dataclass(frozen=True)
class Cost:
    """What one Argon2id hash costs: memory in KiB, passes over it, lanes."""

    memory: int
    passes: int
    lanes: int

    def is_allowed(self) -> bool:
        """Whether the cost lies between `FLOOR` and `CEILING`, each parameter by itself."""
        return (
            FLOOR.memory <= self.memory <= CEILING.memory
            and FLOOR.passes <= self.passes <= CEILING.passes
            and FLOOR.lanes <= self.lanes <= CEILING.lanes
        )


# The floor is OWASP's lowest recommendation; below it a stored cost is a downgrade. Above the ceiling it
# is a memory bomb. Both are checked before a byte is hashed.
FLOOR = Cost(memory=19 * 1024, passes=2, lanes=1)
CEILING = Cost(memory=1024 * 1024, passes=16, lanes=8)


def stretch(password: bytes, salt: bytes, cost: Cost) -> bytes:
    """Return the 32-byte Argon2id hash of a password (RFC 9106).

    Raises `DecryptionError` for a cost outside `FLOOR` and `CEILING`, before spending anything.
    """
    if not cost.is_allowed():
        raise DecryptionError
    return hash_secret_raw(
        password,
        salt,
        time_cost=cost.passes,
        memory_cost=cost.memory,
        parallelism=cost.lanes,
        hash_len=KEY_BYTES,
        type=Type.ID,
    )


def derive(key: bytes, info: str, *, salt: bytes = b"", length: int = KEY_BYTES) -> bytes:
    """Return ``length`` bytes derived from a key for one named use (HKDF-SHA256, RFC 5869)."""
    return HKDF(hashes.SHA256(), length, salt or None, b"either-way " + info.encode()).derive(key)


def bind(*parts: bytes) -> bytes:
    """Join parts into associated data so that no two different lists give the same bytes."""
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


# --- wrapping a key --------------------------------------------------------------------------------


def wrap(kek: bytes, key: bytes, aad: bytes) -> bytes:
    """Wrap a 32-byte key under a key encryption key: version, commitment, nonce, ciphertext.

    Plain AES-GCM lets one wrapped key open under two passwords (Len, Grubbs and Ristenpart,
    USENIX Security 2021), so half of what HKDF gives is a commitment to the KEK, compared first.
    """
    if len(key) != KEY_BYTES:
        raise ValueError("A key is 32 bytes.")
    nonce = secrets.token_bytes(NONCE_BYTES)
    commitment, aead = _wrapping_keys(kek, nonce)
    return VERSION + commitment + nonce + aead.encrypt(nonce, key, aad)


def unwrap(kek: bytes, wrapped: bytes, aad: bytes) -> bytes:
    """Return the key that `wrap` wrapped under the same KEK and associated data."""
    if len(wrapped) != WRAPPED_BYTES or wrapped[:1] != VERSION:
        raise DecryptionError
    stored, rest = wrapped[1 : 1 + COMMITMENT_BYTES], wrapped[1 + COMMITMENT_BYTES :]
    nonce, ciphertext = rest[:NONCE_BYTES], rest[NONCE_BYTES:]
    commitment, aead = _wrapping_keys(kek, nonce)
    if not constant_time.bytes_eq(stored, commitment):
        raise DecryptionError
    return _decrypt(aead, nonce, ciphertext, aad)


def _wrapping_keys(kek: bytes, nonce: bytes) -> tuple[bytes, AESGCM]:
    both = derive(kek, "wrap", salt=nonce, length=COMMITMENT_BYTES + KEY_BYTES)
    return both[:COMMITMENT_BYTES], AESGCM(both[COMMITMENT_BYTES:])


# --- sealing data ----------------------------------------------------------------------------------


def seal(aead: AESGCM, plain: bytes, aad: bytes, *, floor: int) -> bytes:
    """Seal bytes, padded to hide their length: version, random 96-bit nonce, ciphertext."""
    return VERSION + encrypt(aead, pad(plain, floor), aad)


def open_sealed(aead: AESGCM, sealed: bytes, aad: bytes) -> bytes:
    """Return the bytes that `seal` sealed with the same key and associated data."""
    if sealed[:1] != VERSION or len(sealed) < 1 + NONCE_BYTES + TAG_BYTES:
        raise DecryptionError
    return unpad(_decrypt(aead, sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :], aad))


def is_sealed_length(length: int, floor: int) -> bool:
    """Whether `seal` with this floor can have made something of so many bytes."""
    padded = length - 1 - NONCE_BYTES - TAG_BYTES
    return padded >= floor and padded in {floor, padme(padded)}


def encrypt(aead: AESGCM, plain: bytes, aad: bytes) -> bytes:
    """Return a random 96-bit nonce and the ciphertext."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + aead.encrypt(nonce, plain, aad)


def decrypt(aead: AESGCM, sealed: bytes, aad: bytes) -> bytes:
    """Return the bytes that `encrypt` encrypted with the same key and associated data."""
    if len(sealed) < NONCE_BYTES + TAG_BYTES:
        raise DecryptionError
    return _decrypt(aead, sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], aad)


def _decrypt(aead: AESGCM, nonce: bytes, ciphertext: bytes, aad: bytes) -> bytes:
    try:
        return aead.decrypt(nonce, ciphertext, aad)
    except InvalidTag:
        raise DecryptionError from None


_HPKE = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)


def seal_for(public_key: bytes, plain: bytes, info: bytes) -> bytes:
    """Seal bytes that only the holder of the private key opens (HPKE, RFC 9180, base mode)."""
    return VERSION + _HPKE.encrypt(plain, X25519PublicKey.from_public_bytes(public_key), info)


def open_for(private_key: X25519PrivateKey, sealed: bytes, info: bytes) -> bytes:
    """Return the bytes that `seal_for` sealed for this key with the same info."""
    if sealed[:1] != VERSION:
        raise DecryptionError
    try:
        return _HPKE.decrypt(sealed[1:], private_key, info)
    except (InvalidTag, ValueError):
        raise DecryptionError from None


def pad(plain: bytes, floor: int) -> bytes:
    """Pad to a length that tells little: at least ``floor`` bytes, then Padmé's steps.

    Padmé (Nikitin et al., PETS 2019) adds at most 12 % and leaves log log of the length to see. One
    marker byte and zeros (ISO/IEC 7816-4) tell where the text ends.
    """
    size = max(padme(len(plain) + 1), floor)
    return plain + b"\x80" + bytes(size - len(plain) - 1)


def unpad(padded: bytes) -> bytes:
    plain = padded.rstrip(b"\x00")
    if plain[-1:] != b"\x80":
        raise DecryptionError
    return plain[:-1]


def padme(length: int) -> int:
    """Return the next length that Padmé allows."""
    exponent = length.bit_length() - 1
    low_bits = max(0, exponent - exponent.bit_length())
    mask = (1 << low_bits) - 1
    return (length + mask) & ~mask


# --- the recovery key, as people read it -----------------------------------------------------------

RECOVERY_KEY_BYTES = 16
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base32: no I, L, O, U
_FORGIVEN = str.maketrans({"O": "0", "I": "1", "L": "1"})
_GROUPS, _GROUP = 6, 5
_CHECK_BITS = _GROUPS * _GROUP * 5 - RECOVERY_KEY_BYTES * 8  # 22


def new_recovery_key() -> bytes:
    return secrets.token_bytes(RECOVERY_KEY_BYTES)


def write_recovery_key(key: bytes) -> str:
    """Return a recovery key as six groups of five letters and digits, the last ones a check."""
    number = int.from_bytes(key, "big") << _CHECK_BITS | _check(key)
    letters = [ALPHABET[number >> shift & 31] for shift in range((_GROUPS * _GROUP - 1) * 5, -1, -5)]
    return "-".join("".join(letters[at : at + _GROUP]) for at in range(0, len(letters), _GROUP))


def read_recovery_key(text: str) -> bytes:
    """Return the key somebody typed; case, spaces, dashes, O for 0 and I or L for 1 are forgiven.

    Raises `RecoveryKeyTypo` if the check does not fit, which is a slip, unlike a key that fits no journal.
    """
    letters = forgive(text)
    if len(letters) != _GROUPS * _GROUP or not set(letters) <= set(ALPHABET):
        raise RecoveryKeyTypo
    number = 0
    for letter in letters:
        number = number << 5 | ALPHABET.index(letter)
    key = (number >> _CHECK_BITS).to_bytes(RECOVERY_KEY_BYTES, "big")
    if number & ((1 << _CHECK_BITS) - 1) != _check(key):
        raise RecoveryKeyTypo
    return key


def forgive(text: str) -> str:
    """Return the letters of a recovery key, or of a piece of one, as they were meant."""
    return "".join(c for c in text.upper().translate(_FORGIVEN) if c.isalnum())


def _check(key: bytes) -> int:
    digest = hashlib.sha256(b"either-way recovery key check" + key).digest()
    return int.from_bytes(digest[:4], "big") >> (32 - _CHECK_BITS)
