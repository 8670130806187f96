"""The vault: one person's data encryption key (DEK), opened, in memory, for one request.

A key slot (the word is LUKS's) holds the DEK wrapped under one of three keys: one from the password, one
from the recovery key, one from the random key in the browser's cookie. Nothing here knows Django or the
database: slots and sealed values are bytes that the caller stores.

Opening anything raises `crypto.DecryptionError` when it can't be opened, whatever the reason.
"""

import hmac
import secrets
import struct
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import NoReturn

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from . import crypto
from .crypto import Cost, DecryptionError

Peppers = Mapping[int, bytes]

ID_BYTES = 16
COOKIE_KEY_BYTES = 32
HEAD_FLOOR = 256  # bytes; a head shorter than this is padded up to it
BODY_FLOOR = 1024

_PASSWORD, _RECOVERY, _SESSION = b"\x01", b"\x02", b"\x03"
_HEADER = struct.Struct(">IBBH")  # memory in KiB, passes, lanes, number of the pepper


@dataclass(frozen=True)
class PasswordSlot:
    """A password slot taken apart: what it cost, which pepper and salt, and the wrapped DEK."""

    cost: Cost
    pepper: int
    salt: bytes
    wrapped: bytes

    @classmethod
    def parse(cls, slot: bytes) -> "PasswordSlot":
        head = len(crypto.VERSION + _PASSWORD) + _HEADER.size
        if slot[:2] != crypto.VERSION + _PASSWORD or len(slot) != head + crypto.SALT_BYTES + crypto.WRAPPED_BYTES:
            raise DecryptionError
        memory, passes, lanes, pepper = _HEADER.unpack(slot[2:head])
        salt, wrapped = slot[head : head + crypto.SALT_BYTES], slot[head + crypto.SALT_BYTES :]
        return cls(Cost(memory, passes, lanes), pepper, salt, wrapped)

    def header(self) -> bytes:
        """The part in front of the wrapped DEK. It is bound into the wrap, so no byte of it can be changed."""
        numbers = _HEADER.pack(self.cost.memory, self.cost.passes, self.cost.lanes, self.pepper)
        return crypto.VERSION + _PASSWORD + numbers + self.salt

    def kek(self, password: str, peppers: Peppers) -> bytes:
        root = crypto.stretch(password_bytes(password), self.salt, self.cost)
        if self.pepper not in peppers:
            raise DecryptionError
        return crypto.derive(root, "password", salt=peppers[self.pepper])


class Vault:
    """An opened vault. It wraps its DEK into slots, and seals and opens this person's entries."""

    __slots__ = ("_data", "_dek", "_index", "id")

    def __init__(self, vault_id: bytes, dek: bytes) -> None:
        if len(vault_id) != ID_BYTES or len(dek) != crypto.KEY_BYTES:
            raise ValueError("A vault id is 16 bytes and a DEK 32.")
        self.id = vault_id
        self._dek = dek
        self._data = AESGCM(crypto.derive(dek, "data"))
        self._index = crypto.derive(dek, "index")

    @classmethod
    def create(cls, vault_id: bytes) -> "Vault":
        """Return a vault with a new random DEK."""
        return cls(vault_id, secrets.token_bytes(crypto.KEY_BYTES))

    # --- opening: one way for each kind of slot ---

    @classmethod
    def open_with_password(cls, vault_id: bytes, slot: bytes, password: str, peppers: Peppers) -> "Vault":
        parsed = PasswordSlot.parse(slot)
        kek = parsed.kek(password, peppers)
        return cls(vault_id, crypto.unwrap(kek, parsed.wrapped, _slot_aad(vault_id, parsed.header())))

    @classmethod
    def open_with_recovery_key(cls, vault_id: bytes, slot: bytes, key: bytes) -> "Vault":
        return cls(vault_id, _open_slot(_RECOVERY, vault_id, slot, crypto.derive(key, "recovery")))

    @classmethod
    def open_with_cookie_key(cls, vault_id: bytes, slot: bytes, key: bytes, binding: bytes) -> "Vault":
        """Open a session's slot; ``binding`` names the session and its expiry, as when it was made."""
        return cls(vault_id, _open_slot(_SESSION, vault_id, slot, crypto.derive(key, "cookie"), binding))

    # --- wrapping: the same three ---

    def password_slot(self, password: str, cost: Cost, peppers: Peppers) -> bytes:
        """Return a new slot for a password, under the newest pepper and a fresh salt."""
        salt = secrets.token_bytes(crypto.SALT_BYTES)
        slot = PasswordSlot(cost, max(peppers), salt, b"")
        wrapped = crypto.wrap(slot.kek(password, peppers), self._dek, _slot_aad(self.id, slot.header()))
        return slot.header() + wrapped

    def recovery_slot(self, key: bytes) -> bytes:
        # No pepper here: whoever loses the pepper still opens the journal with this key.
        return self._make_slot(_RECOVERY, crypto.derive(key, "recovery"))

    def session_slot(self, key: bytes, binding: bytes) -> bytes:
        return self._make_slot(_SESSION, crypto.derive(key, "cookie"), binding)

    def _make_slot(self, kind: bytes, kek: bytes, binding: bytes = b"") -> bytes:
        header = crypto.VERSION + kind
        return header + crypto.wrap(kek, self._dek, _slot_aad(self.id, header, binding))

    # --- data ---

    def seal_head(self, plain: bytes, *, entry: bytes, revision: int) -> bytes:
        return crypto.seal(self._data, plain, self._aad(entry, revision, b"head"), floor=HEAD_FLOOR)

    def open_head(self, sealed: bytes, *, entry: bytes, revision: int) -> bytes:
        return crypto.open_sealed(self._data, sealed, self._aad(entry, revision, b"head"))

    def seal_body(self, plain: bytes, *, entry: bytes, revision: int) -> bytes:
        return crypto.seal(self._data, plain, self._aad(entry, revision, b"body"), floor=BODY_FLOOR)

    def open_body(self, sealed: bytes, *, entry: bytes, revision: int) -> bytes:
        return crypto.open_sealed(self._data, sealed, self._aad(entry, revision, b"body"))

    def tag(self, name: str) -> bytes:
        """Return 16 bytes that stand for a name within this vault and mean nothing outside it."""
        return hmac.digest(self._index, name.encode(), sha256)[:ID_BYTES]

    @property
    def dek_tag(self) -> bytes:
        """16 bytes that name this DEK and tell nothing of it."""
        return self.tag("dek")

    def _aad(self, entry: bytes, revision: int, field: bytes) -> bytes:
        return crypto.bind(crypto.VERSION, b"entry", self.id, entry, revision.to_bytes(8, "big"), field)

    def __repr__(self) -> str:
        return "<Vault>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("A vault is never stored.")


def password_bytes(password: str) -> bytes:
    """Return a password as bytes, the same on every keyboard: Unicode NFC, never trimmed."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


def spend(password: str, cost: Cost) -> None:
    """Spend the time of one sign-in and open nothing: an unknown name costs what a known one does."""
    crypto.stretch(password_bytes(password), secrets.token_bytes(crypto.SALT_BYTES), cost)


def _open_slot(kind: bytes, vault_id: bytes, slot: bytes, kek: bytes, binding: bytes = b"") -> bytes:
    header = crypto.VERSION + kind
    if slot[: len(header)] != header:
        raise DecryptionError
    return crypto.unwrap(kek, slot[len(header) :], _slot_aad(vault_id, header, binding))


def _slot_aad(vault_id: bytes, header: bytes, binding: bytes = b"") -> bytes:
    return crypto.bind(crypto.VERSION, b"slot", vault_id, header, binding)
