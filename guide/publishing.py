"""Publishing: a record has a working copy, a history, and perhaps a version that readers see.

The row is the working copy. Every save adds a version to its history; readers see the one version that `live`
points to, or nothing. A translation is a record of its own, which belongs to its original.
"""

from collections.abc import Collection, Iterable
from copy import copy
from typing import Any, ClassVar, Self, cast

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import OuterRef, Subquery
from django.utils import timezone
from simple_history.models import HistoricalRecords

from . import rendering
from .language import ORIGINAL, localized


class Publication(models.Model):
    """One act of publishing. The newest one's number names the edition that readers see."""

    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"Edition {self.pk}"


class Redirect(models.Model):
    """A short name that a record had. Its old address leads to the record for good, whatever it is called now."""

    kind = models.CharField(max_length=20)
    slug = models.SlugField("old short name", max_length=60)
    record = models.BigIntegerField()
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("kind", "slug")
        constraints = [models.UniqueConstraint(fields=["kind", "slug"], name="guide_redirect_once")]

    def __str__(self) -> str:
        return self.slug


class EditableQuerySet(models.QuerySet[Any]):
    def pinned(self) -> list[Any]:
        """Return the versions that readers see, in every language, in order, in one query."""
        history = self.model.history.model
        fields = [field.attname for field in history.tracked_fields]
        pinned = history.objects.filter(history_id__in=self.exclude(live=None).values("live"))
        versions = pinned.order_by(*self.model._meta.ordering).values(*fields)
        return [self.model(**version) for version in versions]

    def live(self) -> list[Any]:
        """Return the versions that readers see in the original language, in order, in one query."""
        return told_in(self.pinned(), ORIGINAL)

    def originals(self) -> Self:
        return self.filter(original=None)

    def with_newest(self) -> Self:
        """Add ``newest``: the history id of what was saved last."""
        versions = self.model.history.model.objects.filter(id=OuterRef("pk")).order_by("-history_id")
        return self.annotate(newest=Subquery(versions.values("history_id")[:1]))

    def publish(self) -> None:
        """Show readers what was saved last."""
        show((self.model, pk, newest) for pk, newest in self.with_newest().values_list("pk", "newest"))

    def unpublish(self) -> None:
        """Take the records off the site. Nothing of them is deleted."""
        show((self.model, pk, None) for pk in self.values_list("pk", flat=True))


def told_in(versions: Iterable[Any], language: str) -> list[Any]:
    """Return the originals among versions, each with its texts in a language, as far as they were translated."""
    versions = list(versions)
    translations = {version.original_id: version for version in versions if version.language == language}
    originals = (version for version in versions if version.original_id is None)
    return [original.told_by(translations.get(original.pk), language) for original in originals]


def show(changes: Iterable[tuple[type["Editable"], int, int | None]]) -> None:
    """Let readers see exactly these versions (history ids), or None of a record: in one step, as one edition."""
    with transaction.atomic():
        for model, pk, version in changes:
            _remember_address(model, pk, version)
            model.objects.filter(pk=pk).update(live=version)
        Publication.objects.create()


def _remember_address(model: type["Editable"], pk: int, version: int | None) -> None:
    """Let the address that readers know lead to the record if this version has another one."""
    if not model.slug_may_change:
        return
    history = model.history.model.objects
    row = model._rows().filter(pk=pk, original=None).exclude(live=None).values_list("live", flat=True).first()
    if not (row and version and row != version):
        return
    slugs = dict(history.filter(history_id__in=[row, version]).values_list("history_id", "slug"))
    if slugs[row] != slugs[version]:
        kind = str(model._meta.model_name)
        Redirect.objects.filter(kind=kind, slug=slugs[version]).delete()
        Redirect.objects.update_or_create(kind=kind, slug=slugs[row], defaults={"record": pk})


