"""What editors keep: the guide's parts and everything that stands in them.

Which pages these make up is in `pages`; working copies, histories and what readers see of them, in `publishing`.
"""

import re

from django.core.exceptions import ValidationError
from django.db import models
from django.urls import resolve, reverse

from . import rendering
from .images import Image
from .language import CODES, current, localized
from .plans import Change, Release
from .publishing import Editable, Publication, Redirect, position_field

__all__ = [
    "Change", "Country", "Flag", "HelpLine", "Image", "Page", "Publication", "Question", "Redirect", "Release",
    "Section", "Sign", "Source", "Tip",
]  # fmt: skip


HOME_COUNTRY = "us"


def refuse_taken_address(path: str, name: str) -> None:
    """Raise `ValidationError` if an address leads to something else than a record of this kind."""
    if resolve(path).url_name != name or path.strip("/") in CODES:
        raise ValidationError({"slug": "Something else is at that address. Choose another short name."})


def url_of_list(shows: str) -> str:
    """Return the address of the part that shows a list, or home if none does."""
    section = Section.objects.originals().filter(shows=shows).first()
    return section.get_absolute_url() if section else reverse("home")


class Section(Editable):
    """A part of the guide, one page. Its number is its place among the parts that are live."""

    class List(models.TextChoices):
        NONE = "", "Nothing"
        SIGNS = "signs", "The signs of abuse"
        QUESTIONS = "questions", "The eight questions"
        TIPS = "tips", "The tips"
        FLAGS = "flags", "The red flags"
        BOOKS = "books", "The books"

    position = position_field()
    title = models.CharField(max_length=120)
    summary = models.CharField(max_length=160, help_text="One line under the title in the list of contents.")
    notice = models.CharField(
        max_length=300,
        blank=True,
        help_text="One calm line above the text, where hard things follow. Markdown.",
    )
    lead = models.TextField(help_text="One or two sentences in larger type.")
    shows = models.CharField(
        "list", max_length=20, choices=List, blank=True, default=List.NONE,
        help_text="A list that stands in this part, where its text has a line with {list}.",
    )  # fmt: skip
    sources = models.CharField(max_length=300, blank=True, help_text="Short names of sources, with commas between.")
    after_html = models.TextField(editable=False, blank=True)

    counted = ("title", "notice", "lead")
    translated = ("title", "summary", "notice", "lead", "after_html")
    html_fields = ("body_html", "after_html")
    slug_may_change = True

    class Meta(Editable.Meta):
        ordering = ("position", "id")
        permissions = (("publish_section", "Can publish sections"),)

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("section", args=[self.slug])

    def clean(self) -> None:
        super().clean()
        known = set(Source.objects.values_list("slug", flat=True))
        if unknown := [slug for slug in self.source_slugs if slug not in known]:
            raise ValidationError({"sources": f"There is no source with the short name “{unknown[0]}”."})
        if self.shows and rendering.count_lists(self.body) != 1:
            raise ValidationError({"body": "Write a line with only {list} where the list is to stand."})
        refuse_taken_address(f"/guide/{self.slug}/", "section")

    def render(self, below: int = 0) -> None:
        super().render(below)
        before, after = rendering.split_at_list(self.body)
        self.body_html = rendering.markdown_to_html(before, below)
        self.after_html = rendering.markdown_to_html(after, below)

    @property
    def is_safety(self) -> bool:
        return self.shows == self.List.SIGNS

    @property
    def is_kept(self) -> bool:
        # Links of the journal and of other pages lead to these parts.
        return self.shows in {self.List.SIGNS, self.List.QUESTIONS}

    @property
    def source_slugs(self) -> list[str]:
        return [slug.strip() for slug in self.sources.split(",") if slug.strip()]

    @property
    def notice_html(self) -> str:
        return localized(rendering.line_to_html(self.notice), current())


