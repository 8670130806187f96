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
from dataclasses import astuple, dataclass, replace
from hashlib import sha256
from typing import NoReturn

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from . import crypto
from .crypto import Cost, DecryptionError

Peppers = Mapping[int, bytes]

ID_BYTES = 16
COOKIE_KEY_BYTES = 32
RECOVERY_SLOT_BYTES = 2 + crypto.WRAPPED_BYTES
HEAD_FLOOR = 256  # bytes; a head shorter than this is padded up to it
BODY_FLOOR = 1024
NOTE_FLOOR = 512
NOTICE_BYTES = 128  # every notice is padded to this, so that none can be told from another
SEALED_NOTICE_BYTES = NOTICE_BYTES + crypto.SEAL_FOR_BYTES

_PASSWORD, _RECOVERY, _SESSION = b"\x01", b"\x02", b"\x03"
RECOVERY_START, SESSION_START = crypto.VERSION + _RECOVERY, crypto.VERSION + _SESSION  # of a slot
_PASSWORD_VERSION = b"\x02"  # in version 1 the pepper went into the KEK, and could not be changed from outside
_COST = struct.Struct(">IBB")  # memory in KiB, passes, lanes
_PEPPER = struct.Struct(">H")  # number of the pepper
_NUMBER = struct.Struct(">IQI")  # of a revision, between lengths: its own, and that of the field after it


@dataclass(frozen=True)
class PasswordSlot:
    """A password slot taken apart: what it cost, its salt, and the wrapped DEK in a layer under a pepper."""

    cost: Cost
    salt: bytes
    pepper: int
    layer: bytes

    @classmethod
    def parse(cls, slot: bytes) -> "PasswordSlot":
        front = len(_PASSWORD_VERSION + _PASSWORD) + _COST.size + crypto.SALT_BYTES
        head = front + _PEPPER.size
        if slot[:2] != _PASSWORD_VERSION + _PASSWORD or len(slot) != head + crypto.LAYER_BYTES:
            raise DecryptionError
        memory, passes, lanes = _COST.unpack(slot[2 : 2 + _COST.size])
        salt, (pepper,) = slot[2 + _COST.size : front], _PEPPER.unpack(slot[front:head])
        return cls(Cost(memory, passes, lanes), salt, pepper, slot[head:])

    @classmethod
    def make(cls, vault_id: bytes, dek: bytes, password: str, cost: Cost, peppers: Peppers) -> "PasswordSlot":
        """Return a slot for a DEK with a fresh salt, under the newest pepper."""
        bare = cls(cost, secrets.token_bytes(crypto.SALT_BYTES), 0, b"")
        wrapped = crypto.wrap(bare._kek(password), dek, _slot_aad(vault_id, bare.front()))
        return bare._under(vault_id, wrapped, peppers)

    def front(self) -> bytes:
        """The part that stays when the pepper changes. It is bound into the wrap: no byte of it can be changed."""
        return _PASSWORD_VERSION + _PASSWORD + _COST.pack(*astuple(self.cost)) + self.salt

    def encode(self) -> bytes:
        return self.front() + _PEPPER.pack(self.pepper) + self.layer

    def unwrap(self, vault_id: bytes, password: str, peppers: Peppers) -> bytes:
        kek = self._kek(password)  # first, so that a wrong pepper takes as long as a wrong password
        return crypto.unwrap(kek, self._wrapped(vault_id, peppers), _slot_aad(vault_id, self.front()))

    def repeppered(self, vault_id: bytes, peppers: Peppers) -> "PasswordSlot":
        """Return this slot under the newest pepper. It takes no password, and opens to the same one."""
        return self._under(vault_id, self._wrapped(vault_id, peppers), peppers)

    def is_under(self, vault_id: bytes, peppers: Peppers) -> bool:
        """Whether one of these peppers lies over this slot. It takes no password, and tells of none."""
        try:
            self._wrapped(vault_id, peppers)
        except DecryptionError:
            return False
        return True

    def _kek(self, password: str) -> bytes:
        return crypto.derive(crypto.stretch(password_bytes(password), self.salt, self.cost), "password")

    def _under(self, vault_id: bytes, wrapped: bytes, peppers: Peppers) -> "PasswordSlot":
        newest = max(peppers)
        aad = self._layer_aad(vault_id, newest)
        return replace(self, pepper=newest, layer=crypto.encrypt(_layer(peppers[newest]), wrapped, aad))

    def _wrapped(self, vault_id: bytes, peppers: Peppers) -> bytes:
        if self.pepper not in peppers:
            raise DecryptionError
        return crypto.decrypt(_layer(peppers[self.pepper]), self.layer, self._layer_aad(vault_id, self.pepper))

    def _layer_aad(self, vault_id: bytes, pepper: int) -> bytes:
        return crypto.bind(crypto.VERSION, b"pepper", vault_id, self.front(), _PEPPER.pack(pepper))


def _layer(pepper: bytes) -> AESGCM:
    return AESGCM(crypto.derive(pepper, "pepper"))


