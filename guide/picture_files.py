"""The pictures of a guide as files: ``images/name.webp``, the bytes as they are served, and ``images/name.toml``.

The second has what the picture shows in words (``alt``), and whose it is (``credit``). The same bytes under the same
name have the same address on every site, so texts that show a picture go on showing it.
"""

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path

from django.core.exceptions import ValidationError

from . import images
from .bundle import MAX_BYTES, SLUG
from .images import Image

FOLDER = "images"


def is_in_place(folder: Path, file: Path) -> bool:
    return file.parent == folder / FOLDER and file.suffix in {".webp", ".toml"} and bool(SLUG.fullmatch(file.stem))


def texts() -> dict[str, str]:
    """Return what is said of every picture that has an address, by path."""
    shown = Image.objects.shown().defer("data").order_by("slug")
    return {f"{FOLDER}/{image.slug}.toml": _write(image) for image in shown}


def pictures() -> Iterator[tuple[str, bytes]]:
    """Yield the path and the bytes of every picture that has an address, one at a time."""
    for image in Image.objects.shown().order_by("slug").iterator(chunk_size=1):
        yield f"{FOLDER}/{image.slug}.webp", bytes(image.data)


def bring_in(folder: Path) -> list[str]:
    """Add the pictures that the database lacks, and take over what is said of all; return what is wrong."""
    found = sorted({file.stem for file in (folder / FOLDER).glob("*") if is_in_place(folder, file)})
    return [f"{folder / FOLDER / name}.webp:1: {problem}" for name in found for problem in _bring_in(folder, name)]


def _bring_in(folder: Path, name: str) -> Iterator[str]:
    try:
        said = _read(folder / FOLDER / f"{name}.toml")
        picture = images.kept(_bytes(folder / FOLDER / f"{name}.webp", images.MAX_BYTES))
        image = Image.objects.filter(slug=name).first() or Image(slug=name)
        if image.pk and bytes(image.data) != picture.data:
            raise ValidationError("Another picture has this name, and it never changes. Give this one a new name.")
        if image.archived_at:
            raise ValidationError("This picture is in the archive. Bring it back first.")
        image.show(picture)
        image.alt, image.credit = said.get("alt", ""), said.get("credit", "")
        image.full_clean()
    except ValidationError as error:
        yield from error.messages
    else:
        before = texts().get(f"{FOLDER}/{name}.toml")
        if before != _write(image):
            image.save()


def _bytes(file: Path, most: int) -> bytes:
    try:
        if file.is_symlink() or not file.is_file():
            raise ValidationError(f"{file.name} is missing, or no file of its own.")
        if file.stat().st_size > most:
            raise ValidationError(f"{file.name} is over {most // 10**6} MB.")
        return file.read_bytes()
    except OSError as error:
        raise ValidationError(f"{file.name} can’t be read: {error.strerror}.") from None


def _read(file: Path) -> dict[str, str]:
    try:
        said = tomllib.loads(_bytes(file, MAX_BYTES).decode())
    except (ValueError, RecursionError) as error:
        raise ValidationError(f"{file.name} is no TOML: {error}.") from None
    if said.keys() - {"alt", "credit"} or not all(isinstance(value, str) for value in said.values()):
        raise ValidationError(f"{file.name} has something else than alt and credit in quotes.")
    return said


def _write(image: Image) -> str:
    said = {"alt": image.alt, "credit": image.credit}
    # A string of JSON is one of TOML. What TOML wants escaped besides was taken out when it was saved.
    return "".join(f"{name} = {json.dumps(text, ensure_ascii=False)}\n" for name, text in said.items() if text)
