"""Pictures of the guide: read, made small, written anew, and kept in the database, where every machine finds them.

Nothing of an upload is kept but its pixels. Where it was taken, with what and by whom goes with the rest of the file.
"""

import hashlib
import re
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Self

import PIL.Image
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils import timezone
from PIL import ImageCms, ImageOps

from . import rendering
from .publishing import Editable, Publication

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
CONTENT_TYPE = "image/webp"
MAX_BYTES = 8 * 1024 * 1024  # of an upload
MAX_PIXELS = 36_000_000  # of an upload: up to 144 MB while it is read
MAX_SIDE = 1600  # of what is kept, in pixels
QUALITY = 82
_PIXELS = {b"VP8 ", b"VP8L", b"VP8X", b"ALPH"}  # what a WebP file of pixels alone is made of

# Pillow's own limit is far above ours, and below twice that limit it only warns.
warnings.filterwarnings("error", category=PIL.Image.DecompressionBombWarning)


@dataclass(frozen=True)
class Picture:
    """A picture as it is kept and served: WebP with nothing in it but pixels."""

    data: bytes
    width: int
    height: int


def read(upload: bytes) -> Picture:
    """Return an uploaded JPEG, PNG, WebP or GIF (of which the first frame) as it is kept.

    It is turned the way its camera held it, in sRGB, and at most `MAX_SIDE` wide and high. Raises `ValidationError`
    if it is over `MAX_BYTES` or `MAX_PIXELS`, or no picture of these kinds. Its size is known before it is decoded.
    """
    if len(upload) > MAX_BYTES:
        raise ValidationError(f"This picture is over {MAX_BYTES // 2**20} MB. Make it smaller and choose it again.")
    try:
        with PIL.Image.open(BytesIO(upload), formats=FORMATS) as image:
            if image.width * image.height <= MAX_PIXELS:
                return _write(_pixels(image))
    except (PIL.Image.DecompressionBombWarning, PIL.Image.DecompressionBombError):
        pass
    except Exception:  # a decoder meets a stranger's bytes: whatever it raises, they are no picture
        raise ValidationError("This is no picture that can be read here. Choose a JPEG, PNG, WebP or GIF.") from None
    raise ValidationError(
        f"This picture has more than {MAX_PIXELS // 10**6} million pixels. Make it smaller and choose it again."
    )


def kept(data: bytes) -> Picture:
    """Return a picture as it is, if it could have come from `read`. Raises `ValidationError` if it could not.

    That is a WebP picture with nothing beside its pixels, small enough, and of one frame.
    """
    try:
        with PIL.Image.open(BytesIO(data), formats=["WEBP"]) as image:
            if max(image.size) <= MAX_SIDE and getattr(image, "n_frames", 1) == 1 and not _chunks(data) - _PIXELS:
                image.load()
                return Picture(data, *image.size)
    except Exception:  # a decoder meets a stranger's bytes: whatever it raises, they are no picture
        raise ValidationError("This is no WebP picture that can be read here.") from None
    raise ValidationError("This picture moves, is too large, or says more than its pixels. Upload it at the desk.")


def _chunks(data: bytes) -> set[bytes]:
    """Return the kinds of chunks in a WebP file. See RFC 9649: a name, a length, and that many bytes, made even."""
    kinds, place = set(), 12
    while place < len(data):
        kinds.add(data[place : place + 4])
        place += 8 + int.from_bytes(data[place + 4 : place + 8], "little")
        place += place % 2
    return kinds


def _pixels(image: PIL.Image.Image) -> PIL.Image.Image:
    """Return the pixels of an opened picture, upright, in sRGB and small enough."""
    image.draft(None, (MAX_SIDE, MAX_SIDE))  # a JPEG is not decoded larger than needed
    upright = ImageOps.exif_transpose(image)
    upright = _in_srgb(upright, image.info.get("icc_profile"))
    upright.thumbnail((MAX_SIDE, MAX_SIDE), PIL.Image.Resampling.LANCZOS)
    return upright


