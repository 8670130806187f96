"""What changed between two texts, word by word."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Any

from django.db import models
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator

MOST = 3000  # words of a passage that are compared one by one; a longer one is shown as a whole, old and new
_NOT_COMPARED = {"id", "body_html", "after_html", "words", "edited_at", "language", "original"}


def fields(before: Any, after: Any) -> Iterator[tuple[str, SafeString]]:
    """Yield the name of every field that differs between two states of a record, and what changed in it."""
    for field in after._meta.concrete_fields:
        if isinstance(field, models.Field) and field.name not in _NOT_COMPARED and hasattr(before, field.attname):
            old, new = (_in_words(getattr(state, field.attname)) for state in (before, after))
            if old != new:
                yield str(field.verbose_name), marked(old, new)


def changes(form: Any) -> str:
    """Say for the log what a form changed: each field with its old and new value, as far as a line has room."""
    said = (
        f"{form.fields[name].label}: “{_short(form.initial.get(name))}” → “{_short(form.cleaned_data[name])}”"
        for name in form.changed_data
        if name != "base"
    )
    return "; ".join(said) or "Nothing changed."


def _short(value: Any) -> str:
    return Truncator("nothing" if value in (None, "") else str(value)).chars(80)


def marked(old: str, new: str) -> SafeString:
    """Return the new text with what was taken out and what was put in, marked for eyes and for ears."""
    pieces: list[tuple[str, str]] = []
    for tag, before, after in _steps(old.splitlines(keepends=True), new.splitlines(keepends=True)):
        if tag == "equal":
            pieces.append(("", "".join(after)))
            continue
        words = [re.findall(r"\s+|[^\s]+", "".join(lines)) for lines in (before, after)]
        small = max(map(len, words)) <= MOST
        for kind, out, put in _steps(*words) if small else [("replace", *words)]:
            if kind == "equal":
                pieces.append(("", "".join(put)))
            else:
                pieces += [(name, text) for name, text in (("del", "".join(out)), ("ins", "".join(put))) if text]
    return format_html_join("", "{}", ((_piece(*piece),) for piece in pieces))


def _piece(kind: str, text: str) -> SafeString:
    if kind == "del":
        return format_html('<del><span class="visually-hidden">taken out: </span>{}</del>', text)
    if kind == "ins":
        return format_html('<ins><span class="visually-hidden">put in: </span>{}</ins>', text)
    return format_html("{}", text)


def _steps(old: list[str], new: list[str]) -> Iterator[tuple[str, list[str], list[str]]]:
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for tag, start, end, new_start, new_end in matcher.get_opcodes():
        yield tag, old[start:end], new[new_start:new_end]


def _in_words(value: Any) -> str:
    return "" if value is None else str(value)
