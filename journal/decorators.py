"""The only ways into private pages."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlencode

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from . import done, kept, session
from .forms import SignInForm, UnlockForm
from .vault import Vault

GRACE_SECONDS = 5  # so that it has locked by then

P = ParamSpec("P")
View = Callable[..., HttpResponse]

on_form = require_http_methods(["GET", "HEAD", "POST"])  # a page with a form, and the form it sends


def unlocked(view: Callable[Concatenate[HttpRequest, Vault, P], HttpResponse]) -> View:
    """Hand the view this person's opened vault; answer everybody else with the door, their words kept."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        opened = session.recall(request) if request.user.is_authenticated else None
        if opened is None:
            return door(request)
        if not kept.belong(request.POST.get("owner", ""), opened.vault):
            return _door_of_another(request)
        request.opened = opened  # type: ignore[attr-defined]  # for the page's warning before it locks
        request.done = done.line(request)  # type: ignore[attr-defined]
        response = view(request, opened.vault, *args, **kwargs)
        if response.status_code in {200, 422} and not response.streaming and not kept.is_writing(request.path):
            leave_when_idle(response, request.path, opened.seconds_left)
        return response

    wrapped.is_private = True  # type: ignore[attr-defined]  # for the test that walks every address
    return wrapped


def signed_in(view: View) -> View:
    """Let only people with a journal in, unlocked or not."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not has_journal(request):
            return door(request)
        return view(request, *args, **kwargs)

    wrapped.is_private = True  # type: ignore[attr-defined]
    return wrapped


def _door_of_another(request: HttpRequest) -> HttpResponse:
    """Answer words of one person that come while another is signed in: nobody is any more, and the words wait."""
    if kept.sent(request) is None:
        return HttpResponse(status=403)  # a script of a page that is still open; its words are in that page
    logout(request)
    response = door(request)
    session.forget(request, response)
    return response


def leave_when_idle(response: HttpResponse, path: str, seconds_left: int) -> None:
    """Have the browser put the lock screen in a page's place when it locks, without scripts too.

    A page with a box in it stays: its words would go.
    """
    there = f"{reverse('unlock')}?{urlencode({'next': path})}"
    response["Refresh"] = f"{seconds_left + GRACE_SECONDS}; url={there}"


def has_journal(request: HttpRequest) -> bool:
    return request.user.is_authenticated and request.user.has_journal


def door(request: HttpRequest) -> HttpResponse:
    """Answer somebody who is not let in: a redirect to the right door, or after a form that door at once."""
    known = has_journal(request)
    if request.method in {"GET", "HEAD"}:
        asked = request.resolver_match.url_name if request.resolver_match else ""
        name = "unlock" if known else "join" if asked == "answer" else "sign-in"
        return redirect(f"{reverse(name)}?{urlencode({'next': request.path})}")
    words = kept.found(request)
    template, form = ("journal/unlock.html", UnlockForm()) if known else ("journal/sign_in.html", SignInForm())
    next_path = words.path if words else reverse("journal")
    return render(request, template, {"form": form, "kept": words, "next": next_path}, status=403)
