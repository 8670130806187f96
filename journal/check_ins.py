"""Weekly check-ins: the weeks that have one, the chart of the last ones, and when to offer somebody to talk to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings

from guide import questions

from . import chart, entries, weeks
from .entries import Head, Version
from .subjects import Subject
from .vault import Vault

IN_CHART = 12  # weeks, this one among them
RISES = 3  # in a row, each by a flag or more


@dataclass(frozen=True)
class CheckIn:
    """What was noticed in a week."""

    week: str
    version: Version

    @property
    def subject(self) -> Subject:
        return Subject(self.version.entry, "check-in", week=self.week)

    @property
    def label(self) -> str:
        return weeks.label(self.week)

    @property
    def begins(self) -> date:
        return weeks.begins(self.week)

    @property
    def signs(self) -> Mapping[str, str]:
        return self.version.head.signs if self.version.head else {}

    @property
    def count(self) -> int | None:
        """How many flags were noticed; None if it can't be opened."""
        return len(self.version.head.signs) if self.version.head else None


def ids(vault: Vault) -> dict[UUID, str]:
    """Return the week of every id that a check-in can have by now, newest first."""
    every = weeks.until(weeks.tomorrow())
    return {entries.named(vault, Head("check-in", week=week)): week for week in every}


def among(found: Mapping[UUID, Version], of_weeks: Mapping[UUID, str]) -> list[CheckIn]:
    """Return the check-ins among entries that were found, newest first."""
    return [CheckIn(week, found[entry]) for entry, week in of_weeks.items() if entry in found]


def this_week(vault: Vault) -> str:
    """Return the week that it is where the person wrote last."""
    zone = ZoneInfo(entries.last_zone(vault) or settings.TIME_ZONE)
    return weeks.of(datetime.now(zone).date())


def overview(kept: Sequence[CheckIn], week: str) -> dict[str, Any]:
    """Return what a page shows of check-ins in a certain week: the last ones, their chart, and an offer to talk."""
    oldest = weeks.begins(week) - (IN_CHART - 1) * weeks.WEEK
    recent = [check_in for check_in in kept if check_in.begins >= oldest]
    return {"kept": kept, "recent": recent, "chart": _chart(recent), "offer": offer(kept, week)}


def _chart(recent: Sequence[CheckIn]) -> chart.Chart | None:
    """Draw from the first of these weeks to the last, so that nobody is shown weeks they let be since then."""
    counts = {check_in.begins: check_in.count for check_in in recent}
    if len(counts) < 2:
        return None
    first, last = min(counts), max(counts)
    mondays = [first + n * weeks.WEEK for n in range((last - first) // weeks.WEEK + 1)]
    return chart.draw([(monday, counts.get(monday)) for monday in mondays])


def offer(kept: Sequence[CheckIn], week: str) -> str:
    """Say why to offer somebody to talk to: "more" after a rise, "flag" for one that offers help; or nothing.

    What counts is the newest check-in, if it is of this week or the one before.
    """
    if not kept or weeks.begins(week) - kept[0].begins > weeks.WEEK:
        return ""
    counts = {check_in.begins: check_in.count for check_in in kept[: RISES + 1]}
    row = [counts.get(kept[0].begins - n * weeks.WEEK) for n in range(RISES + 1)]
    seen = [count for count in row if count is not None]
    if len(seen) == len(row) and all(later > earlier for later, earlier in pairwise(seen)):
        return "more"
    offering = {flag.slug for flag in questions.flags() if flag.offers_help}
    return "flag" if offering & kept[0].signs.keys() else ""


def beside(week: str) -> dict[str, str]:
    """Return the weeks before and after one; empty where there can be no check-in."""
    before, after = weeks.begins(week) - weeks.WEEK, weeks.begins(week) + weeks.WEEK
    return {
        "before": weeks.of(before) if before >= weeks.FIRST else "",
        "after": weeks.of(after) if after <= weeks.tomorrow() else "",
    }
