"""A quiet line on the next page that something was done. The address carries one of a few fixed words, never a text."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponseRedirect
from django.utils.translation import gettext_lazy

_LINES = {
    "saved": gettext_lazy("Saved."),
    "deleted": gettext_lazy("Deleted."),
    "thrown-away": gettext_lazy("Thrown away."),
    "added": gettext_lazy("Added to your journal."),
    "minutes": gettext_lazy("This time holds from now on."),
    "others": gettext_lazy("Everywhere else is signed out."),
    "code-off": gettext_lazy("The second step is off."),
}


def go_on(address: str, what: str) -> HttpResponseRedirect:
    """Redirect to a page that says what was done."""
    if what not in _LINES:
        raise KeyError(what)
    return HttpResponseRedirect(f"{address}?{urlencode({'done': what})}")


def line(request: HttpRequest) -> str:
    """Return what a page has to say was done; nothing, if nothing was or if the word is not one of ours."""
    return str(_LINES.get(request.GET.get("done", ""), ""))