def _in_srgb(image: PIL.Image.Image, profile: bytes | None) -> PIL.Image.Image:
    if image.mode.startswith("I"):  # 16 bits of gray
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    mode = "RGBA" if image.has_transparency_data else "RGB"
    if image.mode != "CMYK":
        image = image.convert(mode)
    if profile:
        try:
            given = ImageCms.ImageCmsProfile(BytesIO(profile))
            changed = ImageCms.profileToProfile(image, given, ImageCms.createProfile("sRGB"), outputMode=mode)
        except (ImageCms.PyCMSError, OSError, TypeError, ValueError):
            pass  # a profile that does not fit its picture says nothing of its colors
        else:
            return changed or image
    return image.convert(mode)


def _write(image: PIL.Image.Image) -> Picture:
    # A new picture from the pixels alone: what the file said beside them can't come along.
    bare = PIL.Image.frombytes(image.mode, image.size, image.tobytes())
    out = BytesIO()
    bare.save(out, "WEBP", quality=QUALITY, method=6)
    return Picture(out.getvalue(), *bare.size)


class ImageQuerySet(models.QuerySet["Image"]):
    def shown(self) -> Self:
        """Those that have an address."""
        return self.filter(archived_at=None)

    def bring_back(self) -> None:
        self.update(archived_at=None)
        Publication.objects.create()


class Image(models.Model):
    """A picture that texts can show. What stands at its address never changes, so it may be cached for good."""

    slug = models.SlugField(
        "short name", unique=True, max_length=60, help_text="Stands in the address. It can’t be changed later."
    )
    alt = models.CharField(
        "what it shows",
        max_length=300,
        help_text="In words, for people who don’t see it. It is copied into the text, where it can be changed.",
    )
    credit = models.CharField(max_length=200, blank=True, help_text="Whose picture it is, as it stands below it.")
    data = models.BinaryField()
    digest = models.CharField(max_length=64)
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    added_at = models.DateTimeField("added", auto_now_add=True)
    archived_at = models.DateTimeField("archived", null=True, editable=False)

    objects = ImageQuerySet.as_manager()

    class Meta:
        ordering = ("-added_at", "-id")

    def __str__(self) -> str:
        return self.slug

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the picture and give it its address, which every process knows within a second."""
        self.alt, self.credit = (" ".join(rendering.clean_text(text).split()) for text in (self.alt, self.credit))
        super().save(*args, **kwargs)
        Publication.objects.create()

    def get_absolute_url(self) -> str:
        return reverse("image", args=[f"{self.slug}-{self.width}x{self.height}-{self.digest[:12]}"])

    def show(self, picture: Picture) -> None:
        """Take the bytes of a picture that was read."""
        self.data, self.width, self.height = picture.data, picture.width, picture.height
        self.digest = hashlib.sha256(picture.data).hexdigest()

    @property
    def markdown(self) -> str:
        """What to write where the picture is to stand."""
        words, credit = (re.sub(r"([\\\[\]*_`])", r"\\\1", text) for text in (self.alt, self.credit))
        below = f"\n\n*Picture: {credit}*" if credit else ""
        return f"![{words}]({self.get_absolute_url()}){below}"

    def uses(self) -> list[Editable]:
        """Return the records that show the picture: to readers, or once what was saved last is published."""
        found: list[Editable] = []
        address = self.get_absolute_url()
        for model in _kinds():
            versions = model.history.filter(body__contains=address).values("history_id")
            found += model._rows().filter(models.Q(body__contains=address) | models.Q(live__in=versions))
        return found

    def archive(self) -> None:
        """Take the picture's address away; nothing of it is deleted. Raises `ValidationError` if a text shows it."""
        if uses := self.uses():
            names = ", ".join(f"“{record}” ({record._meta.verbose_name})" for record in uses)
            raise ValidationError(f"“{self}” is still shown in {names}. Take it out there first.")
        self.archived_at = timezone.now()
        self.save(update_fields=["archived_at"])


def _kinds() -> Iterable[type[Editable]]:
    return [model for model in apps.get_app_config("guide").get_models() if issubclass(model, Editable)]