class Vault:
    """An opened vault. It wraps its DEK into slots, and seals and opens this person's entries."""

    __slots__ = ("_data", "_dek", "_drafts", "_entries", "_index", "id")

    def __init__(self, vault_id: bytes, dek: bytes) -> None:
        if len(vault_id) != ID_BYTES or len(dek) != crypto.KEY_BYTES:
            raise ValueError("A vault id is 16 bytes and a DEK 32.")
        self.id = vault_id
        self._dek = dek
        self._data = AESGCM(crypto.derive(dek, "data"))
        self._index = crypto.derive(dek, "index")
        self._entries, self._drafts = (
            crypto.bind(crypto.VERSION, purpose, vault_id) + ID_BYTES.to_bytes(4, "big")
            for purpose in (b"entry", b"draft")
        )

    @classmethod
    def create(cls, vault_id: bytes) -> "Vault":
        """Return a vault with a new random DEK."""
        return cls(vault_id, secrets.token_bytes(crypto.KEY_BYTES))

    # --- opening: one way for each kind of slot ---

    @classmethod
    def open_with_password(cls, vault_id: bytes, slot: bytes, password: str, peppers: Peppers) -> "Vault":
        return cls(vault_id, PasswordSlot.parse(slot).unwrap(vault_id, password, peppers))

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
        return PasswordSlot.make(self.id, self._dek, password, cost, peppers).encode()

    def recovery_slot(self, key: bytes) -> bytes:
        # No pepper here: whoever loses the pepper still opens the journal with this key.
        return self._make_slot(_RECOVERY, crypto.derive(key, "recovery"))

    def session_slot(self, key: bytes, binding: bytes) -> bytes:
        return self._make_slot(_SESSION, crypto.derive(key, "cookie"), binding)

    def _make_slot(self, kind: bytes, kek: bytes, binding: bytes = b"") -> bytes:
        header = crypto.VERSION + kind
        return header + crypto.wrap(kek, self._dek, _slot_aad(self.id, header, binding))

    # --- the key of a locked file, see `locked_file` ---

    def wrap_file_key(self, key: bytes, aad: bytes) -> bytes:
        return crypto.wrap(crypto.derive(self._dek, "export"), key, aad)

    def unwrap_file_key(self, wrapped: bytes, aad: bytes) -> bytes:
        return crypto.unwrap(crypto.derive(self._dek, "export"), wrapped, aad)

    # --- entries: heads and bodies of revisions, and of drafts ---

    def seal_head(self, plain: bytes, *, entry: bytes, revision: int, draft: bool = False) -> bytes:
        return crypto.seal(self._data, plain, self._aad(entry, revision, b"head", draft), floor=HEAD_FLOOR)

    def open_head(self, sealed: bytes, *, entry: bytes, revision: int, draft: bool = False) -> bytes:
        return crypto.open_sealed(self._data, sealed, self._aad(entry, revision, b"head", draft))

    def seal_body(self, plain: bytes, *, entry: bytes, revision: int, draft: bool = False) -> bytes:
        return crypto.seal(self._data, plain, self._aad(entry, revision, b"body", draft), floor=BODY_FLOOR)

    def open_body(self, sealed: bytes, *, entry: bytes, revision: int, draft: bool = False) -> bytes:
        return crypto.open_sealed(self._data, sealed, self._aad(entry, revision, b"body", draft))

    # --- notes: the few things kept about a person beside entries ---

    def seal_note(self, plain: bytes, name: str) -> bytes:
        """Seal a note under its name. There is one of each name; an older one put back goes unnoticed."""
        return crypto.seal(self._data, plain, self._note_aad(name), floor=NOTE_FLOOR)

    def open_note(self, sealed: bytes, name: str) -> bytes:
        return crypto.open_sealed(self._data, sealed, self._note_aad(name))

    # --- notices: sealed by the server for somebody whose vault is closed ---

    @property
    def notice_key(self) -> bytes:
        """The public key, 32 bytes, that `seal_notice` takes. What was sealed with it opens in this vault only."""
        return self._notice_key().public_key().public_bytes_raw()

    def open_notice(self, sealed: bytes) -> bytes:
        """Return the text of a notice. One of another length than all are was not made by `seal_notice`."""
        if len(sealed) != SEALED_NOTICE_BYTES:
            raise DecryptionError
        return crypto.open_for(self._notice_key(), sealed, _notice_aad(self.id)).rstrip(b" ")

    def _notice_key(self) -> X25519PrivateKey:
        return X25519PrivateKey.from_private_bytes(crypto.derive(self._dek, "notices"))

    def tag(self, name: str) -> bytes:
        """Return 16 bytes that stand for a name within this vault and mean nothing outside it."""
        return hmac.digest(self._index, name.encode(), sha256)[:ID_BYTES]

    @property
    def dek_tag(self) -> bytes:
        """16 bytes that name this DEK and tell nothing of it."""
        return self.tag("dek")

    def _aad(self, entry: bytes, revision: int, field: bytes, draft: bool) -> bytes:
        # As `crypto.bind` gives it, its first half made once: a search does this for every row.
        if len(entry) != ID_BYTES:
            raise ValueError("An entry's id is 16 bytes.")
        front = self._drafts if draft else self._entries
        return front + entry + _NUMBER.pack(8, revision, len(field)) + field

    def _note_aad(self, name: str) -> bytes:
        return crypto.bind(crypto.VERSION, b"note", self.id, name.encode())

    def __repr__(self) -> str:
        return "<Vault>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("A vault is never stored.")


def seal_notice(notice_key: bytes, vault_id: bytes, plain: bytes) -> bytes:
    """Seal up to 128 bytes for the vault that has this public key, without opening it (HPKE, RFC 9180).

    Raises `ValueError` for more, and for a key that is none.
    """
    if len(plain) > NOTICE_BYTES:
        raise ValueError(f"A notice is at most {NOTICE_BYTES} bytes.")
    return crypto.seal_for(notice_key, plain.ljust(NOTICE_BYTES), _notice_aad(vault_id))


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


def _notice_aad(vault_id: bytes) -> bytes:
    return crypto.bind(crypto.VERSION, b"notice", vault_id)


def _slot_aad(vault_id: bytes, header: bytes, binding: bytes = b"") -> bytes:
    return crypto.bind(crypto.VERSION, b"slot", vault_id, header, binding)
