"""Words of a desk form that could not be saved: carried in the very page that says so, and stored nowhere.

A form that meets an ended session, a stale token or a failing database is answered with a page that holds its fields.
"""

import re
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import Resolver404, resolve, reverse

_FORMS = re.compile(r"guide_\w+_(add|change)|release")
_SET = re.compile(r"|\d+|on|\w+:\d+")  # what a form sets, which nobody typed

SIGN_IN_AGAIN = "You were signed out meanwhile. Sign in, and go on with what you wrote: it is in this page."
OPEN_FOR_LONG = "This form was open for a long time, or you signed in somewhere else meanwhile. Nothing was saved yet."
SIGNED_IN = "You are signed in again. What you wrote is not saved yet."
FAILED = "Something on our side broke. What you wrote is not saved, and it is here."
NOT_ALLOWED = "Your account may not save this. What you wrote is here, to copy."


@dataclass(frozen=True)
class Kept:
    """The address that a desk form was sent to, and its fields in the encoding of forms, without its buttons."""

    path: str
    fields: str
    can_be_sent: bool = True

    @property
    def pairs(self) -> list[tuple[str, str]]:
        return [(name, value) for name, values in QueryDict(self.fields).lists() for value in values]

    @property
    def shown(self) -> list[tuple[str, str]]:
        return [(name, value) for name, value in self.pairs if not _SET.fullmatch(value)]

    @property
    def carried(self) -> list[tuple[str, str]]:
        return [(name, value) for name, value in self.pairs if _SET.fullmatch(value)]

    @property
    def is_record(self) -> bool:
        return not self.path.endswith("/release/")


def sent(request: HttpRequest) -> Kept | None:
    """Return what a desk form sent in this request, or None if it is none that has words."""
    if request.method != "POST" or not _is_form(request.path):
        return None
    fields = request.POST.copy()
    for name in [name for name in fields if name.startswith("_") or name == "csrfmiddlewaretoken"]:
        del fields[name]
    return Kept(request.path, fields.urlencode())


def carried(request: HttpRequest) -> Kept | None:
    """Return what an earlier page carried over into this request, or None."""
    path = request.POST.get("kept_path", "")
    if request.method != "POST" or not _is_form(path):
        return None
    return Kept(path, request.POST.get("kept", ""))


def _is_form(path: str) -> bool:
    """Whether an address is one that a form with words is sent to. No other is ever given back as one."""
    try:
        return bool(_FORMS.fullmatch(resolve(path).url_name or ""))
    except Resolver404:
        return False


def give_back(request: HttpRequest, words: Kept, why: str, status: int = 200) -> HttpResponse:
    """Answer with the words, and one button that sends them where they were going: as a draft."""
    return _page(request, "admin/guide/kept.html", {"title": "Your words are here", "kept": words, "why": why}, status)


def ask_to_sign_in(request: HttpRequest, words: Kept, form: Any) -> HttpResponse:
    """Answer with the desk's door, the words in it."""
    context = {"title": "Sign in again", "kept": words, "why": SIGN_IN_AGAIN, "form": form, "next": words.path}
    context["app_path"] = reverse("admin:login")  # where the form is sent, not where the words were going
    return _page(request, "admin/guide/sign_in.html", context, 403)


def _page(request: HttpRequest, template: str, context: dict[str, Any], status: int) -> HttpResponse:
    return render(request, template, {**admin.site.each_context(request), **context}, status=status)
