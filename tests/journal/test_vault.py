import dataclasses
import pickle
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journal import crypto, vault
from journal.crypto import CEILING, FLOOR, Cost, DecryptionError
from journal.vault import PasswordSlot, Vault

ALICE, MALLORY = b"a" * 16, b"m" * 16
PASSWORD = "a password of hers"
PEPPERS = {1: b"p" * 32}
NEW_PEPPER = {2: b"q" * 32}
WHERE = {"entry": b"e" * 16, "revision": 3}
text = st.text(st.characters(exclude_categories=["Cs"]))


@pytest.fixture(scope="module")
def opened() -> Vault:
    return Vault.create(ALICE)


@pytest.fixture(scope="module")
def password_slot(opened: Vault) -> bytes:
    return opened.password_slot(PASSWORD, FLOOR, PEPPERS)


def same(one: Vault, other: Vault) -> bool:
    return one.dek_tag == other.dek_tag


def flipped(stored: bytes, bit: int) -> bytes:
    changed = bytearray(stored)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def test_the_password_opens_its_slot(opened: Vault, password_slot: bytes) -> None:
    assert same(Vault.open_with_password(ALICE, password_slot, PASSWORD, PEPPERS), opened)


@pytest.mark.parametrize("wrong", ["", "a password of his", "a password of hers ", "A password of hers"])
def test_no_other_password_opens_it(password_slot: bytes, wrong: str) -> None:
    with pytest.raises(DecryptionError):
        Vault.open_with_password(ALICE, password_slot, wrong, PEPPERS)


def test_a_password_opens_however_its_accents_were_typed(opened: Vault) -> None:
    typed = "héron sur la rivière"
    slot = opened.password_slot(unicodedata.normalize("NFC", typed), FLOOR, PEPPERS)
    assert same(Vault.open_with_password(ALICE, slot, unicodedata.normalize("NFD", typed), PEPPERS), opened)


def test_a_slot_moved_to_another_person_opens_nothing(password_slot: bytes) -> None:
    with pytest.raises(DecryptionError):
        Vault.open_with_password(MALLORY, password_slot, PASSWORD, PEPPERS)


def test_a_slot_opens_under_its_own_pepper_only(password_slot: bytes) -> None:
    for peppers in ({1: b"q" * 32}, {2: b"p" * 32}):
        with pytest.raises(DecryptionError):
            Vault.open_with_password(ALICE, password_slot, PASSWORD, peppers)


def test_a_new_slot_takes_the_newest_pepper_and_the_old_one_still_opens(opened: Vault, password_slot: bytes) -> None:
    both = {**PEPPERS, 2: b"q" * 32}
    slot = opened.password_slot(PASSWORD, FLOOR, both)
    assert PasswordSlot.parse(slot).pepper == 2
    assert same(Vault.open_with_password(ALICE, password_slot, PASSWORD, both), opened)


def test_a_slot_under_a_new_pepper_opens_with_the_same_password_and_needs_the_old_one_no_more(
    opened: Vault, password_slot: bytes
) -> None:
    slot = PasswordSlot.parse(password_slot).repeppered(ALICE, PEPPERS | NEW_PEPPER).encode()
    assert same(Vault.open_with_password(ALICE, slot, PASSWORD, NEW_PEPPER), opened)
    for password, peppers in ((PASSWORD, PEPPERS), ("a password of his", NEW_PEPPER)):
        with pytest.raises(DecryptionError):
            Vault.open_with_password(ALICE, slot, password, peppers)


def test_a_new_pepper_changes_the_layer_and_nothing_before_it(password_slot: bytes) -> None:
    before = PasswordSlot.parse(password_slot)
    after = before.repeppered(ALICE, PEPPERS | NEW_PEPPER)
    assert (before.pepper, after.pepper) == (1, 2)
    assert after.front() == before.front() == password_slot[:24]
    assert after.layer != before.layer
    assert len(after.encode()) == len(password_slot)


def test_no_new_pepper_is_put_on_without_the_old_one(password_slot: bytes) -> None:
    for peppers in (NEW_PEPPER, {1: b"x" * 32} | NEW_PEPPER):
        with pytest.raises(DecryptionError):
            PasswordSlot.parse(password_slot).repeppered(ALICE, peppers)


