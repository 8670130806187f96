"""Pictures: whatever is uploaded, what is kept is pixels; whatever is kept, its address never shows anything else."""

import re
import struct
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as Pillow
from PIL import ImageCms, PngImagePlugin
from pytest_django import DjangoAssertNumQueries

from guide import edition, images
from guide.images import Image, Picture
from guide.models import Publication, Section, Tip
from journal.models import User

RED, BLUE = (200, 30, 30), (30, 30, 200)
HERE = "Zwiebelkuchen"  # what a file says beside its pixels


def drawn(width: int = 40, height: int = 20, mode: str = "RGB") -> Pillow.Image:
    """A picture with a red left half and a blue right one."""
    image = Pillow.new("RGB", (width, height), RED)
    image.paste(BLUE, (width // 2, 0, width, height))
    return image.convert(mode)


def stored(image: Pillow.Image, kind: str = "PNG", **options: Any) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def camera(orientation: int = 1) -> bytes:
    """A JPEG as a phone makes it: with place, maker and a preview of its own."""
    exif = Pillow.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = HERE
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 12.0)
    xmp = f"<x:xmpmeta>{HERE}</x:xmpmeta>".encode()
    return stored(drawn(), "JPEG", exif=exif, comment=HERE.encode(), xmp=xmp, quality=95)


def opened(picture: Picture) -> Pillow.Image:
    return Pillow.open(BytesIO(picture.data)).convert("RGB")


def chunks(webp: bytes) -> Iterator[bytes]:
    """The names of the parts that a WebP file is made of."""
    assert (webp[:4], webp[8:12]) == (b"RIFF", b"WEBP")
    place = 12
    while place < len(webp):
        yield webp[place : place + 4]
        place += 8 + (int.from_bytes(webp[place + 4 : place + 8], "little") + 1) // 2 * 2


def is_near(found: Any, color: tuple[int, int, int]) -> bool:
    return all(abs(a - b) < 25 for a, b in zip(found, color, strict=True))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_every_kind_that_is_taken_becomes_a_webp_of_the_same_look(kind: str) -> None:
    picture = images.read(stored(drawn(), kind))
    assert (picture.width, picture.height) == (40, 20)
    assert list(chunks(picture.data)) == [b"VP8 "]
    assert is_near(opened(picture).getpixel((5, 10)), RED)
    assert is_near(opened(picture).getpixel((35, 10)), BLUE)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P", "1", "I;16"])
def test_every_kind_of_pixel_is_read(mode: str) -> None:
    image = drawn().convert("L").point(lambda v: v * 200, "I").convert("I;16") if mode == "I;16" else drawn(mode=mode)
    assert images.read(stored(image)).width == 40


def test_gray_of_sixteen_bits_keeps_its_shades() -> None:
    image = Pillow.new("I;16", (4, 4), 128 * 256)
    assert is_near(opened(images.read(stored(image))).getpixel((1, 1)), (128, 128, 128))


def test_ink_of_a_printer_becomes_light() -> None:
    assert is_near(opened(images.read(stored(drawn(mode="CMYK"), "JPEG"))).getpixel((5, 10)), RED)


def test_what_can_be_seen_through_stays_so() -> None:
    picture = images.read(stored(Pillow.new("RGBA", (9, 9), (0, 0, 0, 0))))
    assert Pillow.open(BytesIO(picture.data)).convert("RGBA").getpixel((4, 4))[3] == 0


def test_nothing_that_a_file_says_beside_its_pixels_is_kept() -> None:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Author", HERE)
    notes.add_itxt("XML:com.adobe.xmp", HERE)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    exif = Pillow.Exif()
    exif[0x010F] = HERE
    for upload in (
        camera(),
        stored(drawn(), pnginfo=notes, exif=exif, icc_profile=profile),
        stored(drawn(), "WEBP", exif=exif, icc_profile=profile, xmp=HERE.encode()),
        stored(drawn(), "GIF", comment=HERE.encode()),
    ):
        assert HERE.encode() in upload
        kept = images.read(upload).data
        assert list(chunks(kept)) == [b"VP8 "]
        for trace in (HERE.encode(), b"EXIF", b"Exif", b"GPS", b"ICCP", b"XMP"):
            assert trace not in kept


@pytest.mark.parametrize(
    ("orientation", "red", "blue"),
    [(1, (5, 10), (35, 10)), (3, (35, 10), (5, 10)), (6, (10, 5), (10, 35)), (8, (10, 35), (10, 5))],
)
def test_a_picture_stands_as_its_camera_was_held(orientation: int, red: tuple[int, int], blue: tuple[int, int]) -> None:
    picture = images.read(camera(orientation))
    assert (picture.width, picture.height) == ((40, 20) if orientation in {1, 3} else (20, 40))
    assert is_near(opened(picture).getpixel(red), RED)
    assert is_near(opened(picture).getpixel(blue), BLUE)


def test_colors_of_another_profile_become_those_of_the_web() -> None:
    # In this profile red and blue have changed places; without it the picture would be shown in the wrong colors.
    given = ImageCms.createProfile("sRGB")
    profile = bytearray(ImageCms.ImageCmsProfile(given).tobytes())
    tags = {bytes(profile[p : p + 4]): p for p in range(132, 132 + 12 * int.from_bytes(profile[128:132]), 12)}
    r, b = tags[b"rXYZ"], tags[b"bXYZ"]
    profile[r + 4 : r + 12], profile[b + 4 : b + 12] = profile[b + 4 : b + 12], profile[r + 4 : r + 12]
    picture = images.read(stored(drawn(), icc_profile=bytes(profile)))
    assert is_near(opened(picture).getpixel((35, 10)), (BLUE[2], BLUE[1], BLUE[0]))
    assert is_near(opened(images.read(stored(drawn(), icc_profile=b"no profile"))).getpixel((5, 10)), RED)


@pytest.mark.parametrize(("size", "kept"), [((3200, 1600), (1600, 800)), ((900, 3200), (450, 1600)), ((9, 9), (9, 9))])
def test_large_pictures_are_made_smaller_and_small_ones_are_left(size: tuple[int, int], kept: tuple[int, int]) -> None:
    for kind in ("JPEG", "PNG"):
        picture = images.read(stored(drawn(*size), kind))
        assert (picture.width, picture.height) == kept


def test_of_a_moving_picture_the_first_frame_is_kept() -> None:
    moving = stored(drawn(), "GIF", save_all=True, append_images=[Pillow.new("RGB", (40, 20), BLUE)])
    assert is_near(opened(images.read(moving)).getpixel((5, 10)), RED)


def bomb(width: int, height: int) -> bytes:
    """A PNG that says it is large, in few bytes."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [6001, 9500, 14_000, 60_000])
def test_a_picture_of_too_many_pixels_is_refused_before_it_is_read(side: int) -> None:
    with pytest.raises(ValidationError, match="more than 36 million pixels"):
        images.read(bomb(side, side))


def test_a_file_that_is_too_large_is_refused() -> None:
    with pytest.raises(ValidationError, match="over 8 MB"):
        images.read(bytes(8 * 1024 * 1024 + 1))


@pytest.mark.parametrize(
    "upload",
    [
        b"",
        b"GIF89a",
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"<!DOCTYPE html><script>alert(1)</script>",
        b"%PDF-1.7\n%%EOF",
        stored(drawn(), "TIFF"),
        stored(drawn(), "BMP"),
        stored(drawn(), "JPEG")[:200],
        stored(drawn())[:-30],
    ],
)
def test_anything_else_is_refused_with_the_kinds_that_are_taken(upload: bytes) -> None:
    with pytest.raises(ValidationError, match="JPEG, PNG, WebP or GIF"):
        images.read(upload)


@settings(deadline=None, max_examples=150)
@given(
    st.sampled_from(["JPEG", "PNG", "WEBP", "GIF"]),
    st.lists(st.tuples(st.integers(0, 400), st.integers(1, 255)), max_size=6),
    st.integers(0, 2000),
)
def test_a_damaged_file_is_read_or_refused_and_never_breaks(kind: str, flips: list[Any], length: int) -> None:
    upload = bytearray(camera() if kind == "JPEG" else stored(drawn(), kind))
    for place, mask in flips:
        upload[place % len(upload)] ^= mask
    try:
        picture = images.read(bytes(upload[:length] if flips and flips[0][1] % 2 else upload))
    except ValidationError:
        return
    assert set(chunks(picture.data)) <= {b"VP8 ", b"VP8X", b"ALPH"}


# At the desk, and as readers meet them


@pytest.fixture
def desk(db: None, monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setattr(edition, "CHECK_SECONDS", 0.0)  # a new picture is seen at once
    user = User.objects.create(username="editors", is_staff=True)
    user.groups.add(Group.objects.get(name="Editors"))
    client = Client()
    client.force_login(user)
    return client


ADD = "/manage/guide/image/add/"


def upload(client: Client, data: bytes | None = None, **fields: str) -> Any:
    file = SimpleUploadedFile("lake.jpg", camera() if data is None else data)
    return client.post(ADD, {"picture": file, "slug": "lake", "alt": "A lake", "credit": "", **fields})


def test_an_uploaded_picture_is_served_to_everybody_for_good(
    desk: Client, django_assert_num_queries: DjangoAssertNumQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = Publication.objects.count()
    assert upload(desk).status_code == 302
    assert Publication.objects.count() == number + 1
    image = Image.objects.get()
    address = image.get_absolute_url()
    assert address == f"/images/lake-40x20-{image.digest[:12]}.webp"
    edition.current()
    monkeypatch.setattr(edition, "CHECK_SECONDS", 60.0)
    with django_assert_num_queries(0):
        response = Client().get(address)
    assert response.content == bytes(image.data)
    assert {name: response[name] for name in ("Content-Type", "Cache-Control", "X-Content-Type-Options")} == {
        "Content-Type": "image/webp",
        "Cache-Control": "public, max-age=31536000, immutable",
        "X-Content-Type-Options": "nosniff",
    }
    assert (response.cookies, response.has_header("Vary")) == ({}, False)
    assert Client().get(address, headers={"If-None-Match": response["ETag"]}).status_code == 304
    assert Client().get(address.replace("lake", "river")).status_code == 404


@pytest.mark.parametrize(
    ("fields", "data", "sentence"),
    [
        ({"alt": ""}, None, "This field is required."),
        ({}, b"<svg/>", "This is no picture that can be read here. Choose a JPEG, PNG, WebP or GIF."),
        ({}, bytes(8 * 1024 * 1024 + 1), "This picture is over 8 MB. Make it smaller and choose it again."),
        ({"slug": "a/b"}, None, "Enter a valid “slug” consisting of letters, numbers, underscores or hyphens."),
    ],
)
def test_what_is_wrong_with_an_upload_is_said_beside_it(
    desk: Client, fields: dict[str, str], data: bytes | None, sentence: str
) -> None:
    response = upload(desk, data, **fields)
    errors = response.context["adminform"].form.errors
    assert [line for lines in errors.values() for line in lines] == [sentence]
    assert Image.objects.count() == 0


def test_a_request_that_is_far_too_large_is_not_read(desk: Client) -> None:
    response = upload(desk, bytes(22 * 1024 * 1024))
    assert (response.status_code, Image.objects.count()) == (413, 0)


def test_nobody_else_uploads_a_picture_or_sees_one_at_the_desk(desk: Client) -> None:
    upload(desk)
    pk = Image.objects.get().pk
    user = User.objects.create(username="guest", is_staff=True)
    guest = Client()
    guest.force_login(user)
    addresses = [f"/manage/guide/image/{pk}/{page}/" for page in ("change", "delete", "picture")]
    assert [guest.get(address).status_code for address in (ADD, *addresses)] == [403, 403, 403, 404]
    assert [Client().get(address).status_code for address in (ADD, *addresses)] == [302, 302, 302, 302]
    assert upload(guest, slug="other").status_code == 403
    assert Image.objects.count() == 1


def test_only_the_words_of_a_picture_can_change(desk: Client) -> None:
    upload(desk)
    image = Image.objects.get()
    url = f"/manage/guide/image/{image.pk}/change/"
    fields = {"alt": "Still\u00a0 a lake", "credit": "Ana\u200b", "slug": "x", "width": 1, "digest": "0"}
    other = SimpleUploadedFile("x.png", stored(drawn(8, 8)))
    assert desk.post(url, {**fields, "picture": other}).status_code == 302
    after = Image.objects.get()
    assert (after.alt, after.credit) == ("Still a lake", "Ana")
    assert [getattr(after, name) == getattr(image, name) for name in ("slug", "data", "digest", "width")] == [True] * 4
    assert desk.get(f"/manage/guide/image/{image.pk}/picture/").content == bytes(image.data)


def test_a_form_of_a_picture_offers_nothing_that_only_records_have(desk: Client) -> None:
    upload(desk)
    for url in (ADD, f"/manage/guide/image/{Image.objects.get().pk}/change/"):
        html = desk.get(url).content.decode()
        assert [html.count(words) for words in ("Save and continue", "Preview", "Link for a reviewer")] == [1, 0, 0]


def test_the_line_to_copy_shows_the_picture_with_its_words(desk: Client) -> None:
    upload(desk, alt="A [lake] *here*", credit="Ana_B")
    image = Image.objects.get()
    tip = Tip.objects.originals().get(slug="be-open")
    tip.body = image.markdown
    tip.save()
    address = image.get_absolute_url()
    size = 'width="40" height="20" loading="lazy" decoding="async"'
    picture = f'<p><img src="{address}" alt="A [lake] *here*" {size}></p>'
    assert tip.body_html == f"{picture}\n<p><em>Picture: Ana_B</em></p>"
    page = desk.get(f"/manage/guide/image/{image.pk}/change/").content.decode()
    assert re.findall(r'<pre class="copy">(!\[A \[?.*?)\n', page) == [image.markdown.splitlines()[0]]


def test_a_picture_that_a_text_shows_is_not_archived_and_it_is_said_where(desk: Client) -> None:
    upload(desk)
    image = Image.objects.get()
    shown, saved = Tip.objects.originals().get(slug="be-open"), Section.objects.originals().get(slug="red-flags")
    for record in (shown, saved):
        record.body = f"{image.markdown}\n\n{record.body}"
        record.save()
    shown.publish()
    shown.body = "Without it, in a draft."
    shown.save()
    url = f"/manage/guide/image/{image.pk}/delete/"
    assert re.findall(r"<li>((?:tip|section): .*?)</li>", desk.get(url).content.decode()) == [
        f"section: {saved}", f"tip: {shown}",
    ]  # fmt: skip
    assert desk.post(url, {"post": "yes"}).status_code == 200
    with pytest.raises(ValidationError, match=f"“{saved}” \\(section\\), “{shown}” \\(tip\\)"):
        image.archive()
    assert Image.objects.get().archived_at is None


def test_an_archived_picture_has_no_address_until_it_is_brought_back(desk: Client) -> None:
    upload(desk)
    image = Image.objects.get()
    address, listed = image.get_absolute_url(), "/manage/guide/image/"
    assert Client().get(address).status_code == 200
    assert desk.post(f"{listed}{image.pk}/delete/", {"post": "yes"}).status_code == 302
    assert Client().get(address).status_code == 404
    assert [desk.get(listed + query).context["cl"].result_count for query in ("", "?state=archived")] == [0, 1]
    assert desk.get(f"{listed}{image.pk}/picture/").content == bytes(image.data)
    gone = {"action": "delete_selected", "_selected_action": [image.pk], "post": "yes"}
    desk.post(f"{listed}?state=archived", gone)
    assert Image.objects.count() == 1
    desk.post(f"{listed}?state=archived", {"action": "bring_back", "_selected_action": [image.pk]})
    assert Client().get(address).content == bytes(image.data)


def test_the_list_of_pictures_costs_few_queries(
    desk: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for name in ("one", "two", "three"):
        upload(desk, slug=name)
    desk.get("/manage/")  # remembers, once a minute, that somebody is there
    with django_assert_max_num_queries(7):
        assert desk.get("/manage/guide/image/").content.count(b'class="thumbnail"') == 3
