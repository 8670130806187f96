"""What publishing refuses, so that no mistake at the desk can break the guide for readers."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from . import findings
from .models import KINDS, Country, HelpLine, Page, Question, Section
from .plans import Change
from .publishing import Redirect


def find_problems(changes: Iterable[Change]) -> Iterator[str]:
    """Say, a sentence each, what readers would lose if these changes went live. Nothing, if they may."""
    changes = list(changes)
    for change in changes:
        row = change.model.objects.filter(pk=change.record).first()
        if row is None or (change.version and row.archived_at):
            yield f"“{row or change}” is in the archive. Bring it back first."
            continue
        before, after = change.before(), change.after()
        if after is None:
            yield from _taken_off(row, before or row)
        else:
            yield from _changed(before, after)
    yield from _mistakes(changes)
    yield from _links_to_nothing(changes)
    yield from _countries_without_lines(changes)


def _taken_off(row: Any, before: Any) -> Iterator[str]:
    if before.original_id is None and (row.is_kept or before.is_kept):
        yield f"“{before}” can’t be taken off the site: other pages link to it."


def _changed(before: Any, after: Any) -> Iterator[str]:
    live = [version for version in type(after).objects.pinned() if version.pk != after.pk]
    if any((version.slug, version.language) == (after.slug, after.language) for version in live):
        yield f"“{after}” has a short name that readers know another record by."
    if isinstance(after, Section) and before and before.is_kept and before.shows != after.shows:
        yield f"“{before}” has to go on showing its list: other pages rely on it."


def _mistakes(changes: Sequence[Change]) -> Iterator[str]:
    """Find what can't be right in the texts: links that lead nowhere, nothing where words have to be, code."""
    versions = [version for change in changes if (version := change.after())]
    if not versions:
        return
    known = findings.addresses()
    # What goes live in the same step may be linked to; any other draft, readers could not open.
    pages = {version.get_absolute_url() for version in versions}
    known = replace(known, live={*known.live, *pages}, to_a_draft="error")
    for version in versions:
        for finding in findings.find(version, known):
            if finding.level == "error":
                yield f"“{version}”: {finding.message}"


def _links_to_nothing(changes: Sequence[Change]) -> Iterator[str]:
    """Find texts that would go on linking to a page that is taken off."""
    taken_off = [change.before() for change in changes if change.version is None]
    gone = {address: before for before in taken_off if before for address in _addresses(before)}
    for model in KINDS.values() if gone else ():
        for version in _as_changed(model, changes, model._rows().pinned()):
            html = " ".join(getattr(version, name) for name in version.html_fields)
            linked = {address.partition("#")[0] for address in re.findall(r'href="([^"]*)"', html)}
            for address in sorted(linked & gone.keys()):
                yield f"“{gone[address]}” can’t be taken off the site yet: “{version}” links to it. Change that first."


def _addresses(version: Any) -> Iterator[str]:
    """Yield where nothing stands without a version: what it is called now, and what it was called."""
    has_page = isinstance(version, Section | Question | Country | Page) and not getattr(version, "piece", False)
    # Without a translation its address shows the original.
    if has_page and version.original_id is None and not version.is_kept:
        yield version.get_absolute_url()
        for old in Redirect.objects.filter(kind=version._meta.model_name, record=version.pk):
            yield type(version)(slug=old.slug).get_absolute_url()


def _countries_without_lines(changes: Sequence[Change]) -> Iterator[str]:
    """Find countries that have a help line now and would have none."""
    if not any(change.kind in {"helpline", "country"} for change in changes):
        return
    before = _reached(HelpLine.objects.live())
    lines = _as_changed(HelpLine, changes, HelpLine.objects.live())
    for country in _as_changed(Country, changes, Country.objects.live()):
        if not country.original_id and country.slug in before - _reached(lines):
            yield f"“{country}” would have no help line left. Publish another one first."


def _as_changed(model: type[Any], changes: Sequence[Change], live: Sequence[Any]) -> list[Any]:
    """Return the versions that readers would see of a kind, instead of those that they see now."""
    mine = {change.record: change for change in changes if change.kind == model._meta.model_name}
    untouched = [version for version in live if version.pk not in mine]
    return [*untouched, *(version for change in mine.values() if (version := change.after()))]


def _reached(lines: Sequence[HelpLine]) -> set[str]:
    """Return the countries with somebody to call, write to or look up."""
    return {line.country for line in lines if not line.original_id and line.is_reachable}
