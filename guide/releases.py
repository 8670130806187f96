"""Releases: sets of changes that readers get in one step, now or at a time.

A change to a safety page waits for a second person's yes. What is due is carried out by whichever process next looks
for a newer edition, so no scheduler has to run; `manage.py publish_due` does the same.
"""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from . import publishing
from .plans import Change, Release
from .safeguards import find_problems

logger = logging.getLogger(__name__)


class RefusedError(Exception):
    """A release would break something for readers. `problems` says what, a sentence each."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def ask(
    changes: Iterable[Change], by: Any, note: str = "", due_at: datetime | None = None, alone: bool = False
) -> Release:
    """Ask for changes to go live, and let them if nobody else has to say yes and no later time was given.

    With `alone` nobody has to: whoever has the machine itself could change anything without asking. An open release of
    the same records is called off: what was asked for last counts. Raises `RefusedError`, and nothing is asked.
    """
    changes = list(changes)
    if problems := list(find_problems(changes)):
        raise RefusedError(problems)
    with transaction.atomic():
        for change in changes:
            same = Release.objects.open().filter(changes__kind=change.kind, changes__record=change.record)
            same.update(called_off_at=timezone.now())
        needs_second = not alone and any(change.needs_second for change in changes)
        release = Release.objects.create(note=note, asked_by=by, due_at=due_at, needs_second=needs_second)
        for change in changes:
            change.release = release
        Change.objects.bulk_create(changes)
        if not release.needs_second and not due_at:
            carry_out(release)
    return release


def approve(release: Release, by: Any) -> None:
    """Say yes as the second person. Raises `RefusedError` if it is nobody else, or if the release is not open."""
    if by == release.asked_by:
        raise RefusedError(["Somebody else has to say yes: that is what a second person is for."])
    if not release.waits:
        raise RefusedError(["There is nothing left to say yes to: it was settled in the meantime."])
    if problems := list(find_problems(release.changes.all())):
        raise RefusedError(problems)
    with transaction.atomic():
        release.approved_by, release.approved_at = by, timezone.now()
        release.save(update_fields=["approved_by", "approved_at"])
        if release.due_at is None or release.due_at <= timezone.now():
            carry_out(release)


def call_off(release: Release) -> None:
    """Let nothing come of a release. What was saved stays saved."""
    Release.objects.open().filter(pk=release.pk).update(called_off_at=timezone.now())


def carry_out(release: Release) -> None:
    """Let readers see the changes, once: whoever comes second finds it done."""
    with transaction.atomic():
        if Release.objects.open().filter(pk=release.pk).update(done_at=timezone.now(), problem=""):
            publishing.show((change.model, change.record, change.version) for change in release.changes.all())


def carry_out_due(now: datetime | None = None) -> int:
    """Carry out what is due; return how much that was.

    A release that would break something for readers stays open and says why; those after it are carried out.
    """
    done = 0
    for release in Release.objects.due(now or timezone.now()):
        problems = list(find_problems(release.changes.all()))
        if problems:
            text = "\n".join(problems)
            if release.problem != text:
                logger.error("Release %s is due and was not carried out: it would break something.", release.pk)
                Release.objects.filter(pk=release.pk).update(problem=text)
        else:
            carry_out(release)
            done += 1
    return done
