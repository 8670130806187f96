"""Which pages the guide has, and what stands on each.

`Guide` is everything readers can see, as one value; `pages` says at which address each part of it appears,
through which template and with what. `edition` turns that into bytes.
"""

import json
import operator
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import groupby
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.utils.safestring import SafeString, mark_safe

from . import rendering
from .language import CODES, ORIGINAL, current
from .language import address as in_language
from .models import HOME_COUNTRY, KINDS, Country, Flag, HelpLine, Page, Question, Section, Sign, Source, Tip
from .publishing import Editable, told_in

NAME = "Either Way"

Records = Mapping[type[Editable], Sequence[Any]]


def read() -> Records:
    """Read the versions that readers see, in every language; a query for each kind of record."""
    return {model: model._rows().pinned() for model in KINDS.values()}


def read_with(record: Editable) -> Records:
    """Read what readers would see if a record, saved or not, were live as it is."""
    records = {model: list(versions) for model, versions in read().items()}
    kind = type(record)
    others = [version for version in records[kind] if version.pk != record.pk or record.pk is None]
    place = operator.attrgetter(*[str(name) for name in kind._meta.ordering or () if name != "id"])
    return {**records, kind: sorted([*others, record], key=place)}


@dataclass(frozen=True)
class Part:
    """A section as it stands in the guide: with its number and its list."""

    number: int
    section: Section
    items: Sequence[Any]

    @property
    def minutes(self) -> int:
        return rendering.reading_minutes(self.section.words + sum(item.words_in_list for item in self.items))

    @property
    def url(self) -> str:
        return self.section.get_absolute_url()


@dataclass(frozen=True)
class Guide:
    """Everything readers can see."""

    parts: Sequence[Part]
    questions: Sequence[Question]
    signs: Sequence[Sign]
    countries: Sequence[Country]
    help_lines: Sequence[HelpLine]
    pages: Mapping[str, Page]
    sources: Sequence[Source]

    @classmethod
    def live(cls) -> "Guide":
        """Read what readers see, in the original language."""
        return cls.of(read(), ORIGINAL)

    @classmethod
    def of(cls, records: Records, language: str) -> "Guide":
        """Put records together as they are told in a language; what isn't translated stays in the original's."""

        def told(model: type[Any]) -> list[Any]:
            return told_in(records[model], language)

        questions, signs, sources = told(Question), told(Sign), told(Source)
        lists: dict[str, Sequence[Any]] = {
            Section.List.NONE: (),
            Section.List.SIGNS: [sign for sign in signs if sign.group == Sign.Group.EVERYDAY],
            Section.List.QUESTIONS: questions,
            Section.List.TIPS: told(Tip),
            Section.List.FLAGS: told(Flag),
            Section.List.BOOKS: [source for source in sources if source.kind == Source.Kind.BOOK],
        }
        return cls(
            parts=[Part(n, section, lists[section.shows]) for n, section in enumerate(told(Section), 1)],
            questions=questions,
            signs=signs,
            countries=told(Country),
            help_lines=told(HelpLine),
            pages={page.slug: page for page in told(Page)},
            sources=sources,
        )

    @property
    def minutes(self) -> int:
        return sum(part.minutes for part in self.parts)

    @property
    def records_with_addresses(self) -> list[Any]:
        """What has a page of its own whose address may change."""
        return [*(part.section for part in self.parts), *(page for page in self.pages.values() if not page.piece)]

    @property
    def question_part(self) -> Part | None:
        return next((part for part in self.parts if part.section.shows == Section.List.QUESTIONS), None)

    @property
    def home_country(self) -> Country | None:
        return next((country for country in self.countries if country.slug == HOME_COUNTRY), None)

    def lines_of(self, country: Country | None) -> list[HelpLine]:
        return [line for line in self.help_lines if country and line.country == country.slug]

    @property
    def home_lines(self) -> list[HelpLine]:
        return self.lines_of(self.home_country)

    @property
    def sign_groups(self) -> list[tuple[str, list[Sign]]]:
        """The safety check's rows in their groups, groups in the order in which they are declared."""
        order = Sign.Group.values
        signs = sorted(self.signs, key=lambda sign: order.index(sign.group))
        return [(Sign.Group(group).label, list(rows)) for group, rows in groupby(signs, lambda sign: sign.group)]


@dataclass(frozen=True)
class PageSpec:
    """One page: its address, and the template and context that make it."""

    path: str
    template: str
    context: Mapping[str, Any]
    content_type: str = "text/html; charset=utf-8"


def pages(guide: Guide) -> Iterator[PageSpec]:
    """Yield every page of the guide in the language that is spoken now."""
    yield from _parts(guide)
    yield _whole(guide)
    yield from _questions(guide)
    yield from _help(guide)
    yield from _single_pages(guide)


def _parts(guide: Guide) -> Iterator[PageSpec]:
    around = [None, *guide.parts, None]
    for index, part in enumerate(guide.parts, 1):
        named = part.section.source_slugs
        sources = [source for source in guide.sources if source.slug in named and source not in part.items]
        context = {
            "part": part,
            "guide": guide,
            "previous": around[index - 1],
            "next": around[index + 1],
            "sources": sources,
            "structured": _article(part),
        }
        yield PageSpec(part.url, "guide/section.html", context)