def test_the_layer_moved_to_another_person_is_refused(opened: Vault, password_slot: bytes) -> None:
    hers = PasswordSlot.parse(password_slot)
    his = PasswordSlot.parse(Vault.create(MALLORY).password_slot(PASSWORD, FLOOR, PEPPERS))
    for owner, slot in ((MALLORY, hers), (MALLORY, dataclasses.replace(his, layer=hers.layer))):
        with pytest.raises(DecryptionError):
            slot.unwrap(owner, PASSWORD, PEPPERS)
        with pytest.raises(DecryptionError):
            slot.repeppered(owner, PEPPERS | NEW_PEPPER)


def test_without_the_pepper_nobody_can_tell_a_right_password_from_a_wrong_one(password_slot: bytes) -> None:
    """The commitment and the tag of the wrap, which a guess could be held against, lie inside the layer."""
    slot = PasswordSlot.parse(password_slot)
    inside = slot._wrapped(ALICE, PEPPERS)
    assert len(inside) == crypto.WRAPPED_BYTES
    assert all(piece not in password_slot for piece in (inside[1:33], inside[33:45], inside[-16:]))


def test_a_missing_pepper_costs_a_hash_as_a_wrong_password_does(
    password_slot: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed = []
    monkeypatch.setattr(crypto, "stretch", lambda *args: hashed.append(args) or bytes(32))
    for peppers in (NEW_PEPPER, {1: b"x" * 32}, PEPPERS):
        with pytest.raises(DecryptionError):
            Vault.open_with_password(ALICE, password_slot, PASSWORD, peppers)
    assert len(hashed) == 3


def test_a_slot_of_version_1_is_refused(password_slot: bytes) -> None:
    front = b"\x01\x01" + password_slot[2:8] + b"\x00\x01" + password_slot[8:24]
    for slot in (front + crypto.wrap(b"k" * 32, b"d" * 32, b""), b"\x01" + password_slot[1:]):
        with pytest.raises(DecryptionError):
            Vault.open_with_password(ALICE, slot, PASSWORD, PEPPERS)


@pytest.mark.parametrize("slot", [b"", b"\x02\x01", b"\x02\x01" + bytes(144), b"\x02\x01" + bytes(146)])
def test_what_is_no_password_slot_is_refused(slot: bytes) -> None:
    with pytest.raises(DecryptionError):
        PasswordSlot.parse(slot)


def test_a_password_slot_comes_apart_and_together_again(password_slot: bytes) -> None:
    assert len(password_slot) == 147
    assert PasswordSlot.parse(password_slot).encode() == password_slot


@settings(deadline=None, max_examples=40)
@given(bit=st.integers(min_value=0, max_value=147 * 8 - 1))
def test_any_flipped_bit_of_a_password_slot_is_refused(password_slot: bytes, bit: int) -> None:
    slot = flipped(password_slot, bit)
    memory, passes = int.from_bytes(slot[2:6], "big"), slot[6]
    if 100_000 < memory <= CEILING.memory or 4 < passes <= CEILING.passes:
        return  # allowed, but too dear for a test; the next one sees to these bits
    with pytest.raises(DecryptionError):
        Vault.open_with_password(ALICE, slot, PASSWORD, PEPPERS)


def test_no_new_pepper_is_put_on_a_slot_with_any_flipped_bit(password_slot: bytes) -> None:
    """Every byte is bound into the layer, the cost too, so this asks all bits and hashes no password."""
    for bit in range(147 * 8):
        with pytest.raises(DecryptionError):
            PasswordSlot.parse(flipped(password_slot, bit)).repeppered(ALICE, PEPPERS | NEW_PEPPER)


def test_a_doctored_cost_is_neither_a_downgrade_nor_a_memory_bomb(password_slot: bytes) -> None:
    for cost in (Cost(8, 1, 1), Cost(4_000_000_000, 255, 255)):
        doctored = dataclasses.replace(PasswordSlot.parse(password_slot), cost=cost)
        with pytest.raises(DecryptionError):
            Vault.open_with_password(ALICE, doctored.encode(), PASSWORD, PEPPERS)


def test_a_cheaper_cost_is_refused_by_the_wrap_even_with_a_new_layer(opened: Vault) -> None:
    """Whoever holds the pepper can put a layer around anything; the cost is bound into the wrap as well."""
    dear = dataclasses.replace(FLOOR, passes=FLOOR.passes + 1)
    slot = PasswordSlot.parse(opened.password_slot(PASSWORD, dear, PEPPERS))
    forged = dataclasses.replace(slot, cost=FLOOR)._under(ALICE, slot._wrapped(ALICE, PEPPERS), PEPPERS)
    with pytest.raises(DecryptionError):
        forged.unwrap(ALICE, PASSWORD, PEPPERS)


def test_the_recovery_key_opens_its_slot_without_a_pepper(opened: Vault) -> None:
    key = crypto.new_recovery_key()
    slot = opened.recovery_slot(key)
    assert same(Vault.open_with_recovery_key(ALICE, slot, key), opened)
    with pytest.raises(DecryptionError):
        Vault.open_with_recovery_key(ALICE, slot, crypto.new_recovery_key())
    with pytest.raises(DecryptionError):
        Vault.open_with_recovery_key(MALLORY, slot, key)


def test_the_cookie_key_opens_its_slot_for_its_own_session_only(opened: Vault) -> None:
    slot = opened.session_slot(b"c" * 32, b"this session")
    assert same(Vault.open_with_cookie_key(ALICE, slot, b"c" * 32, b"this session"), opened)
    for key, binding in ((b"d" * 32, b"this session"), (b"c" * 32, b"another session")):
        with pytest.raises(DecryptionError):
            Vault.open_with_cookie_key(ALICE, slot, key, binding)


def test_a_slot_of_one_kind_opens_as_no_other(opened: Vault) -> None:
    key = b"k" * 32
    with pytest.raises(DecryptionError):
        Vault.open_with_cookie_key(ALICE, opened.recovery_slot(key), key, b"")
    with pytest.raises(DecryptionError):
        Vault.open_with_recovery_key(ALICE, opened.session_slot(key, b""), key)


@given(text)
def test_any_text_comes_back_from_head_and_body(words: str) -> None:
    opened = Vault(ALICE, b"d" * 32)
    plain = words.encode()
    assert opened.open_head(opened.seal_head(plain, **WHERE), **WHERE) == plain
    assert opened.open_body(opened.seal_body(plain, **WHERE), **WHERE) == plain


@pytest.mark.parametrize(
    ("owner", "where"),
    [
        (MALLORY, WHERE),
        (ALICE, {**WHERE, "entry": b"f" * 16}),
        (ALICE, {**WHERE, "revision": 4}),
    ],
)
def test_a_sealed_value_moved_anywhere_else_is_refused(owner: bytes, where: dict) -> None:
    sealed = Vault(ALICE, b"d" * 32).seal_body(b"text", **WHERE)
    with pytest.raises(DecryptionError):
        Vault(owner, b"d" * 32).open_body(sealed, **where)


def test_a_head_is_no_body_and_a_body_no_head(opened: Vault) -> None:
    with pytest.raises(DecryptionError):
        opened.open_body(opened.seal_head(b"text", **WHERE), **WHERE)
    with pytest.raises(DecryptionError):
        opened.open_head(opened.seal_body(b"text", **WHERE), **WHERE)


@pytest.mark.parametrize(("sealed_as", "opened_as"), [(True, False), (False, True)])
def test_a_draft_never_opens_as_a_revision_nor_the_other_way_round(
    opened: Vault, sealed_as: bool, opened_as: bool
) -> None:
    head = opened.seal_head(b"head", **WHERE, draft=sealed_as)
    body = opened.seal_body(b"body", **WHERE, draft=sealed_as)
    assert opened.open_head(head, **WHERE, draft=sealed_as) == b"head"
    assert opened.open_body(body, **WHERE, draft=sealed_as) == b"body"
    with pytest.raises(DecryptionError):
        opened.open_head(head, **WHERE, draft=opened_as)
    with pytest.raises(DecryptionError):
        opened.open_body(body, **WHERE, draft=opened_as)


def test_a_draft_opens_over_its_own_revision_only(opened: Vault) -> None:
    sealed = opened.seal_body(b"text", **WHERE, draft=True)
    with pytest.raises(DecryptionError):
        opened.open_body(sealed, **{**WHERE, "revision": 4}, draft=True)


def test_a_note_opens_under_its_own_name_and_for_its_owner_only(opened: Vault) -> None:
    sealed = opened.seal_note(b"text", "profile")
    assert opened.open_note(sealed, "profile") == b"text"
    for reader, name in (
        (opened, "session"),
        (Vault(MALLORY, opened._dek), "profile"),
        (Vault.create(ALICE), "profile"),
    ):
        with pytest.raises(DecryptionError):
            reader.open_note(sealed, name)


def test_a_note_is_no_head_and_no_body(opened: Vault) -> None:
    sealed = opened.seal_note(b"text", "profile")
    for open_as in (opened.open_head, opened.open_body):
        with pytest.raises(DecryptionError):
            open_as(sealed, **WHERE)


def test_a_notice_opens_for_its_owner_only(opened: Vault) -> None:
    sealed = vault.seal_notice(opened.notice_key, ALICE, b"somebody tried")
    assert opened.open_notice(sealed) == b"somebody tried"
    for other in (Vault.create(ALICE), Vault(MALLORY, opened._dek)):
        with pytest.raises(DecryptionError):
            other.open_notice(sealed)


def test_a_notice_sealed_for_another_vault_with_this_key_is_refused(opened: Vault) -> None:
    with pytest.raises(DecryptionError):
        opened.open_notice(vault.seal_notice(opened.notice_key, MALLORY, b"somebody tried"))


def test_a_notice_is_of_one_length_whatever_it_says_and_never_the_same_twice(opened: Vault) -> None:
    sealed = [vault.seal_notice(opened.notice_key, ALICE, b"x" * size) for size in (0, 1, 64, 128, 128)]
    assert {len(each) for each in sealed} == {177}
    assert len({each[1:33] for each in sealed}) == len(sealed)


def test_any_flipped_bit_of_a_notice_is_refused(opened: Vault) -> None:
    """Also the highest bit of the key in it, which X25519 ignores: HPKE binds the key's bytes as they stand."""
    sealed = vault.seal_notice(opened.notice_key, ALICE, b"somebody tried")
    for bit in range(177 * 8):
        with pytest.raises(DecryptionError):
            opened.open_notice(flipped(sealed, bit))


@pytest.mark.parametrize("length", [0, 1, 32, 33, 48, 176])
def test_a_truncated_notice_is_refused(opened: Vault, length: int) -> None:
    with pytest.raises(DecryptionError):
        opened.open_notice(vault.seal_notice(opened.notice_key, ALICE, b"somebody tried")[:length])


def test_a_notice_of_more_than_128_bytes_is_not_sealed(opened: Vault) -> None:
    with pytest.raises(ValueError, match="at most 128 bytes"):
        vault.seal_notice(opened.notice_key, ALICE, b"x" * 129)


@pytest.mark.parametrize("size", [0, 127, 129, 100_000])
def test_what_is_sealed_for_this_key_in_another_length_is_no_notice(opened: Vault, size: int) -> None:
    """Whoever writes to the database has the public key, and HPKE takes any length."""
    sealed = crypto.seal_for(opened.notice_key, b"x" * size, vault._notice_aad(ALICE))
    with pytest.raises(DecryptionError):
        opened.open_notice(sealed)


def test_short_texts_are_all_as_long_as_each_other(opened: Vault) -> None:
    assert len({len(opened.seal_head(b"x" * size, **WHERE)) for size in range(200)}) == 1
    assert len({len(opened.seal_body(b"x" * size, **WHERE)) for size in range(1000)}) == 1
    assert len({len(opened.seal_note(b"x" * size, "profile")) for size in range(512)}) == 1


def test_a_tag_says_the_same_to_one_person_and_nothing_to_another() -> None:
    hers, his = Vault(ALICE, b"d" * 32), Vault(MALLORY, b"e" * 32)
    assert hers.tag("answer:time") == hers.tag("answer:time")
    assert hers.tag("answer:time") != hers.tag("answer:feedback")
    assert hers.tag("answer:time") != his.tag("answer:time")


def test_a_vault_shows_nothing_of_itself_and_can_not_be_stored(opened: Vault) -> None:
    assert repr(opened) == "<Vault>"
    with pytest.raises(TypeError, match="never stored"):
        pickle.dumps(opened)


def test_a_password_is_never_trimmed() -> None:
    assert vault.password_bytes(" a b ") == b" a b "
