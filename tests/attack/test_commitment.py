"""One wrapped key that opens under two keys: plain AES-GCM allows it, our wrap does not.

Len, Grubbs and Ristenpart, "Partitioning Oracle Attacks", USENIX Security 2021: GHASH is linear in each block of
the ciphertext, so one block can be chosen such that two keys give the same tag.
"""

import secrets
from functools import reduce

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from journal import crypto
from journal.crypto import DecryptionError
from journal.vault import Vault

NONCE = b"twelve bytes"
AAD = b"whatever is bound to it, known to the attacker"


def times(x: int, y: int) -> int:
    """The product in GF(2^128) as GCM writes it: the first bit is the lowest power (NIST SP 800-38D, 6.3)."""
    product = 0
    for place in range(127, -1, -1):
        if y >> place & 1:
            product ^= x
        x = x >> 1 ^ (0xE1 << 120 if x & 1 else 0)
    return product


def inverse(x: int) -> int:
    """x to the power of 2^128 - 2."""
    result, power = 1 << 127, x
    for _ in range(127):
        power = times(power, power)
        result = times(result, power)
    return result


def block(key: bytes, plain: bytes) -> int:
    encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
    return int.from_bytes(encryptor.update(plain) + encryptor.finalize(), "big")


def blocks(data: bytes) -> list[int]:
    padded = data + bytes(-len(data) % 16)
    return [int.from_bytes(padded[at : at + 16], "big") for at in range(0, len(padded), 16)]


def tag(key: bytes, nonce: bytes, aad: bytes, ciphertext: bytes) -> int:
    """The tag that AES-GCM gives a ciphertext under a key."""
    lengths = (len(aad) * 8).to_bytes(8, "big") + (len(ciphertext) * 8).to_bytes(8, "big")
    h = block(key, bytes(16))
    ghash = reduce(lambda y, x: times(y ^ x, h), [*blocks(aad), *blocks(ciphertext), *blocks(lengths)], 0)
    return ghash ^ block(key, nonce + b"\0\0\0\1")


def forge(one: bytes, other: bytes, nonce: bytes, aad: bytes) -> bytes:
    """Return 32 bytes of ciphertext and a tag that AES-GCM accepts under both keys."""
    first = secrets.token_bytes(16)
    squares = [times(h, h) for h in (block(key, bytes(16)) for key in (one, other))]
    apart = tag(one, nonce, aad, first + bytes(16)) ^ tag(other, nonce, aad, first + bytes(16))
    last = times(apart, inverse(squares[0] ^ squares[1])).to_bytes(16, "big")
    ciphertext = first + last
    return ciphertext + tag(one, nonce, aad, ciphertext).to_bytes(16, "big")


def wrapping_keys(kek: bytes) -> tuple[bytes, bytes]:
    """Commitment and AES key of a wrap, as `docs/crypto.md` has them."""
    both = HKDF(SHA256(), 64, NONCE, b"either-way wrap").derive(kek)
    return both[:32], both[32:]


def opens(kek: bytes, wrapped: bytes, aad: bytes = AAD) -> bool:
    try:
        crypto.unwrap(kek, wrapped, aad)
    except DecryptionError:
        return False
    return True


def test_the_arithmetic_is_that_of_gcm() -> None:
    key = secrets.token_bytes(32)
    sealed = AESGCM(key).encrypt(NONCE, b"thirty-two bytes are two blocks.", AAD)
    assert tag(key, NONCE, AAD, sealed[:32]).to_bytes(16, "big") == sealed[32:]
    assert times(int.from_bytes(NONCE, "big"), inverse(int.from_bytes(NONCE, "big"))) == 1 << 127


def test_plain_gcm_opens_one_ciphertext_under_two_keys() -> None:
    keys = [secrets.token_bytes(32) for _ in range(2)]
    forged = forge(*keys, NONCE, AAD)
    opened = {AESGCM(key).decrypt(NONCE, forged, AAD) for key in keys}
    assert len(opened) == 2
    with pytest.raises(InvalidTag):
        AESGCM(secrets.token_bytes(32)).decrypt(NONCE, forged, AAD)


def test_a_wrap_opens_under_one_key_only_whatever_it_commits_to() -> None:
    keks = [secrets.token_bytes(32) for _ in range(2)]
    (one, one_key), (other, other_key) = (wrapping_keys(kek) for kek in keks)
    forged = forge(one_key, other_key, NONCE, AAD)
    for commitment in (one, other, one[:16] + other[16:], bytes(a ^ b for a, b in zip(one, other, strict=True))):
        wrapped = b"\x01" + commitment + NONCE + forged
        assert len(wrapped) == crypto.WRAPPED_BYTES
        # So it is the commitment that refuses: the ciphertext itself is good under the AES key of either.
        assert [opens(kek, wrapped) for kek in keks] == [commitment == one, commitment == other]


def test_a_slot_opens_with_one_recovery_key_only() -> None:
    """A slot made to open with two keys tells in one try which of them somebody has. With many, it is an oracle."""
    vault_id, header = secrets.token_bytes(16), b"\x01\x02"
    keys = [secrets.token_bytes(16) for _ in range(2)]
    keks = [HKDF(SHA256(), 32, None, b"either-way recovery").derive(key) for key in keys]
    (commitment, one), (_, other) = (wrapping_keys(kek) for kek in keks)
    aad = crypto.bind(b"\x01", b"slot", vault_id, header, b"")
    slot = header + b"\x01" + commitment + NONCE + forge(one, other, NONCE, aad)
    Vault.open_with_recovery_key(vault_id, slot, keys[0])
    with pytest.raises(DecryptionError):
        Vault.open_with_recovery_key(vault_id, slot, keys[1])
