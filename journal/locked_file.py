"""A locked file: a journal, or a part of one, that its owner takes along. Byte by byte in ``docs/crypto.md``.

A random file key locks the content. It is wrapped under a key from a password and, in a whole journal, under
one from the vault's DEK; the recovery slot, which opens that DEK with the recovery key, goes along. Whoever
guesses the password of a file that was found has the file, and never the DEK.

The content is cut into chunks in the STREAM construction (Hoang, Reyhanitabar, Rogaway and Vizár, CRYPTO
2015): the nonce counts them and marks the last one, so none can be changed, moved, added or taken away.
"""

import secrets
import struct
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from . import crypto
from .crypto import Cost, DecryptionError
from .vault import ID_BYTES, RECOVERY_SLOT_BYTES, Vault, password_bytes

MAGIC = b"LOCKED\r\n"  # a text transfer that changes line ends is noticed at once
CHUNK_BYTES = 64 * 1024
_CHUNK_SEALED = CHUNK_BYTES + crypto.TAG_BYTES
_COST = struct.Struct(">IBB")  # memory in KiB, passes, lanes
_PASSWORD_BYTES = _COST.size + crypto.SALT_BYTES + crypto.WRAPPED_BYTES
_RECOVERY_BYTES = ID_BYTES + RECOVERY_SLOT_BYTES + crypto.WRAPPED_BYTES
_SHORT = len(MAGIC) + 2 + ID_BYTES + _PASSWORD_BYTES
_LONG = _SHORT + _RECOVERY_BYTES
_FRONT = len(MAGIC) + 2 + ID_BYTES
_VERSION = b"\x01"
_BOTH, _ALONE = b"\x02", b"\x01"  # how many ways there are to open it

# What a file may ask of whoever opens it. A found or doctored one can't use up a server's memory.
CEILING = Cost(memory=256 * 1024, passes=6, lanes=4)


@dataclass(frozen=True)
class Header:
    """The front of a locked file, taken apart. Every byte of it is bound into every chunk."""

    raw: bytes

    @classmethod
    def parse(cls, data: bytes) -> "Header":
        """Return the header that a file begins with. Raises `DecryptionError` if it begins with none."""
        ways = data[len(MAGIC) + 1 : len(MAGIC) + 2]
        size = {_ALONE: _SHORT, _BOTH: _LONG}.get(ways, 0)
        if not data.startswith(MAGIC + _VERSION) or not size or len(data) < size:
            raise DecryptionError
        return cls(data[:size])

    @classmethod
    def make(cls, key: bytes, password: str, cost: Cost, whole: tuple[Vault, bytes] | None) -> "Header":
        """Return a header for a file key. ``whole`` is the vault and its recovery slot, for a whole journal."""
        front = MAGIC + _VERSION + (_BOTH if whole else _ALONE) + secrets.token_bytes(ID_BYTES)
        salted = _COST.pack(*astuple(cost)) + secrets.token_bytes(crypto.SALT_BYTES)
        wrapped = crypto.wrap(_kek(password, salted), key, _aad(front, b"password", salted))
        if not whole:
            return cls(front + salted + wrapped)
        vault, slot = whole
        beside = vault.id + slot
        return cls(front + salted + wrapped + beside + vault.wrap_file_key(key, _aad(front, b"recovery", beside)))

    @property
    def has_recovery(self) -> bool:
        return len(self.raw) == _LONG

    def open_with_password(self, password: str, ceiling: Cost) -> bytes:
        """Return the file key. Raises `DecryptionError` for a cost over ``ceiling``, before spending anything."""
        salted = self.raw[_FRONT : _FRONT + _COST.size + crypto.SALT_BYTES]
        wrapped = self.raw[_FRONT + len(salted) : _SHORT]
        if any(asked > most for asked, most in zip(_cost(salted), astuple(ceiling), strict=True)):
            raise DecryptionError
        return crypto.unwrap(_kek(password, salted), wrapped, _aad(self.raw[:_FRONT], b"password", salted))

    def open_with_recovery_key(self, recovery_key: bytes) -> bytes:
        """Return the file key by way of the DEK, which is forgotten again."""
        if not self.has_recovery:
            raise DecryptionError
        beside = self.raw[_SHORT : _SHORT + ID_BYTES + RECOVERY_SLOT_BYTES]
        vault = Vault.open_with_recovery_key(beside[:ID_BYTES], beside[ID_BYTES:], recovery_key)
        wrapped = self.raw[_SHORT + len(beside) :]
        return vault.unwrap_file_key(wrapped, _aad(self.raw[:_FRONT], b"recovery", beside))


