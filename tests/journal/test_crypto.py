import dataclasses
import unicodedata

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from journal import crypto
from journal.crypto import CEILING, FLOOR, Cost, DecryptionError, RecoveryKeyTypo

KEY = bytes(range(32))
AAD = crypto.bind(b"purpose", b"owner")


@pytest.mark.parametrize("field", ["memory", "passes", "lanes"])
def test_a_cost_below_the_floor_is_refused_before_anything_is_hashed(field: str) -> None:
    low = dataclasses.replace(FLOOR, **{field: getattr(FLOOR, field) - 1})
    with pytest.raises(DecryptionError):
        crypto.stretch(b"password", bytes(16), low)


@pytest.mark.parametrize("field", ["memory", "passes", "lanes"])
def test_a_cost_above_the_ceiling_is_refused_before_anything_is_hashed(field: str) -> None:
    bomb = dataclasses.replace(CEILING, **{field: getattr(CEILING, field) * 1000})
    with pytest.raises(DecryptionError):
        crypto.stretch(b"password", bytes(16), bomb)


def test_the_floor_itself_is_allowed() -> None:
    assert len(crypto.stretch(b"password", bytes(16), FLOOR)) == 32


def test_a_wrapped_key_comes_back() -> None:
    assert crypto.unwrap(KEY, crypto.wrap(KEY, b"k" * 32, AAD), AAD) == b"k" * 32


def test_a_wrapped_key_is_never_the_same_twice() -> None:
    assert crypto.wrap(KEY, KEY, AAD) != crypto.wrap(KEY, KEY, AAD)


