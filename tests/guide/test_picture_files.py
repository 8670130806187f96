"""Pictures out to files and back in: the same bytes at the same address."""

import tempfile
from io import BytesIO
from pathlib import Path

import PIL.Image
import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guide import exchange
from guide.bundle import BundleError
from guide.models import Image
from tests.guide.test_exchange import refused, run, tree
from tests.guide.test_images import desk, upload  # noqa: F401

pytestmark = pytest.mark.django_db
ALT = "A “lake” \\ in winter"


@pytest.fixture
def folder(desk: Client, tmp_path: Path) -> Path:  # noqa: F811
    upload(desk, alt=ALT, credit="Alice")
    exchange.export_to(tmp_path / "guide")
    return tmp_path / "guide"


def webp(**more: object) -> bytes:
    out = BytesIO()
    PIL.Image.new("RGB", (20, 10), "teal").save(out, "WEBP", **more)
    return out.getvalue()


def test_a_picture_goes_out_and_into_another_site_with_its_address(folder: Path, tmp_path: Path) -> None:
    there = Image.objects.get()
    assert [name for name in tree(folder) if name.startswith("images/")] == ["images/lake.webp", "images/lake.toml"]
    assert tree(folder)["images/lake.webp"] == bytes(there.data)
    Image.objects.all().delete()
    assert run("import", folder)[-1] == "1 added, 0 changed, 0 published."
    here = Image.objects.get()
    assert (here.get_absolute_url(), here.alt, here.credit) == (there.get_absolute_url(), ALT, "Alice")
    assert Client().get(there.get_absolute_url()).content == bytes(there.data)
    exchange.export_to(tmp_path / "again")
    assert tree(tmp_path / "again") == tree(folder)


def test_what_is_said_of_a_picture_is_taken_over_and_the_same_changes_nothing(folder: Path) -> None:
    assert run("import", folder) == ["0 added, 0 changed, 0 published."]
    (folder / "images/lake.toml").write_text('alt = "A lake"\n')
    said = run("import", folder, dry_run=True)
    assert said[-5:] == [
        f"-alt = \"A “lake” {chr(92) * 2} in winter\"", '-credit = "Alice"', '+alt = "A lake"',
        "0 added, 1 changed, 0 published.", "This was a dry run. Nothing was changed.",
    ]  # fmt: skip
    assert Image.objects.get().alt == ALT
    run("import", folder)
    assert (Image.objects.get().alt, Image.objects.get().credit) == ("A lake", "")


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("lake.webp", webp(), "Another picture has this name, and it never changes. Give this one a new name."),
        ("lake.webp", b"RIFF", "This is no WebP picture that can be read here."),
        ("sea.webp", webp(exif=b"Exif\0\0GPS"), "sea.toml is missing, or no file of its own."),
        ("lake.toml", b"alt = 5", "lake.toml has something else than alt and credit in quotes."),
        ("lake.toml", b"alt = ", "lake.toml is no TOML: Invalid value (at end of document)."),
        ("lake.toml", b"", "This field cannot be blank."),
    ],
)
def test_one_wrong_picture_keeps_everything_out(folder: Path, name: str, data: bytes, said: str) -> None:
    (folder / "tips/be-open.md").write_text('+++\ntitle = "Zwiebelkuchen"\n+++\n')
    (folder / "images" / name).write_bytes(data)
    stem = name.partition(".")[0]
    assert refused("import", folder)[1:] == [f"{folder}/images/{stem}.webp:1: {said}"]


def test_a_picture_that_tells_more_than_it_shows_is_refused(folder: Path) -> None:
    (folder / "images/sea.toml").write_text('alt = "A sea"')
    telling = [webp(exif=b"Exif\0\0GPS"), webp(xmp=b"<x/>"), webp(icc_profile=b"x" * 200), webp() + b"GPS here"]
    said = "This picture moves, is too large, or says more than its pixels. Upload it at the desk."
    for data in telling:
        (folder / "images/sea.webp").write_bytes(data)
        assert refused("import", folder)[1:] == [f"{folder}/images/sea.webp:1: {said}"]
    (folder / "images/sea.webp").write_bytes(webp())
    assert run("import", folder) == ["1 added, 0 changed, 0 published."]


def test_a_picture_that_would_fill_the_memory_is_refused_like_any_other(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "images/sea.toml").write_text('alt = "A sea"')
    (folder / "images/sea.webp").write_bytes(webp())
    monkeypatch.setattr(PIL.Image, "MAX_IMAGE_PIXELS", 60)
    said = f"{folder}/images/sea.webp:1: This is no WebP picture that can be read here."
    assert said in refused("import", folder)


def test_an_archived_picture_stays_out_of_an_export_and_is_not_overwritten(folder: Path, tmp_path: Path) -> None:
    Image.objects.get().archive()
    exchange.export_to(tmp_path / "again")
    assert [name for name in tree(tmp_path / "again") if name.startswith("images/")] == []
    assert "This picture is in the archive. Bring it back first." in refused("import", folder)[1]


@given(data=st.binary(max_size=300), said=st.binary(max_size=100))
@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
def test_no_bytes_do_anything_but_come_in_or_be_refused(data: bytes, said: bytes) -> None:
    with tempfile.TemporaryDirectory() as name:
        images = Path(name, "images")
        images.mkdir()
        (images / "lake.webp").write_bytes(data)
        (images / "lake.toml").write_bytes(said)
        with pytest.raises(BundleError):
            exchange.import_from(Path(name))
