"""The rows of releases: which versions of which records readers are to get in one step, when, and who said yes.

What is done with them is in `releases`.
"""

from datetime import datetime
from typing import Any, Self

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import Q

from .publishing import Editable


class ReleaseQuerySet(models.QuerySet["Release"]):
    def open(self) -> Self:
        """Those that were neither carried out nor called off."""
        return self.filter(done_at=None, called_off_at=None)

    def waiting(self) -> Self:
        """Those that a second person has to say yes to."""
        return self.open().filter(needs_second=True, approved_at=None)

    def due(self, now: datetime) -> Self:
        ready = Q(needs_second=False) | Q(approved_at__isnull=False)
        return self.open().filter(ready, due_at__lte=now).order_by("due_at", "pk")


class Release(models.Model):
    """Changes that readers get in one step: as soon as everybody needed said yes, or at `due_at`."""

    note = models.CharField("why", max_length=200, blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    due_at = models.DateTimeField("at", null=True)
    needs_second = models.BooleanField(default=False)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    called_off_at = models.DateTimeField(null=True)
    problem = models.TextField(blank=True)  # why it was not carried out when it was due

    objects = ReleaseQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)
        default_permissions = ("view",)

    def __str__(self) -> str:
        return self.note or f"Release {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.done_at is None and self.called_off_at is None

    @property
    def waits(self) -> bool:
        """Whether a second person has to say yes."""
        return self.is_open and self.needs_second and self.approved_at is None


class Change(models.Model):
    """One record's part in a release: the version that readers get, or None to take it off the site."""

    release = models.ForeignKey(Release, models.CASCADE, related_name="changes")
    kind = models.CharField(max_length=20)
    record = models.BigIntegerField()
    version = models.BigIntegerField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["release", "kind", "record"], name="guide_change_once")]
        indexes = [models.Index(fields=["kind", "record"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.record}"

    @classmethod
    def to_newest(cls, record: Editable) -> "Change":
        """Show readers what was saved last of a record."""
        return cls(kind=str(record._meta.model_name), record=record.pk, version=record.history.latest().history_id)

    @classmethod
    def to_nothing(cls, record: Editable) -> "Change":
        """Take a record off the site."""
        return cls(kind=str(record._meta.model_name), record=record.pk, version=None)

    @property
    def model(self) -> type[Editable]:
        model: type[Editable] = apps.get_model("guide", self.kind)
        return model

    def before(self) -> Any:
        """Return the version that readers see now, or None."""
        row = self.model.objects.get(pk=self.record)
        return row.version(row.live) if row.live else None

    def after(self) -> Any:
        """Return the version that readers would see, or None."""
        return self.model.objects.get(pk=self.record).version(self.version) if self.version else None

    @property
    def needs_second(self) -> bool:
        """Whether somebody in danger may rely on what changes."""
        return any(version.is_safety for version in (self.before(), self.after()) if version)