class Question(Editable):
    """One of the reflection questions. Its number stands in addresses and never changes."""

    position = position_field()
    number = models.PositiveSmallIntegerField(
        help_text="Stands in the address of the question and of its answers. It can’t be changed later.",
    )
    prompt = models.CharField("question", max_length=300)
    summary = models.CharField("why it matters", max_length=200, help_text="One line under the question.")
    follow_ups = models.TextField(blank=True, help_text="Gentle questions that follow, one on each line.")
    starters = models.TextField("ways to begin", blank=True, help_text="Beginnings of sentences, one on each line.")

    counted = ("prompt", "summary")
    translated = ("prompt", "summary", "follow_ups", "starters")

    class Meta(Editable.Meta):
        ordering = ("position", "number")
        constraints = [
            *Editable.Meta.constraints,
            models.UniqueConstraint(fields=["number", "language"], name="guide_question_number"),
        ]
        permissions = (("publish_question", "Can publish questions"),)

    def __str__(self) -> str:
        return self.prompt

    def clean(self) -> None:
        super().clean()
        same = Question.objects.filter(number=self.number, language=self.language).exclude(pk=self.pk)
        if same.exists():
            raise ValidationError({"number": "Another question has or had this number. Choose another one."})

    def get_absolute_url(self) -> str:
        return reverse("question", args=[self.number])

    @property
    def words_in_list(self) -> int:
        return rendering.count_words(self.prompt, self.summary)


class Item(Editable):
    """What tips and red flags have in common: a title and a text, in an order."""

    position = position_field()
    title = models.CharField(max_length=120)

    counted = ("title",)
    translated = ("title",)

    class Meta(Editable.Meta):
        abstract = True
        ordering = ("position", "id")

    def __str__(self) -> str:
        return self.title


class Tip(Item):
    """A tip for approaching an ex."""

    class Meta(Item.Meta):
        permissions = (("publish_tip", "Can publish tips"),)

    def get_absolute_url(self) -> str:
        return url_of_list(Section.List.TIPS)


class Flag(Item):
    """A red flag of the second time. Its slug is kept for good."""

    offers_help = models.BooleanField(
        default=False,
        db_default=False,
        help_text="For what may be abuse. Noticing it in a weekly check-in offers people to talk to.",
    )

    class Meta(Item.Meta):
        verbose_name = "red flag"
        permissions = (("publish_flag", "Can publish red flags"),)

    @property
    def is_safety(self) -> bool:
        return self.offers_help

    def get_absolute_url(self) -> str:
        return url_of_list(Section.List.FLAGS)


class Sign(Editable):
    """A sign of abuse: a row of the private safety check, and of part 2 where it is an everyday one."""

    class Group(models.TextChoices):
        EVERYDAY = "everyday", "How they treat you"
        CONTROL = "control", "Control"
        FEAR = "fear", "Fear"
        FORCE = "force", "Force"
        MONEY = "money", "Money"
        ONLINE = "online", "Phones and online"
        FAMILY = "family", "Children and pets"

    position = position_field()
    group = models.CharField(max_length=20, choices=Group)
    text = models.CharField(max_length=200, help_text="In the form “They …”.")
    high_danger = models.BooleanField(
        default=False, help_text="Ticking it shows the wording for great danger, with a phone number first."
    )

    counted = ("text",)
    translated = ("text",)
    safety = True

    class Meta(Editable.Meta):
        ordering = ("position", "id")
        verbose_name = "sign of abuse"
        verbose_name_plural = "signs of abuse"
        permissions = (("publish_sign", "Can publish signs of abuse"),)

    def __str__(self) -> str:
        return self.text

    def get_absolute_url(self) -> str:
        return reverse("page", args=["check"])


class Country(Editable):
    """A country with a page of help lines."""

    position = position_field()
    name = models.CharField(max_length=80)
    emergency = models.CharField("emergency number", max_length=20, blank=True)

    translated = ("name",)
    named_by_the_site = frozenset({HOME_COUNTRY, "international"})
    safety = True

    class Meta(Editable.Meta):
        ordering = ("position", "name")
        verbose_name_plural = "countries"
        permissions = (("publish_country", "Can publish countries"),)

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("country", args=[self.slug])


