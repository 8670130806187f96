"""A record on its public page before readers see it there: at the desk, and for a reviewer who has a link."""

from typing import Any

from django.core import signing
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import override

from .models import KINDS, Page
from .pages import Guide, pages, read_with
from .publishing import Editable

LINK_SECONDS = 60 * 60
_SALT = "guide.preview"
_CHECK_PIECES = {"check-none", "check-some", "check-danger"}  # pieces that stand on the safety check, not on home


def render(record: Editable, **context: Any) -> str | None:
    """Return the page on which a record would stand if it were live as it is. None if it would stand nowhere."""
    with override(record.language):
        path = _path(record)
        for page in pages(Guide.of(read_with(record), record.language)):
            if page.path == path:
                return render_to_string(page.template, {**page.context, "path": page.path, **context})
    return None


def _path(record: Editable) -> str:
    if isinstance(record, Page) and record.slug in _CHECK_PIECES:
        return reverse("page", args=["check"])
    return str(record.get_absolute_url())  # type: ignore[attr-defined]  # every kind has one


def seal(record: Editable) -> str:
    """Return a token that shows what was saved last of a record, for `LINK_SECONDS`, to whoever has it."""
    named = [record._meta.model_name, record.pk, record.history.latest().history_id]
    return signing.dumps(named, salt=_SALT)


def unseal(token: str) -> Editable:
    """Return the version that a token shows. Raises `signing.BadSignature` if it is forged or too old."""
    kind, pk, version = signing.loads(token, salt=_SALT, max_age=LINK_SECONDS)
    model = next(model for model in KINDS.values() if model._meta.model_name == kind)
    record: Editable = model._rows().get(pk=pk).version(version)
    return record
