"""Requests that another site makes in somebody's name go no further than this."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

ELSEWHERE = {"cross-site", "same-site"}


class FetchMetadataMiddleware:
    """Refuses what the browser says another site asked for, unless it is somebody following a link.

    See W3C, Fetch Metadata Request Headers. A browser that sends none is let through: CSRF tokens and
    SameSite cookies stand behind this.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        headers = request.headers
        follows_a_link = request.method in {"GET", "HEAD"} and headers.get("Sec-Fetch-Mode") == "navigate"
        if headers.get("Sec-Fetch-Site") in ELSEWHERE and not follows_a_link:
            return render(request, "403.html", status=403)
        return self.get_response(request)
