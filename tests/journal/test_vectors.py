"""Known answers: what `docs/crypto.md` prints is what the code computes, and what its words describe."""

import hashlib
import hmac
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from journal import crypto, vault
from journal import locked_file as locked
from journal.crypto import FLOOR, Cost
from journal.vault import PasswordSlot, Vault

HERE = Path(__file__).parent
VECTORS: dict[str, str] = json.loads((HERE / "vectors.json").read_text(encoding="utf-8"))
DOCUMENT = (HERE.parent.parent / "docs" / "crypto.md").read_text(encoding="utf-8")

GIVEN = {
    "password", "salt", "pepper", "vault_id", "dek", "recovery_key", "cookie_key", "nonce",
    "password_decomposed", "session_binding", "head", "note", "notice_text", "notice_ephemeral",
    "file_id", "file_key", "file_content",
}  # fmt: skip
REAL = Cost(memory=64 * 1024, passes=3, lanes=1)


def known(name: str) -> bytes:
    return bytes.fromhex(VECTORS[name])


def opened() -> Vault:
    return Vault(known("vault_id"), known("dek"))


def stretched(cost: Cost) -> bytes:
    return crypto.stretch(VECTORS["password"].encode(), known("salt"), cost)


# What the code computes from what is given.
COMPUTED: dict[str, Callable[[], bytes]] = {
    "password_composed": lambda: vault.password_bytes(known("password_decomposed").decode()),
    "argon2id_floor": lambda: stretched(FLOOR),
    "argon2id_real": lambda: stretched(REAL),
    "derive_data": lambda: crypto.derive(known("dek"), "data"),
    "derive_index": lambda: crypto.derive(known("dek"), "index"),
    "derive_notices": lambda: crypto.derive(known("dek"), "notices"),
    "derive_password_floor": lambda: crypto.derive(known("argon2id_floor"), "password"),
    "derive_password_real": lambda: crypto.derive(known("argon2id_real"), "password"),
    "derive_pepper": lambda: crypto.derive(known("pepper"), "pepper"),
    "derive_recovery": lambda: crypto.derive(known("recovery_key"), "recovery"),
    "derive_cookie": lambda: crypto.derive(known("cookie_key"), "cookie"),
    "derive_wrap": lambda: crypto.derive(known("derive_recovery"), "wrap", salt=known("nonce"), length=64),
    "bind": lambda: crypto.bind(b"", b"a", b"bc"),
    "pad": lambda: crypto.pad(b"abc", 16),
    "tag_answer": lambda: opened().tag("answer:commitment"),
    "dek_tag": lambda: opened().dek_tag,
    "slot_aad": lambda: vault._slot_aad(known("vault_id"), b"\x01\x02"),
    "layer_aad": lambda: PasswordSlot.parse(known("password_slot"))._layer_aad(known("vault_id"), 1),
    "head_aad": lambda: opened()._aad(known("tag_answer"), 1, b"head", False),
    "body_aad": lambda: opened()._aad(known("tag_answer"), 1, b"body", False),
    "draft_head_aad": lambda: opened()._aad(known("tag_answer"), 1, b"head", True),
    "note_aad": lambda: opened()._note_aad("profile"),
    "notice_key": lambda: opened().notice_key,
    "notice_info": lambda: vault._notice_aad(known("vault_id")),
    "derive_export": lambda: crypto.derive(known("dek"), "export"),
    "derive_file": lambda: crypto.derive(known("file_key"), "file"),
    "derive_file_password": lambda: crypto.derive(known("argon2id_real"), "file password"),
}


def hkdf(key: bytes, info: str, salt: bytes = b"", length: int = 32) -> bytes:
    """HKDF-SHA256 by hand, from RFC 5869."""
    pseudorandom = hmac.digest(salt or bytes(32), key, "sha256")
    block, given = b"", b""
    for count in range(1, length // 32 + 1):
        block = hmac.digest(pseudorandom, block + b"either-way " + info.encode() + bytes([count]), "sha256")
        given += block
    return given


def wrapped(kek: bytes, aad: bytes, key: str = "dek") -> bytes:
    """A key, the DEK if no other is named, wrapped under a KEK by hand, as the document describes it."""
    both = hkdf(kek, "wrap", known("nonce"), 64)
    return b"\x01" + both[:32] + known("nonce") + AESGCM(both[32:]).encrypt(known("nonce"), known(key), aad)


def framed(*parts: bytes) -> bytes:
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def slot_aad(header: bytes, binding: bytes = b"") -> bytes:
    return framed(b"\x01", b"slot", known("vault_id"), header, binding)


def password_front() -> bytes:
    return b"\x02\x01" + (65536).to_bytes(4, "big") + b"\x03\x01" + known("salt")


def password_slot() -> bytes:
    inside = wrapped(known("derive_password_real"), slot_aad(password_front()))
    layer = AESGCM(known("derive_pepper")).encrypt(known("nonce"), inside, layer_aad())
    return password_front() + (1).to_bytes(2, "big") + known("nonce") + layer


def layer_aad() -> bytes:
    return framed(b"\x01", b"pepper", known("vault_id"), password_front(), (1).to_bytes(2, "big"))


def place(purpose: bytes, field: bytes) -> bytes:
    return framed(b"\x01", purpose, known("vault_id"), known("tag_answer"), (1).to_bytes(8, "big"), field)


def note_aad() -> bytes:
    return framed(b"\x01", b"note", known("vault_id"), b"profile")


def sealed(plain: bytes, aad: bytes, size: int) -> bytes:
    padded = plain + b"\x80" + bytes(size - len(plain) - 1)
    return b"\x01" + known("nonce") + AESGCM(hkdf(known("dek"), "data")).encrypt(known("nonce"), padded, aad)


def public(private: bytes) -> bytes:
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def extract(suite: bytes, salt: bytes, label: bytes, key: bytes) -> bytes:
    """LabeledExtract of RFC 9180."""
    return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite + label + key, "sha256")