@given(st.integers(min_value=0, max_value=crypto.WRAPPED_BYTES * 8 - 1))
def test_any_flipped_bit_of_a_wrapped_key_is_refused(bit: int) -> None:
    wrapped = bytearray(crypto.wrap(KEY, b"k" * 32, AAD))
    wrapped[bit // 8] ^= 1 << bit % 8
    with pytest.raises(DecryptionError):
        crypto.unwrap(KEY, bytes(wrapped), AAD)


def test_a_wrapped_key_opens_under_no_other_key_and_for_no_other_owner() -> None:
    wrapped = crypto.wrap(KEY, b"k" * 32, AAD)
    with pytest.raises(DecryptionError):
        crypto.unwrap(bytes(32), wrapped, AAD)
    with pytest.raises(DecryptionError):
        crypto.unwrap(KEY, wrapped, crypto.bind(b"purpose", b"another"))


def test_a_ciphertext_made_to_open_under_two_keys_is_refused_by_its_commitment() -> None:
    """The forger knows both KEKs and may choose every byte; the commitment can fit only one of them."""
    first, second = KEY, bytes(32)
    nonce = bytes(12)
    commitment, aead = crypto._wrapping_keys(first, nonce)
    forged = crypto.VERSION + commitment + nonce + crypto._wrapping_keys(second, nonce)[1].encrypt(nonce, KEY, AAD)
    for kek in (first, second):
        with pytest.raises(DecryptionError):
            crypto.unwrap(kek, forged, AAD)
    assert len(aead.encrypt(nonce, KEY, AAD)) == 48


@pytest.mark.parametrize("wrapped", [b"", b"\x01", bytes(crypto.WRAPPED_BYTES), b"\x02" + bytes(92), bytes(500)])
def test_what_is_no_wrapped_key_is_refused(wrapped: bytes) -> None:
    with pytest.raises(DecryptionError):
        crypto.unwrap(KEY, wrapped, AAD)


@given(st.binary(max_size=5000))
def test_sealed_bytes_come_back(plain: bytes) -> None:
    aead = AESGCM(KEY)
    assert crypto.open_sealed(aead, crypto.seal(aead, plain, AAD, floor=256), AAD) == plain


@given(st.binary(max_size=300), st.data())
def test_any_flipped_bit_of_a_sealed_value_is_refused(plain: bytes, data: st.DataObject) -> None:
    aead = AESGCM(KEY)
    sealed = bytearray(crypto.seal(aead, plain, AAD, floor=256))
    bit = data.draw(st.integers(min_value=0, max_value=len(sealed) * 8 - 1))
    sealed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(DecryptionError):
        crypto.open_sealed(aead, bytes(sealed), AAD)


@pytest.mark.parametrize("length", [0, 1, 12, 28, 29, 100])
def test_a_truncated_sealed_value_is_refused(length: int) -> None:
    aead = AESGCM(KEY)
    sealed = crypto.seal(aead, b"text", AAD, floor=256)
    with pytest.raises(DecryptionError):
        crypto.open_sealed(aead, sealed[:length], AAD)


@pytest.mark.parametrize("length", [0, 11, 12, 27])
def test_what_is_too_short_to_be_encrypted_is_refused(length: int) -> None:
    with pytest.raises(DecryptionError):
        crypto.decrypt(AESGCM(KEY), bytes(length), AAD)


@given(st.binary(max_size=300))
def test_what_is_sealed_for_a_public_key_opens_with_its_private_key_and_the_same_info_only(plain: bytes) -> None:
    owner = X25519PrivateKey.from_private_bytes(KEY)
    sealed = crypto.seal_for(owner.public_key().public_bytes_raw(), plain, AAD)
    assert crypto.open_for(owner, sealed, AAD) == plain
    for key, info in ((X25519PrivateKey.generate(), AAD), (owner, AAD + b"x")):
        with pytest.raises(DecryptionError):
            crypto.open_for(key, sealed, info)


@pytest.mark.parametrize("key", [b"", bytes(31), bytes(33), bytes(32), b"\x01" + bytes(31)])
def test_nothing_is_sealed_for_what_is_no_good_public_key(key: bytes) -> None:
    with pytest.raises(ValueError, match="key"):
        crypto.seal_for(key, b"text", AAD)


def test_a_point_of_low_order_in_place_of_the_key_of_a_message_is_refused() -> None:
    owner = X25519PrivateKey.from_private_bytes(KEY)
    sealed = crypto.seal_for(owner.public_key().public_bytes_raw(), b"text", AAD)
    with pytest.raises(DecryptionError):
        crypto.open_for(owner, sealed[:1] + bytes(32) + sealed[33:], AAD)


@given(st.lists(st.binary(max_size=20), max_size=5), st.lists(st.binary(max_size=20), max_size=5))
def test_different_lists_of_parts_never_bind_to_the_same_bytes(one: list[bytes], other: list[bytes]) -> None:
    assert (crypto.bind(*one) == crypto.bind(*other)) is (one == other)


@given(st.binary(max_size=3000))
def test_padding_comes_off_whatever_the_text_ends_with(plain: bytes) -> None:
    padded = crypto.pad(plain, 256)
    assert crypto.unpad(padded) == plain
    assert len(padded) >= 256
    assert len(padded) <= max(256, (len(plain) + 1) * 1.13)


def test_padding_leaves_few_lengths_to_tell_apart() -> None:
    lengths = {len(crypto.pad(bytes(size), 1024)) for size in range(20_000)}
    assert min(lengths) == 1024
    assert len(lengths) < 75


def test_padding_without_its_mark_is_refused() -> None:
    with pytest.raises(DecryptionError):
        crypto.unpad(bytes(16))


@given(st.binary(min_size=16, max_size=16))
def test_a_recovery_key_is_read_back_as_it_was_written(key: bytes) -> None:
    text = crypto.write_recovery_key(key)
    assert crypto.read_recovery_key(text) == key
    assert [len(group) for group in text.split("-")] == [5] * 6


def test_a_recovery_key_forgives_what_hands_do() -> None:
    key = bytes.fromhex("00112233445566778899aabbccddeeff")
    text = crypto.write_recovery_key(key)
    sloppy = " " + text.lower().replace("-", " \u200b").replace("0", "o").replace("1", "l") + "\n"
    assert sloppy.upper() != text
    assert crypto.read_recovery_key(sloppy) == key


def test_any_wrong_letter_of_a_recovery_key_is_told_as_a_typo() -> None:
    text = crypto.write_recovery_key(bytes(range(16))).replace("-", "")
    for place, letter in enumerate(text):
        for other in set(crypto.ALPHABET) - {letter}:
            with pytest.raises(RecoveryKeyTypo):
                crypto.read_recovery_key(text[:place] + other + text[place + 1 :])


@pytest.mark.parametrize("text", ["", "abc", "U" * 30, "0" * 29, "0" * 31, "é" * 30, "٣" * 30])
def test_what_is_no_recovery_key_is_told_as_a_typo(text: str) -> None:
    with pytest.raises(RecoveryKeyTypo):
        crypto.read_recovery_key(text)


def test_derived_keys_differ_by_use_and_salt() -> None:
    derived = {crypto.derive(KEY, use, salt=salt) for use in ("data", "index", "wrap") for salt in (b"", b"1")}
    assert len(derived) == 6


def test_the_real_cost_is_within_the_bounds() -> None:
    assert Cost(64 * 1024, 3, 1).is_allowed()


def test_composed_and_decomposed_letters_are_different_bytes_to_begin_with() -> None:
    assert unicodedata.normalize("NFC", "é") != unicodedata.normalize("NFD", "é")
