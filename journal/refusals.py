"""Answers to what goes wrong on the way: too many tries, too much at once, an outdated vault, a failed write."""

import logging
from collections.abc import Callable
from typing import Any

from django.contrib.auth import logout
from django.core.exceptions import PermissionDenied
from django.core.signals import got_request_exception
from django.db import Error, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.defaults import server_error

from . import kept
from .decorators import door
from .entries import StaleVaultError
from .throttle import BusyError, TooManyTriesError

logger = logging.getLogger("django.request")


def _words(request: HttpRequest) -> dict[str, Any]:
    """Words for a page of refusal. Those that wait behind a door stay hidden: somebody else may be standing there."""
    return {"kept": kept.found(request), "behind_a_door": kept.sent(request) is None}


class RefusalMiddleware:
    """Turns what any form may meet on its way into pages. Words that were typed stay in the page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 405:
            page = render(request, "405.html", status=405)
            page["Allow"] = response["Allow"]
            return page
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, TooManyTriesError):
            context = {"minutes": exception.minutes, **_words(request)}
            response = render(request, "429.html", context, status=429)
            response["Retry-After"] = str(exception.minutes * 60)
            return response
        if isinstance(exception, BusyError):
            response = render(request, "503.html", _words(request), status=503)
            response["Retry-After"] = "5"
            return response
        if isinstance(exception, StaleVaultError):
            logout(request)
            return door(request)
        return self._give_back(request, exception)

    def _give_back(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer a save that failed with its words. What failed is logged as ever."""
        words = kept.found(request)
        is_away = isinstance(exception, OperationalError | InterfaceError)
        if isinstance(exception, PermissionDenied) or (words is None and not is_away):
            return None
        if words and isinstance(exception, Http404):
            return kept.resume(request, words.as_new_page(), status=404)
        got_request_exception.send(sender=type(self), request=request)
        logger.error("Internal Server Error: %s", request.path, exc_info=exception)
        if words:
            return kept.resume(request, words, status=503 if isinstance(exception, Error) else 500)
        return _away(request)


def _away(request: HttpRequest) -> HttpResponse:
    """Answer while the database is away, with the page for what broke: it asks for nobody's name."""
    response = server_error(request)
    response.status_code, response["Retry-After"] = 503, "5"
    return response