def _whole(guide: Guide) -> PageSpec:
    """The guide on one page: below the title of a part its text's headings, below these the items of its list."""

    def lowered(part: Part) -> Part:
        items = [item.lowered(3, current()) for item in part.items]
        return replace(part, section=part.section.lowered(1, current()), items=items)

    parts = [lowered(part) for part in guide.parts]
    named = {slug for part in parts for slug in part.section.source_slugs}
    sources = [source for source in guide.sources if source.slug in named]
    context = {"guide": guide, "page": guide.pages.get("home"), "parts": parts, "sources": sources}
    return PageSpec(reverse("whole-guide"), "guide/all.html", context)


def _questions(guide: Guide) -> Iterator[PageSpec]:
    part = guide.question_part
    if not part:
        return
    around = [None, *guide.questions, None]
    for place, question in enumerate(guide.questions, 1):
        context = {
            "question": question,
            "place": place,
            "part": part,
            "guide": guide,
            "previous": around[place - 1],
            "next": around[place + 1],
        }
        yield PageSpec(question.get_absolute_url(), "guide/question.html", context)


def _help(guide: Guide) -> Iterator[PageSpec]:
    for country in guide.countries:
        context = {"country": country, "lines": guide.lines_of(country), "guide": guide}
        yield PageSpec(country.get_absolute_url(), "guide/country.html", context)


# Pages that need more than their text. Any other page goes through guide/page.html.
_TEMPLATES = {
    "home": "guide/home.html",
    "about": "guide/about.html",
    "check": "guide/check.html",
    "display": "guide/display.html",
    "help": "guide/help.html",
    "search": "guide/search.html",
}


def _single_pages(guide: Guide) -> Iterator[PageSpec]:
    for slug, page in guide.pages.items():
        if not page.piece:
            template = _TEMPLATES.get(slug, "guide/page.html")
            yield PageSpec(page.get_absolute_url(), template, {"page": page, "guide": guide})


def machine_pages(guide: Guide) -> Iterator[PageSpec]:
    """Yield what only machines read. It is in no language."""

    def absolute(path: str) -> str:
        return settings.SITE_URL + path

    entries = [(part.url, part.section.edited_at) for part in guide.parts]
    entries += [(country.get_absolute_url(), country.edited_at) for country in guide.countries]
    entries += [
        (page.get_absolute_url(), page.edited_at)
        for page in guide.pages.values()
        if not page.piece and page.slug not in {"check", "display", "search"}
    ]
    told = [(edited, [(code, absolute(in_language(path, code))) for code in CODES]) for path, edited in sorted(entries)]
    xml = "application/xml; charset=utf-8"
    text = "text/plain; charset=utf-8"
    yield PageSpec("/sitemap.xml", "guide/sitemap.xml", {"entries": told}, xml)
    yield PageSpec("/robots.txt", "guide/robots.txt", {"sitemap": absolute("/sitemap.xml")}, text)
    # The same in every process. A site that runs for a year without a publication or a restart outlives it.
    month = timezone.now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    security = {
        "site_url": settings.SITE_URL,
        "contact": settings.SECURITY_CONTACT,
        "expires": month + timedelta(days=365),
    }
    yield PageSpec("/.well-known/security.txt", "guide/security.txt", security, text)
    yield PageSpec("/feed.xml", "guide/feed.xml", {"feed": _feed(guide)}, "application/atom+xml; charset=utf-8")


def _feed(guide: Guide) -> SafeString:
    feed = Atom1Feed(NAME, settings.SITE_URL + "/", "Changes to the guide.", feed_url=settings.SITE_URL + "/feed.xml")
    for part in sorted(guide.parts, key=lambda part: part.section.edited_at, reverse=True):
        section, link = part.section, settings.SITE_URL + part.url
        feed.add_item(section.title, link, section.lead, unique_id=link, updateddate=section.edited_at)
    return mark_safe(feed.writeString("utf-8"))  # noqa: S308 - XML that the feed generator escaped


def _article(part: Part) -> SafeString:
    """Return schema.org data of a part, as JSON that can't end the script element it stands in."""
    site, url = settings.SITE_URL, settings.SITE_URL + part.url
    article = {
        "@type": "Article",
        "headline": part.section.title,
        "description": part.section.summary,
        "url": url,
        "dateModified": part.section.edited_at.isoformat(),
        "inLanguage": part.section.language,
        "isPartOf": {"@type": "WebSite", "name": NAME, "url": site + "/"},
    }
    crumbs = {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": 1, "name": NAME, "item": site + "/"},
            {"@type": "ListItem", "position": 2, "name": part.section.title, "item": url},
        ],
    }
    data = json.dumps({"@context": "https://schema.org", "@graph": [article, crumbs]}, ensure_ascii=False)
    safe = data.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return mark_safe(safe)  # noqa: S308 - every character that HTML knows was escaped
