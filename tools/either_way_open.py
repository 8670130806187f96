"""Opens a locked file of a journal, without the site and without a network.

    pip install cryptography argon2-cffi
    python either_way_open.py notes-2026-03-13.locked              one JSON, to the screen
    python either_way_open.py notes-2026-03-13.locked FOLDER       one readable file for each entry, in a new folder

It asks for the password that the file was made with, or the recovery key of that time. What comes out is readable by
anybody who finds it. The format is written down in docs/crypto.md, the JSON in docs/export.md.
"""

import getpass
import hashlib
import json
import struct
import sys
import unicodedata
from pathlib import Path
from typing import Any

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MAGIC = b"LOCKED\r\n\x01"
FRONT, SALTED, WRAPPED, RECOVERY = 26, 22, 93, 111
CHUNK = 64 * 1024 + 16
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class WillNotOpenError(Exception):
    """Another password or key, or a file that was damaged or cut."""


def derive(key: bytes, info: str, salt: bytes | None = None, length: int = 32) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, b"either-way " + info.encode()).derive(key)


def bind(*parts: bytes) -> bytes:
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def unwrap(kek: bytes, wrapped: bytes, aad: bytes) -> bytes:
    commitment, nonce, sealed = wrapped[1:33], wrapped[33:45], wrapped[45:]
    both = derive(kek, "wrap", nonce, 64)
    if wrapped[:1] != b"\x01" or both[:32] != commitment:
        raise WillNotOpenError
    return AESGCM(both[32:]).decrypt(nonce, sealed, aad)


def recovery_key(typed: str) -> bytes | None:
    """Return the recovery key that was typed, or None if it is none."""
    meant = typed.upper().translate(str.maketrans("OIL", "011"))
    letters = [letter for letter in meant if letter.isalnum()]
    if len(letters) != 30 or not set(letters) <= set(LETTERS):
        return None
    number = 0
    for letter in letters:
        number = number << 5 | LETTERS.index(letter)
    key = (number >> 22).to_bytes(16, "big")
    digest = hashlib.sha256(b"either-way recovery key check" + key).digest()
    return key if int.from_bytes(digest[:4], "big") >> 10 == number & (1 << 22) - 1 else None


def key_by_password(data: bytes, password: str) -> bytes:
    salted = data[FRONT : FRONT + SALTED]
    memory, passes, lanes = struct.unpack(">IBB", salted[:6])
    if not (19 * 1024 <= memory <= 1024 * 1024 and 2 <= passes <= 16 and 1 <= lanes <= 8):
        raise WillNotOpenError
    secret = unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
    stretched = hash_secret_raw(secret, salted[6:], passes, memory, lanes, 32, Type.ID)
    wrapped = data[FRONT + SALTED : FRONT + SALTED + WRAPPED]
    aad = bind(b"\x01", b"file", data[:FRONT], b"password", salted)
    return unwrap(derive(stretched, "file password"), wrapped, aad)


def key_by_recovery(data: bytes, key: bytes) -> bytes:
    at = FRONT + SALTED + WRAPPED
    beside = data[at : at + RECOVERY]
    vault, slot = beside[:16], beside[16:]
    if data[9:10] != b"\x02" or slot[:2] != b"\x01\x02":
        raise WillNotOpenError
    dek = unwrap(derive(key, "recovery"), slot[2:], bind(b"\x01", b"slot", vault, slot[:2], b""))
    aad = bind(b"\x01", b"file", data[:FRONT], b"recovery", beside)
    return unwrap(derive(dek, "export"), data[at + RECOVERY : at + RECOVERY + WRAPPED], aad)


def unlock(data: bytes, typed: str) -> bytes:
    """Return the JSON in a locked file. Raises `WillNotOpenError`."""
    size = {b"\x01": FRONT + SALTED + WRAPPED, b"\x02": FRONT + SALTED + 2 * WRAPPED + RECOVERY}.get(data[9:10], 0)
    if not data.startswith(MAGIC) or not size or len(data) < size + 16:
        raise WillNotOpenError
    try:
        key = recovery_key(typed)
        file_key = key_by_recovery(data, key) if key and data[9:10] == b"\x02" else key_by_password(data, typed)
        aead, plain = AESGCM(derive(file_key, "file")), []
        for number, start in enumerate(range(size, len(data), CHUNK)):
            nonce = number.to_bytes(11, "big") + bytes([start + CHUNK >= len(data)])
            plain.append(aead.decrypt(nonce, data[start : start + CHUNK], data[:size]))
    except (InvalidTag, ValueError):
        raise WillNotOpenError from None
    return b"".join(plain).rstrip(b" ")


def readable(entry: dict[str, Any]) -> str:
    """Return every version of an entry, and its draft, as plain text."""
    parts = []
    for found in [*entry["versions"], *filter(None, [entry.get("draft")])]:
        head = found.get("head")
        if head is None:
            parts.append("(This version could not be opened.)")
            continue
        what = "Draft, not saved" if found is entry.get("draft") else f"Version {found['number']}"
        said = [f"{what}, {head.get('written', 'without a date')}", head.get("title"), head.get("asked")]
        said += [*head.get("signs", {}).values(), head.get("happened"), head.get("place")]
        parts.append("\n".join(filter(None, said)) + "\n\n" + found["text"])
    return "\n\n--------\n\n".join(parts) + "\n"


def write_folder(content: dict[str, Any], folder: Path) -> None:
    folder.mkdir(mode=0o700)
    for number, entry in enumerate(content["entries"], 1):
        (folder / f"{number:05}.txt").write_bytes(readable(entry).encode())
    (folder / "notes.json").write_text(json.dumps(content, ensure_ascii=False, indent=1), "utf-8", newline="\n")


def main(arguments: list[str]) -> int:
    if len(arguments) not in {1, 2}:
        sys.stderr.write(str(__doc__))
        return 2
    ask = "Password or recovery key: "
    typed = getpass.getpass(ask) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
    try:
        plain = unlock(Path(arguments[0]).read_bytes(), typed)
        if len(arguments) == 2:
            write_folder(json.loads(plain), Path(arguments[1]))
        else:
            sys.stdout.buffer.write(plain + b"\n")
    except WillNotOpenError:
        sys.stderr.write("That did not open it: another password or key, or a file that was damaged or cut.\n")
        return 1
    except OSError as problem:
        sys.stderr.write(f"{problem.strerror}: {problem.filename}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
