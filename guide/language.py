"""The languages of the site. The address alone says which one: English has none in it, others begin with /es/.

So a page is the same for everybody who asks for its address, and nobody's choice is remembered anywhere.
"""

import re
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language, get_language_from_path, override

ORIGINAL: str = settings.LANGUAGE_CODE  # the one that every text is written in first
CODES = [code for code, _ in settings.LANGUAGES]

_INNER = re.compile(r'href="(/(?!images/|leave/)[^"]*)"')


class LanguageMiddleware:
    """Answers in the language of the address.

    Django's own would look at a cookie and at Accept-Language too, and say so in `Vary`.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with override(of(request.path_info)):
            return self.get_response(request)


def of(path: str) -> str:
    """Return the language that an address is in."""
    return get_language_from_path(path) or ORIGINAL


def current() -> str:
    """Return the language that is spoken now."""
    return get_language() or ORIGINAL


def localized(html: str, language: str) -> str:
    """Let links inside the site, as texts have them, lead to the pages in a language."""
    return _INNER.sub(lambda found: f'href="{address(found[1], language)}"', html)


def address(path: str, language: str) -> str:
    """Return the address of the same page in another language."""
    first = path.split("/")[1]
    bare = path.removeprefix(f"/{first}") if first in CODES else path
    return bare if language == ORIGINAL else f"/{language}{bare}"