def expand(suite: bytes, key: bytes, label: bytes, info: bytes, length: int) -> bytes:
    """LabeledExpand of RFC 9180, for what fits into one block."""
    text = length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info
    return hmac.digest(key, text + b"\x01", "sha256")[:length]


def notice() -> bytes:
    """HPKE in base mode by hand, from RFC 9180: X25519 (0020), HKDF-SHA256 (0001), AES-256-GCM (0002)."""
    kem, suite = b"KEM\x00\x20", b"HPKE\x00\x20\x00\x01\x00\x02"
    enc, to = public(known("notice_ephemeral")), public(known("derive_notices"))
    common = X25519PrivateKey.from_private_bytes(known("notice_ephemeral")).exchange(
        X25519PublicKey.from_public_bytes(to)
    )
    shared = expand(kem, extract(kem, b"", b"eae_prk", common), b"shared_secret", enc + to, 32)
    info = framed(b"\x01", b"notice", known("vault_id"))
    context = b"\x00" + extract(suite, b"", b"psk_id_hash", b"") + extract(suite, b"", b"info_hash", info)
    secret = extract(suite, shared, b"secret", b"")
    nonce = expand(suite, secret, b"base_nonce", context, 12)
    aead = AESGCM(expand(suite, secret, b"key", context, 32))
    return b"\x01" + enc + aead.encrypt(nonce, VECTORS["notice_text"].encode().ljust(128), b"")


def file_header() -> bytes:
    front = b"LOCKED\r\n\x01\x02" + known("file_id")
    salted = (65536).to_bytes(4, "big") + b"\x03\x01" + known("salt")
    beside = known("vault_id") + known("recovery_slot")
    aads = [framed(b"\x01", b"file", front, *rest) for rest in ((b"password", salted), (b"recovery", beside))]
    first = wrapped(hkdf(known("argon2id_real"), "file password"), aads[0], "file_key")
    return front + salted + first + beside + wrapped(hkdf(known("dek"), "export"), aads[1], "file_key")


def locked_file() -> bytes:
    header, nonce = file_header(), bytes(11) + b"\x01"
    content = VECTORS["file_content"].encode().ljust(22)
    return header + AESGCM(hkdf(known("file_key"), "file")).encrypt(nonce, content, header)


# The same, and what the code makes under a random nonce, put together from the words of the document.
BY_HAND: dict[str, Callable[[], bytes]] = {
    "derive_data": lambda: hkdf(known("dek"), "data"),
    "derive_index": lambda: hkdf(known("dek"), "index"),
    "derive_notices": lambda: hkdf(known("dek"), "notices"),
    "derive_password_real": lambda: hkdf(known("argon2id_real"), "password"),
    "derive_pepper": lambda: hkdf(known("pepper"), "pepper"),
    "derive_recovery": lambda: hkdf(known("recovery_key"), "recovery"),
    "derive_cookie": lambda: hkdf(known("cookie_key"), "cookie"),
    "wrapped_key": lambda: wrapped(known("derive_recovery"), slot_aad(b"\x01\x02")),
    "recovery_slot": lambda: b"\x01\x02" + wrapped(known("derive_recovery"), slot_aad(b"\x01\x02")),
    "password_slot": password_slot,
    "layer_aad": layer_aad,
    "session_slot": lambda: (
        b"\x01\x03" + wrapped(known("derive_cookie"), slot_aad(b"\x01\x03", known("session_binding")))
    ),
    "tag_answer": lambda: hmac.digest(known("derive_index"), b"answer:commitment", "sha256")[:16],
    "dek_tag": lambda: hmac.digest(known("derive_index"), b"dek", "sha256")[:16],
    "head_aad": lambda: place(b"entry", b"head"),
    "body_aad": lambda: place(b"entry", b"body"),
    "draft_head_aad": lambda: place(b"draft", b"head"),
    "sealed_head": lambda: sealed(VECTORS["head"].encode(), place(b"entry", b"head"), 256),
    "note_aad": note_aad,
    "sealed_note": lambda: sealed(VECTORS["note"].encode(), note_aad(), 512),
    "notice_key": lambda: public(known("derive_notices")),
    "notice_info": lambda: framed(b"\x01", b"notice", known("vault_id")),
    "notice": notice,
    "derive_export": lambda: hkdf(known("dek"), "export"),
    "derive_file": lambda: hkdf(known("file_key"), "file"),
    "derive_file_password": lambda: hkdf(known("argon2id_real"), "file password"),
    "file_header": file_header,
    "locked_file": locked_file,
}


