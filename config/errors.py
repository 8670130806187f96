"""Which app answers what goes wrong before any view is asked."""

from django.http import HttpRequest, HttpResponse

from guide.desk import kept
from journal.views import errors


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form whose token is stale. At the desk, where there may be words, with the words."""
    words = kept.sent(request)
    if words:
        return kept.give_back(request, words, kept.OPEN_FOR_LONG, 403)
    return errors.csrf_failure(request, reason)
