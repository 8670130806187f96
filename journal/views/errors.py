"""Errors that may come with words: they go back to the person who typed them."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from .. import kept


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form that was open for too long, or in another tab while somebody signed in.

    What a page of ours sent comes back with a fresh token and one button. What the browser says another site sent
    does not.
    """
    words = kept.found(request) if request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin" else None
    if words:
        return kept.resume(request, words, status=403)
    return render(request, "403_csrf.html", status=403)
