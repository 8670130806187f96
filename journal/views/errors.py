"""Errors that may come with words: they go back to the person who typed them."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from .. import kept
from ..decorators import door


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form that was open for too long, or in another tab while somebody signed in.

    It comes back with a fresh token and one button. A form that another site sent never gets this far: see `gate`.
    """
    words = kept.sent(request)
    if words:
        return kept.resume(request, words, status=403)
    return door(request) if kept.carried(request) else render(request, "403_csrf.html", status=403)