def lock(
    content: Iterable[bytes], password: str, cost: Cost, whole: tuple[Vault, bytes] | None = None
) -> Iterator[bytes]:
    """Return the pieces of a locked file whose content is JSON that comes in pieces of any size.

    The password is stretched now, the rest while it is read. Spaces at the end, which JSON ignores, hide its length.
    """
    key = secrets.token_bytes(crypto.KEY_BYTES)
    header = Header.make(key, password, cost, whole).raw
    return _sealed(header, key, _padded(content))


def _sealed(header: bytes, key: bytes, content: Iterable[bytes]) -> Iterator[bytes]:
    aead = AESGCM(crypto.derive(key, "file"))
    yield header
    number, waiting = 0, bytearray()
    for piece in content:
        waiting += piece
        while len(waiting) > CHUNK_BYTES:  # one that fills up may be the last
            yield aead.encrypt(_nonce(number, last=False), bytes(waiting[:CHUNK_BYTES]), header)
            del waiting[:CHUNK_BYTES]
            number += 1
    yield aead.encrypt(_nonce(number, last=True), bytes(waiting), header)


def _padded(content: Iterable[bytes]) -> Iterator[bytes]:
    length = 0
    for piece in content:
        length += len(piece)
        yield piece
    missing = crypto.padme(length) - length if length else 0
    while missing:
        spaces = b" " * min(missing, CHUNK_BYTES)
        yield spaces
        missing -= len(spaces)


def unlock(data: bytes, password: str, ceiling: Cost = CEILING) -> bytes:
    """Return the content of a locked file, spaces at its end included. Raises `DecryptionError`."""
    header = Header.parse(data)
    return b"".join(_opened(header, header.open_with_password(password, ceiling), data))


def unlock_with_recovery_key(data: bytes, recovery_key: bytes) -> bytes:
    """The same with the recovery key that its owner had when the file was made."""
    header = Header.parse(data)
    return b"".join(_opened(header, header.open_with_recovery_key(recovery_key), data))


def is_locked(data: bytes) -> bool:
    """Whether this begins as a locked file does, whatever its version."""
    return data.startswith(MAGIC)


def _opened(header: Header, key: bytes, data: bytes) -> Iterator[bytes]:
    aead = AESGCM(crypto.derive(key, "file"))
    starts = range(len(header.raw), len(data), _CHUNK_SEALED) or [len(data)]
    for number, start in enumerate(starts):
        last = start + _CHUNK_SEALED >= len(data)
        try:
            yield aead.decrypt(_nonce(number, last=last), data[start : start + _CHUNK_SEALED], header.raw)
        except (InvalidTag, ValueError):
            raise DecryptionError from None


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(crypto.NONCE_BYTES - 1, "big") + bytes([last])


def _cost(salted: bytes) -> tuple[int, int, int]:
    memory, passes, lanes = _COST.unpack(salted[: _COST.size])
    return memory, passes, lanes


def _kek(password: str, salted: bytes) -> bytes:
    # No pepper: the file opens where its owner takes it.
    stretched = crypto.stretch(password_bytes(password), salted[_COST.size :], Cost(*_cost(salted)))
    return crypto.derive(stretched, "file password")


def _aad(front: bytes, way: bytes, beside: bytes) -> bytes:
    return crypto.bind(crypto.VERSION, b"file", front, way, beside)
