"""Publishing: a record has a working copy, a history, and perhaps a version that readers see.

The row is the working copy. Every save adds a version to its history; readers see the one version that `live`
points to, or nothing.
"""

from collections.abc import Collection
from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import OuterRef, Subquery
from simple_history.models import HistoricalRecords

from . import rendering


class Publication(models.Model):
    """One act of publishing. The newest one's number names the edition that readers see."""

    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"Edition {self.pk}"


class EditableQuerySet(models.QuerySet[Any]):
    def live(self) -> list[Any]:
        """Return the versions that readers see, in order, in one query."""
        history = self.model.history.model
        fields = [field.attname for field in history.tracked_fields]
        pinned = history.objects.filter(history_id__in=self.exclude(live=None).values("live"))
        versions = pinned.order_by(*self.model._meta.ordering).values(*fields)
        return [self.model(**version) for version in versions]

    def with_newest(self) -> Self:
        """Add ``newest``: the history id of what was saved last."""
        versions = self.model.history.model.objects.filter(id=OuterRef("pk")).order_by("-history_id")
        return self.annotate(newest=Subquery(versions.values("history_id")[:1]))

    def publish(self) -> None:
        """Show readers what was saved last."""
        versions = self.model.history.model.objects.filter(id=OuterRef("pk")).order_by("-history_id")
        self.update(live=Subquery(versions.values("history_id")[:1]))
        Publication.objects.create()

    def unpublish(self) -> None:
        """Take the records off the site. Nothing of them is deleted."""
        self.update(live=None)
        Publication.objects.create()


class Editable(models.Model):
    """A record with a working copy, a history, and perhaps a version that readers see."""

    body = models.TextField("text", blank=True, help_text="Markdown. See the cheatsheet in the manual for editors.")
    body_html = models.TextField(editable=False, blank=True)
    words = models.PositiveIntegerField(editable=False, default=0)
    edited_at = models.DateTimeField("last edited", auto_now=True)
    live = models.BigIntegerField(editable=False, null=True, db_index=True)

    history = HistoricalRecords(inherit=True, excluded_fields=["live"])
    objects = EditableQuerySet.as_manager()

    # Texts other than the body that a reader meets, counted into `words`.
    counted: ClassVar[tuple[str, ...]] = ()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        for field in self._meta.concrete_fields:
            if isinstance(field, models.CharField | models.TextField):
                setattr(self, field.attname, rendering.clean_text(getattr(self, field.attname)))
        self.render()
        if type(self).objects.filter(pk=self.pk).exists():
            # What readers see changes by publishing only, however long ago this row was read.
            names = {field.name for field in self._meta.concrete_fields}
            kwargs["update_fields"] = names - {"id", "live"}
        else:
            self.live = None
        super().save(*args, **kwargs)

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        super().clean_fields(exclude)
        try:
            rendering.refuse_unreadable(self.body)
        except ValidationError as error:
            raise ValidationError({"body": error}) from None

    def render(self) -> None:
        """Work out everything that follows from the text: its HTML and its number of words."""
        self.body_html = rendering.markdown_to_html(self.body)
        self.words = rendering.count_words(self.body, *(getattr(self, name) for name in self.counted))

    def publish(self) -> None:
        type(self).objects.filter(pk=self.pk).publish()

    def unpublish(self) -> None:
        type(self).objects.filter(pk=self.pk).unpublish()

    @property
    def minutes(self) -> int:
        return rendering.reading_minutes(self.words)

    @property
    def words_in_list(self) -> int:
        """The words that stand in the list of a part."""
        return self.words


def position_field() -> "models.PositiveSmallIntegerField[int, int]":
    return models.PositiveSmallIntegerField("order", default=0, help_text="Lower numbers come first.")


def slug_field() -> "models.SlugField[str, str]":
    return models.SlugField(
        "short name",
        unique=True,
        max_length=60,
        help_text="Stands in the address. It can’t be changed later.",
    )