class HelpLine(Editable):
    """A service with people to talk to."""

    position = position_field()
    country = models.SlugField(max_length=60, help_text="Short name of the country, such as “us”.")
    name = models.CharField(max_length=120)
    phone = models.CharField(max_length=40, blank=True)
    text_line = models.CharField(max_length=80, blank=True, help_text="Such as “Text START to 88788”.")
    website = models.URLField(blank=True)
    hours = models.CharField(max_length=120, blank=True)
    languages = models.CharField(max_length=200, blank=True)
    verified_on = models.DateField(
        null=True,
        blank=True,
        help_text="The day somebody called or looked it up and found all of this to be right.",
    )

    translated = ("name", "text_line", "hours", "languages")
    safety = True

    class Meta(Editable.Meta):
        ordering = ("country", "position", "id")
        permissions = (("publish_helpline", "Can publish help lines"),)

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("country", args=[self.country])

    def clean(self) -> None:
        super().clean()
        if not Country.objects.filter(slug=self.country).exists():
            raise ValidationError({"country": f"There is no country with the short name “{self.country}”."})
        if not self.is_reachable:
            raise ValidationError("Give a phone number, a text line or a web address.")
        if self.phone and len(self.dial) < 3:
            raise ValidationError({"phone": "Write the number in digits."})

    @property
    def is_reachable(self) -> bool:
        return bool(self.phone or self.text_line or self.website)

    @property
    def dial(self) -> str:
        """The phone number as a ``tel:`` link takes it."""
        return "".join(c for c in self.phone if c.isdigit() or c == "+")

    @property
    def text_to(self) -> str:
        """The number that takes texts, as an ``sms:`` link takes it; nothing where none stands at the end.

        The word to send is left to the reader: phones disagree on how a link fills it in.
        """
        number = re.search(r"\+?\d[\d \-]+$", self.text_line)
        return re.sub(r"[ -]", "", number[0]) if number else ""

    @property
    def site(self) -> str:
        """The website as people write it down: “thehotline.org”."""
        return self.website.partition("://")[2].removeprefix("www.").rstrip("/")


class Page(Editable):
    """A page beside the parts, or a piece of text that stands inside another page."""

    title = models.CharField(max_length=120)
    lead = models.TextField(blank=True)
    piece = models.BooleanField("stands inside another page", default=False, help_text="It has no address of its own.")

    counted = ("title", "lead")
    translated = ("title", "lead")
    slug_may_change = True
    safety_pages = frozenset({"check", "help", "afraid", "check-none", "check-some", "check-danger"})
    named_by_the_site = safety_pages | {
        "about", "accessibility", "display", "home", "privacy", "search", "stay-safe-online",
    }  # fmt: skip

    class Meta(Editable.Meta):
        ordering = ("piece", "slug")
        permissions = (("publish_page", "Can publish pages"),)

    def __str__(self) -> str:
        return self.title

    @property
    def is_safety(self) -> bool:
        return self.slug in self.safety_pages

    def clean(self) -> None:
        super().clean()
        if not self.piece and self.slug != "search":
            refuse_taken_address(f"/{self.slug}/", "page")

    def get_absolute_url(self) -> str:
        return reverse("home") if self.slug == "home" or self.piece else reverse("page", args=[self.slug])


class Source(Editable):
    """Where something in the guide comes from, or a book it names."""

    class Kind(models.TextChoices):
        ARTICLE = "article", "Article"
        EXPERT = "expert", "Expert"
        ORGANIZATION = "organization", "Organization"
        BOOK = "book", "Book"

    position = position_field()
    kind = models.CharField(max_length=20, choices=Kind)
    title = models.CharField(max_length=200)
    author = models.CharField(max_length=200, blank=True)
    publisher = models.CharField(max_length=200, blank=True)
    published = models.CharField(max_length=60, blank=True, help_text="Such as “March 7, 2022”.")
    url = models.URLField("web address", blank=True)

    class Meta(Editable.Meta):
        ordering = ("position", "id")
        permissions = (("publish_source", "Can publish sources"),)

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("page", args=["about"])


# Every kind of record, by the folder that a bundle keeps it in. A kind comes after those that it names.
KINDS: dict[str, type[Editable]] = {
    "sources": Source,
    "countries": Country,
    "sections": Section,
    "questions": Question,
    "tips": Tip,
    "flags": Flag,
    "signs": Sign,
    "help_lines": HelpLine,
    "pages": Page,
}