@pytest.mark.parametrize("name", COMPUTED)
def test_the_code_gives_the_known_answer(name: str) -> None:
    assert COMPUTED[name]().hex() == VECTORS[name]


@pytest.mark.parametrize("name", BY_HAND)
def test_the_documents_words_give_the_known_answer(name: str) -> None:
    assert BY_HAND[name]().hex() == VECTORS[name]


def test_the_known_recovery_key_is_written_and_read() -> None:
    assert crypto.write_recovery_key(known("recovery_key")) == VECTORS["recovery_key_text"]
    assert crypto.read_recovery_key(VECTORS["recovery_key_text"].lower()) == known("recovery_key")


def test_the_check_of_a_recovery_key_is_the_beginning_of_a_hash() -> None:
    digest = hashlib.sha256(b"either-way recovery key check" + known("recovery_key")).digest()
    letters = VECTORS["recovery_key_text"].replace("-", "")
    number = 0
    for letter in letters:
        number = number << 5 | "0123456789ABCDEFGHJKMNPQRSTVWXYZ".index(letter)
    assert number >> 22 == int.from_bytes(known("recovery_key"), "big")
    assert number & (1 << 22) - 1 == int.from_bytes(digest, "big") >> (256 - 22)


def test_the_known_wrapped_key_unwraps() -> None:
    assert crypto.unwrap(known("derive_recovery"), known("wrapped_key"), known("slot_aad")) == known("dek")


def test_the_known_slots_open_the_same_vault() -> None:
    owner = known("vault_id")
    found = [
        Vault.open_with_password(owner, known("password_slot"), VECTORS["password"], {1: known("pepper")}),
        Vault.open_with_recovery_key(owner, known("recovery_slot"), known("recovery_key")),
        Vault.open_with_cookie_key(owner, known("session_slot"), known("cookie_key"), known("session_binding")),
    ]
    assert {each.dek_tag for each in found} == {known("dek_tag")}


def test_the_known_password_slot_comes_apart() -> None:
    slot = PasswordSlot.parse(known("password_slot"))
    assert (slot.cost, slot.pepper, slot.salt, slot.front()) == (REAL, 1, known("salt"), password_front())
    assert slot.encode() == known("password_slot")


def test_the_known_head_opens() -> None:
    assert opened().open_head(known("sealed_head"), entry=known("tag_answer"), revision=1).decode() == VECTORS["head"]


def test_the_known_note_and_the_known_notice_open() -> None:
    assert opened().open_note(known("sealed_note"), "profile").decode() == VECTORS["note"]
    assert opened().open_notice(known("notice")).decode() == VECTORS["notice_text"]


def test_the_known_locked_file_opens_both_ways() -> None:
    content = VECTORS["file_content"].encode() + b" "
    assert locked.unlock(known("locked_file"), VECTORS["password"]) == content
    assert locked.unlock_with_recovery_key(known("locked_file"), known("recovery_key")) == content


@pytest.mark.parametrize(
    ("kind", "size"),
    [
        ("wrapped_key", 93),
        ("password_slot", 147),
        ("recovery_slot", 95),
        ("session_slot", 95),
        ("sealed_note", 541),
        ("notice", 177),
        ("file_header", 345),
    ],
)
def test_known_values_are_as_long_as_the_document_says(kind: str, size: int) -> None:
    assert len(known(kind)) == size
    assert f"{size} bytes" in DOCUMENT


@pytest.mark.parametrize(
    ("floor", "plain", "padded"),
    [
        (256, 0, 256),
        (256, 255, 256),
        (256, 256, 272),
        (512, 0, 512),
        (512, 511, 512),
        (512, 512, 544),
        (1024, 0, 1024),
        (1024, 1023, 1024),
        (1024, 1024, 1088),
        (1024, 5000, 5120),
        (1024, 100_000, 100_352),
        (1024, 400_000, 401_408),
    ],
)
def test_padding_gives_the_lengths_in_the_document(floor: int, plain: int, padded: int) -> None:
    assert len(crypto.pad(bytes(plain), floor)) == padded
    assert f"| {floor:,} | {plain:,} | {padded:,} |" in DOCUMENT


def test_every_vector_is_checked() -> None:
    assert GIVEN | COMPUTED.keys() | BY_HAND.keys() | {"recovery_key_text"} == VECTORS.keys()


@pytest.mark.parametrize("name", VECTORS)
def test_every_vector_stands_in_the_document(name: str) -> None:
    assert f"`{name}`" in DOCUMENT
    assert "".join(VECTORS[name].split()) in "".join(DOCUMENT.split())