class Editable(models.Model):
    """A record with a working copy, a history, and perhaps a version that readers see."""

    slug = models.SlugField("short name", max_length=60, help_text="Stands in the address.")
    body = models.TextField("text", blank=True, help_text="Markdown. See the cheatsheet in the manual for editors.")
    body_html = models.TextField(editable=False, blank=True)
    words = models.PositiveIntegerField(editable=False, default=0)
    edited_at = models.DateTimeField("last edited", auto_now=True)
    language = models.CharField(max_length=10, default=ORIGINAL, db_default=ORIGINAL, editable=False)
    original: "models.ForeignKey[Any, Any]" = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    live = models.BigIntegerField(editable=False, null=True, db_index=True)
    archived_at = models.DateTimeField(editable=False, null=True)

    history = HistoricalRecords(inherit=True, excluded_fields=["live", "archived_at"])
    objects = EditableQuerySet.as_manager()

    # Texts other than the body that a reader meets, counted into `words`.
    counted: ClassVar[tuple[str, ...]] = ()
    # What a translation says itself. Everything else is its original's.
    translated: ClassVar[tuple[str, ...]] = ()
    # What `render` makes of the Markdown.
    html_fields: ClassVar[tuple[str, ...]] = ("body_html",)
    # Short names that the site's own pages link to.
    named_by_the_site: ClassVar[frozenset[str]] = frozenset()
    # Whether somebody in danger may rely on records of this kind.
    safety: ClassVar[bool] = False
    # Whether its address may change. Where it may not, others know the record by its short name.
    slug_may_change: ClassVar[bool] = False

    _SAID = ("body", "body_html", "words", "edited_at", "language")
    _OWN = ("id", "original", "live", "archived_at", *_SAID)

    class Meta:
        abstract = True
        constraints = [models.UniqueConstraint(fields=["slug", "language"], name="guide_%(class)s_slug")]

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.follow_original()
        for field in self._meta.concrete_fields:
            if isinstance(field, models.CharField | models.TextField):
                setattr(self, field.attname, rendering.clean_text(getattr(self, field.attname)))
        self.render()
        if self._rows().filter(pk=self.pk).exists():
            # What readers see changes by publishing only, however long ago this row was read.
            names = {field.name for field in self._meta.concrete_fields}
            kwargs["update_fields"] = names - {"id", "live", "archived_at"}
        else:
            self.live = None
        super().save(*args, **kwargs)
        if self.slug_may_change:
            self._rows().filter(original=self.pk).exclude(slug=self.slug).update(slug=self.slug)

    def clean(self) -> None:
        self.follow_original()
        if self._is_taken():
            raise ValidationError({"slug": "Another record has or had this short name. Choose another one."})

    def _is_taken(self) -> bool:
        """Whether the address is somebody else's: in a working copy, for readers, or as an old address."""
        others = self._rows().filter(language=self.language).exclude(pk=self.pk)
        live = type(self).history.model.objects.filter(slug=self.slug, history_id__in=others.values("live"))
        old = Redirect.objects.filter(kind=self._meta.model_name, slug=self.slug).exclude(record=self.pk)
        return others.filter(slug=self.slug).exists() or live.exists() or (self.original is None and old.exists())

    def follow_original(self) -> None:
        """Take over from the original what a translation does not say itself."""
        if self.original:
            for field in self._meta.concrete_fields:
                if field.name not in (*self._OWN, *self.translated):
                    setattr(self, field.attname, getattr(self.original, field.attname))

    def translate(self, language: str, by: Any = None) -> Self | None:
        """Make a draft of a translation, in the original's words for a start. None if there is one already."""
        if self.original or self._rows().filter(original=self.pk, language=language).exists():
            return None
        draft: Any = copy(self)
        draft.pk, draft._state.adding, draft.original, draft.language = None, True, self, language
        draft._history_user = by
        draft.save()
        return cast(Self, draft)

    def told_by(self, translation: Self | None, language: str) -> Self:
        """Return this record in the words of a translation, or its own, with links to pages in a language."""
        if language == ORIGINAL:
            return self
        told = copy(self)
        for name in (*self._SAID, *self.translated) if translation else ():
            setattr(told, name, getattr(translation, name))
        for name in told.html_fields:
            setattr(told, name, localized(getattr(told, name), language))
        return told

    def lowered(self, below: int, language: str) -> Self:
        """Return this record, as it is told in a language, with the headings of its text on lower levels."""
        lower = copy(self)
        lower.render(below)
        return lower.told_by(None, language)

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        super().clean_fields(exclude)
        try:
            rendering.refuse_unreadable(self.body)
        except ValidationError as error:
            raise ValidationError({"body": error}) from None

    def render(self, below: int = 0) -> None:
        """Work out everything that follows from the text: its HTML and its number of words."""
        self.body_html = rendering.markdown_to_html(self.body, below)
        self.words = rendering.count_words(self.body, *(getattr(self, name) for name in self.counted))

    def publish(self) -> None:
        self._rows().filter(pk=self.pk).publish()

    def unpublish(self) -> None:
        self._rows().filter(pk=self.pk).unpublish()

    def archive(self) -> None:
        """Put the record away: off the site, out of the lists. Nothing of it is lost, and `bring_back` undoes it."""
        rows = self._with_translations()
        if rows.exclude(live=None).exists():
            rows.unpublish()
        rows.update(archived_at=timezone.now())

    def bring_back(self) -> None:
        """Take the record out of the archive, as a draft."""
        self._with_translations().update(archived_at=None)

    @classmethod
    def _rows(cls) -> Any:
        return cls.objects

    def _with_translations(self) -> Any:
        return self._rows().filter(models.Q(pk=self.pk) | models.Q(original=self.pk))

    def version(self, number: int) -> Self:
        """Return the record as a version had it. Raises the history's `DoesNotExist` if there is none."""
        return self._of(type(self).history.model.objects.get(id=self.pk, history_id=number))

    def restore(self, number: int, by: Any = None) -> None:
        """Save a version again, as the newest one: a draft until it is published.

        Raises `ValidationError` if it does not fit what is there now: its short name may be another record's.
        """
        old: Any = self.version(number)
        old._state.adding = False  # it takes the place of the row that is there
        old.full_clean()
        old._history_user, old._change_reason = by, f"Restored version {number}."
        old.save()

    def discard_draft(self, by: Any = None) -> None:
        """Go back to what readers see. The draft stays in the history."""
        if self.live is None:
            raise ValueError("Readers see nothing of it: there is nothing to go back to.")
        seen = type(self).history.model.objects.get(history_id=self.live)
        fields = {f.attname: getattr(seen, f.attname) for f in self._meta.concrete_fields if hasattr(seen, f.attname)}
        with transaction.atomic():
            # Not by save: readers' page says when it was last edited, and nothing was.
            self._rows().filter(pk=self.pk).update(**fields)
            again = type(self).history.model.objects.create(
                **fields,
                history_date=timezone.now(),
                history_type="~",
                history_change_reason="Discarded the draft.",
                history_user=by,
            )
            self._rows().filter(pk=self.pk).update(live=again.history_id)

    def _of(self, version: Any) -> Self:
        fields = [field.attname for field in type(self).history.model.tracked_fields]
        return type(self)(**{name: getattr(version, name) for name in fields})

    @property
    def is_safety(self) -> bool:
        """Whether somebody in danger may rely on it: a second person looks before readers see a change."""
        return self.safety

    @property
    def is_kept(self) -> bool:
        """Whether the site can't do without it: it is never taken off."""
        return self.slug in self.named_by_the_site

    @property
    def minutes(self) -> int:
        return rendering.reading_minutes(self.words)

    @property
    def words_in_list(self) -> int:
        """The words that stand in the list of a part."""
        return self.words


def position_field() -> "models.PositiveSmallIntegerField[int, int]":
    return models.PositiveSmallIntegerField("order", default=0, help_text="Lower numbers come first.")
