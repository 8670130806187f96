"""What every template may use: icons, the two lines, and facts about the site that never change."""

import hashlib
from base64 import b64encode
from functools import lru_cache
from pathlib import Path
from typing import Any

from django import template
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template import Context
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language_info, gettext_lazy

from .. import language, motif

register = template.Library()

_ICONS = {
    "lock": '<rect x="3.5" y="8.5" width="13" height="8.5" rx="2"/><path d="M6.5 8.5V6a3.5 3.5 0 0 1 7 0v2.5"/>',
    "leave": '<path d="M12 3.5H4.5v13H12M8.5 10H17m-3.2-3.4L17.2 10l-3.4 3.4"/>',
    "back": '<path d="M12.5 4 6.5 10l6 6"/>',
    "person": '<circle cx="10" cy="7" r="3.2"/><path d="M3.5 17c.8-3.6 3.3-5.2 6.5-5.2s5.7 1.6 6.5 5.2"/>',
    "bin": '<path d="M4 5.5h12M8 5.5v-2h4v2M5.5 5.5l.8 11h7.4l.8-11"/>',
    "check": '<path d="M4 10.5 8.2 15 16 5.5"/>',
}


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """Draw an icon. It says nothing by itself: the words beside it do."""
    attribute = format_html(' class="{}"', css) if css else ""
    drawing = mark_safe(_ICONS[name])  # noqa: S308 - from the list above
    return format_html('<svg viewBox="0 0 20 20" aria-hidden="true"{}>{}</svg>', attribute, drawing)


@register.simple_tag
def thread(number: int) -> SafeString:
    """Draw one row of the two lines beside the contents."""
    lines = motif.THREAD.get(number, [motif.READER])
    return format_html(
        '<svg class="run" viewBox="0 0 64 100" preserveAspectRatio="none" aria-hidden="true">{}</svg>',
        _paths(lines),
    )


@register.simple_tag
def lead_in() -> SafeString:
    lines = [("you", "M22 0V80"), motif.LEAD_IN]
    return format_html(
        '<svg class="lead-in" viewBox="0 0 64 80" preserveAspectRatio="none" aria-hidden="true">{}</svg>',
        _paths(lines),
    )


@register.simple_tag
def band(number: int) -> SafeString:
    """Draw the band over a part."""
    lines = [(css, motif.smooth(heights)) for css, heights in motif.BANDS.get(number, motif.BANDS[1][:1])]
    knots = motif.knots() if number == motif.KNOTTED_BAND else []
    circles = format_html_join("", '<circle cx="{}" cy="{}" r="8"/>', knots)
    return format_html(
        '<svg viewBox="0 0 {} {}" aria-hidden="true">{}{}</svg>',
        motif.BAND_WIDTH, motif.BAND_HEIGHT, _paths(lines), circles,
    )  # fmt: skip


def _paths(lines: Any) -> SafeString:
    return format_html_join("", '<path class="{}" d="{}"/>', lines)


@register.simple_tag
def script(name: str, *, defer: bool = True) -> SafeString:
    """Load a script of ours. It runs only if it is, to the byte, the one that was released (subresource integrity)."""
    file = _file(name)
    digest = _digest(file, file.stat().st_mtime_ns)
    later = mark_safe(" defer") if defer else ""
    return format_html('<script src="{}" integrity="sha384-{}"{}></script>', static(name), digest, later)


@lru_cache
def _file(name: str) -> Path:
    return Path(finders.find(name) or name)


@lru_cache
def _digest(file: Path, changed: int) -> str:
    """Return the digest of a file as it is since it was changed last."""
    return b64encode(hashlib.sha384(file.read_bytes()).digest()).decode()


@register.simple_tag
def exit_url() -> str:
    return str(settings.EXIT_URL)


@register.simple_tag
def site_url() -> str:
    return str(settings.SITE_URL)


@register.simple_tag
def language_now() -> str:
    return language.current()


@register.simple_tag(takes_context=True)
def languages(context: Context) -> list[tuple[str, str, str]]:
    """List the other languages of this page: code, own name, address. None where a page answers a form."""
    request = context.get("request")
    path = context.get("path") or (request.path if request and request.method == "GET" else "")
    codes = [code for code in language.CODES if path and code != language.current()]
    return [(code, get_language_info(code)["name_local"].capitalize(), language.address(path, code)) for code in codes]


@register.filter
def get(mapping: Any, key: str) -> Any:
    """Look a key up that has a dash in it."""
    return mapping.get(key)


_NUMERALS = (
    gettext_lazy("zero"), gettext_lazy("one"), gettext_lazy("two"), gettext_lazy("three"), gettext_lazy("four"),
    gettext_lazy("five"), gettext_lazy("six"), gettext_lazy("seven"), gettext_lazy("eight"), gettext_lazy("nine"),
)  # fmt: skip


@register.filter
def spelled(number: int) -> str:
    """Write a small number as a word."""
    return str(_NUMERALS[number]) if number < len(_NUMERALS) else str(number)
