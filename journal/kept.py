"""Words that could not be saved: carried in the very page that says so, and stored nowhere.

A form that meets a lock, an ended session or a stale token is answered with a page that holds its fields
again, under names beginning with ``kept_``. When the way is free, `resume.html` gives them back, to the
person in whose journal they were typed and to nobody else.
"""

import hashlib
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve, reverse

from .models import random_id
from .vault import Vault

PREFIX = "kept_"
# Every field of the forms that are written in. One may come several times, as the signs of a week do.
FIELDS = (
    *("title", "text", "base", "entry", "zone", "next", "owner", "writer", "over", "turn"),
    *("feeling", "signs", "picked", "wait", "ending", "record", "happened", "place"),
)
WRITING = {"answer", "page-entry", "new-page", "letter", "new-letter", "check-in", "limits", "summary"}


@dataclass(frozen=True)
class Kept:
    """The fields of a writing form, and the address it was sent to."""

    path: str
    fields: dict[str, list[str]]

    def first(self, name: str) -> str | None:
        return next(iter(self.fields.get(name, [])), None)

    @property
    def text(self) -> str:
        return self.first("text") or ""

    def as_new_page(self) -> "Kept":
        """These words for a page of their own: what they were written on is gone, or is somebody else's."""
        fields = {"title": [""], **self.fields, "base": ["0"], "entry": [str(random_id())]}
        fields.pop("next", None)
        return Kept(reverse("new-page"), fields)

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """Names and values as the next form carries them."""
        return [
            (f"{PREFIX}path", self.path),
            *((f"{PREFIX}{name}", value) for name, values in self.fields.items() for value in values),
        ]

    @property
    def others(self) -> list[tuple[str, str]]:
        return [
            (name, value) for name, values in self.fields.items() for value in values if name not in {"text", "title"}
        ]

    @property
    def owner(self) -> str:
        return self.first("owner") or ""

    @property
    def title(self) -> str | None:
        return self.first("title")


def owner(vault: Vault) -> str:
    """Return what a writing form says about whose it is: it names nobody, and stays when the DEK changes."""
    return hashlib.sha256(b"either-way owner" + vault.id).hexdigest()[:32]


def belong(said: str, vault: Vault) -> bool:
    """Whether words were typed in the journal of this vault, or do not say in which."""
    return said in {"", owner(vault)}


def sent(request: HttpRequest) -> Kept | None:
    """Return what a writing form sent in this request, or None if this is no writing form."""
    if request.method == "POST" and "text" in request.POST and is_writing(request.path):
        return Kept(request.path, {name: request.POST.getlist(name) for name in FIELDS if name in request.POST})
    return None


def carried(request: HttpRequest) -> Kept | None:
    """Return what an earlier page carried over into this request, or None."""
    path = request.POST.get(f"{PREFIX}path", "")
    if not is_writing(path):
        return None
    names = [name for name in FIELDS if f"{PREFIX}{name}" in request.POST]
    return Kept(path, {name: request.POST.getlist(f"{PREFIX}{name}") for name in names})


def found(request: HttpRequest) -> Kept | None:
    return sent(request) or carried(request)


def is_writing(path: str) -> bool:
    """Whether an address is one that a writing form is sent to. No other is ever given back as one."""
    return name_of(path) in WRITING


def name_of(path: str) -> str | None:
    """Return the name of an address, or None if nothing is there."""
    try:
        return resolve(path).url_name
    except Resolver404:
        return None


def resume(request: HttpRequest, kept: Kept, status: int = 200) -> HttpResponse:
    """Answer with the words in their box again, and one button that sends them where they were going."""
    return render(request, "journal/resume.html", {"kept": kept}, status=status)
