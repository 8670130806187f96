"""Where links lead: into this site, to other sites, to a mail box or a phone. Nothing here knows a database."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import SplitResult, unquote, urlsplit

EXCERPT = 60  # characters
_EMAIL = re.compile(r"[^@\s,;]+@[^@\s.,;]+(?:\.[^@\s.,;]+)+")
_DIAL_MARKS = str.maketrans("", "", " ().-")
_DIAL = re.compile(r"\+?[0-9]{3,15}")

Level = Literal["error", "warning"]


@dataclass(frozen=True)
class Addresses:
    """Where a link inside the site can lead, as paths: what readers can open, and what there is, drafts too.

    For a page that is in `fragments`, those are all the names that a link can have after its ``#``.
    """

    live: Collection[str]
    known: Collection[str]
    fragments: Mapping[str, Collection[str]] = field(default_factory=dict)
    to_a_draft: Level = "warning"  # what a link is that readers can't follow yet


def problems_of_address(href: str, addresses: Addresses) -> Iterator[tuple[Level, str]]:
    """Say what is wrong with where a link leads, a sentence each. Nothing is asked of other sites."""
    try:
        url = urlsplit(href)
    except ValueError:
        url = SplitResult("https", "", href, "", "")
    path = unquote(url.path)
    match url.scheme:
        case "http" | "https" if not url.netloc:
            yield "error", f"“{excerpt(href)}” is not an address: write it as in https://example.org."
        case "http":
            yield "warning", "Others can read on the way what this link shows: write https:// if the site has it."
        case "mailto" if not _EMAIL.fullmatch(path):
            yield "error", f"“{excerpt(path)}” is not a mail address: write it as in mailto:name@example.org."
        case "tel" | "sms" if not _DIAL.fullmatch(path.translate(_DIAL_MARKS)):
            yield "error", f"“{excerpt(path)}” is not a number to dial: write only its digits, as in tel:911."
        case "https" | "mailto" | "tel" | "sms":
            pass
        case "" if not href.startswith("//"):
            yield from _problems_of_path(url, addresses)
        case _:
            yield "error", f"“{excerpt(href)}” would lead nowhere: links begin with /, https:, mailto:, tel: or sms:."


def _problems_of_path(url: SplitResult, addresses: Addresses) -> Iterator[tuple[Level, str]]:
    path, fragments = url.path, addresses.fragments.get(url.path)
    better = f"/{path.strip('/')}/"
    if not path and url.fragment:
        yield "warning", "The text may stand on several pages: write the address of the page before the #."
    elif path in addresses.live or path in addresses.known:
        if path not in addresses.live:
            yield (
                addresses.to_a_draft,
                f"Readers can’t open “{excerpt(path)}” yet: publish that page too, or leave out the link.",
            )
        if url.fragment and fragments is not None and unquote(url.fragment) not in fragments:
            yield "warning", f"“{excerpt(path)}” has no place “#{excerpt(url.fragment)}”: readers would get to its top."
    elif better in addresses.live or better in addresses.known:
        yield "error", f"“{excerpt(path)}” would lead nowhere: write “{better}”."
    elif path.startswith("/"):
        yield "error", f"This site has no page “{excerpt(path)}”: look up the address of the one you mean."
    else:
        yield "error", f"“{excerpt(path)}” would lead nowhere: begin with / for a page of ours, or with https://."


def excerpt(text: str) -> str:
    """Return the beginning of a text."""
    return text if len(text) <= EXCERPT else f"{text[:EXCERPT].rstrip()}…"
