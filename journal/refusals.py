"""Answers to what is refused on the way: too many tries, too much at once, a vault that no longer holds."""

from collections.abc import Callable

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from . import kept
from .decorators import door
from .entries import StaleVaultError
from .throttle import BusyError, TooManyTriesError


class RefusalMiddleware:
    """Turns the refusals that any door may meet into pages. Words that were typed stay in the page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, TooManyTriesError):
            context = {"minutes": exception.minutes, "kept": kept.found(request)}
            response = render(request, "429.html", context, status=429)
            response["Retry-After"] = str(exception.minutes * 60)
            return response
        if isinstance(exception, BusyError):
            response = render(request, "503.html", {"kept": kept.found(request)}, status=503)
            response["Retry-After"] = "5"
            return response
        if isinstance(exception, StaleVaultError):
            logout(request)
            return door(request)
        return None
