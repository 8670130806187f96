"""Errors that may come with words: they go back to the person who typed them, where they can be read."""

import logging

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.exceptions import SessionInterrupted
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.shortcuts import render
from django.utils.formats import number_format
from django.views import defaults

from .. import entries, kept
from ..decorators import door
from ..entries import StaleVaultError

logger = logging.getLogger("django.request")

# Read while all is well. It needs no template, no catalog, no manifest of files and no database.
_PLAIN = (settings.BASE_DIR / "static" / "broken.html").read_bytes()


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what can't be read. What is too large has a page that says so, with the limits."""
    if isinstance(exception, SessionInterrupted):
        request.user = AnonymousUser()  # signed out elsewhere while this was on its way
        return door(request)
    if not isinstance(exception, RequestDataTooBig):
        return render(request, "400.html", status=400)
    # A file may be larger than what is typed, and what is over both limits was not even looked at.
    most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0
    if int(request.META.get("CONTENT_LENGTH") or 0) > settings.FILE_UPLOAD_MAX_MEMORY_SIZE:
        most = settings.FILE_UPLOAD_MAX_MEMORY_SIZE if request.content_type == "multipart/form-data" else most
    megabytes = most // 2**20
    return render(
        request,
        "413.html",
        {"megabytes": megabytes, "limit": number_format(entries.LIMIT, force_grouping=True)},
        status=413,
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form that was open for too long, or in another tab while somebody signed in.

    It comes back with a fresh token and what was typed. A form that another site sent never gets this far: see `gate`.
    """
    words = kept.sent(request)
    if words:
        return kept.resume(request, words, status=403)
    return _page_again(request) or render(request, "403_csrf.html", status=403)


def _page_again(request: HttpRequest) -> HttpResponse | None:
    """Return the page of a form with what was typed in it; None where there is no such page.

    Its view is asked as for a page that is only read, so it does nothing, but finds what was sent. Passwords are
    never sent back in a page, and a browser chooses no file again.
    """
    match = request.resolver_match
    if match is None or not match.func.__module__.startswith(__package__):
        return None
    request.method, request.is_stale = "GET", True  # type: ignore[attr-defined]  # for the line in the page
    try:
        response: HttpResponse = match.func(request, *match.args, **match.kwargs)
    except StaleVaultError:
        request.method = "POST"
        return door(request)
    request.method = "POST"
    if response.status_code == 405:
        return None
    if response.status_code in {200, 422}:
        response.status_code = 403
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer what broke with the page for that; with a plain file if making that page breaks too."""
    try:
        return defaults.server_error(request)
    except Exception:
        logger.exception("The page for errors could not be made.")
        return HttpResponseServerError(_PLAIN)
