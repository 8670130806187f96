"""The whole guide on one page: every part in order, its headings below its title, links that lead somewhere."""

import re
from html import unescape

import pytest
from django.test import Client

from guide import edition, rendering
from guide.models import Question, Section, Tip

pytestmark = pytest.mark.django_db

HEADING = re.compile(r"<h(\d)[^>]*>(.*?)</h\d>", re.DOTALL)


def whole(language: str = "") -> str:
    return edition.current().pages[f"{language}/guide/all/"].body.decode()


def headings(html: str) -> list[tuple[int, str]]:
    return [(int(level), rendering.plain_text(words)) for level, words in HEADING.findall(html)]


def part(number: int, language: str = "") -> str:
    return whole(language).split(f'<article id="part-{number}"')[1].split("</article>")[0]


def test_it_says_what_it_is_and_leaves_its_rank_to_the_first_page() -> None:
    assert "<title>Either Way: the whole guide</title>" in whole()
    assert re.findall(r'<link rel="canonical" href="https?://[^/]*([^"]*)">', whole()) == ["/"]
    assert "/guide/all/" not in Client().get("/sitemap.xml").content.decode()
    assert 'href="/guide/all/">Read or print the whole guide on one page<' in Client().get("/").content.decode()


def test_the_parts_stand_in_order_and_the_contents_lead_to_them() -> None:
    parts = edition.current().guide.parts
    contents = re.findall(r'<li><a href="#(part-\d)">(.*?)</a>', whole())
    assert contents == [(f"part-{part.number}", part.section.title) for part in parts]
    assert re.findall(r'<article id="(.*?)"', whole()) == [place for place, _ in contents]


def test_what_is_a_heading_on_the_page_of_a_part_is_one_level_lower_here() -> None:
    page = Client().get("/guide/reaching-out/").content.decode()
    on_its_page = headings(page.split("<main")[1].split('<div class="sources">')[0])
    assert [level for level, _ in on_its_page] == [1, 2, 2, 3, 3, 3, 3, 2]
    assert headings(part(4)) == [(level + 1, words) for level, words in on_its_page]


def test_headings_of_any_text_stand_below_the_title_it_belongs_to() -> None:
    section, tip = Section.objects.originals().get(slug="reaching-out"), Tip.objects.originals().get(slug="be-open")
    section.body = "# One\n\n### Two\n\n::: note Box\nText\n:::\n\n{list}\n\n##### Three"
    tip.body = "## In a tip\n\n#### Deeper"
    for record in (section, tip):
        record.save()
        record.publish()
    edition.forget()
    found = headings(part(4))
    assert found[1:4] == [(3, "One"), (4, "Two"), (3, "Box")]
    place = found.index((4, tip.title))
    assert found[place + 1 : place + 3] == [(5, "In a tip"), (6, "Deeper")]
    assert found[-1] == (5, "Three")
    own = Client().get("/guide/reaching-out/").content.decode()
    assert "<h2>One</h2>" in own
    assert "<h4>Three</h4>" in own


def test_a_question_comes_with_all_that_its_page_says() -> None:
    text, html = rendering.plain_text(part(3)), unescape(part(3))
    for question in Question.objects.live():
        assert f">{question.prompt}</a></h4>\n<p>{question.summary}</p>" in html
        assert rendering.plain_text(question.body_html) in text
        for line in [*question.follow_ups.splitlines(), *question.starters.splitlines()]:
            assert f"<li>{line}</li>" in html


def test_it_ends_with_people_to_talk_to_and_the_sources_that_parts_name() -> None:
    end, guide = whole().split("</article>")[-1], edition.current().guide
    assert headings(end) == [
        (2, "People you can talk to: United States"),
        (3, "In danger now"),
        *[(3, line.name) for line in guide.home_lines],
        (2, "Where this comes from"),
    ]
    named = {slug for part in guide.parts for slug in part.section.source_slugs}
    assert end.split('<div class="sources">')[1].split("</div>")[0].count("<li>") == len(named) > 0


def test_the_spanish_page_has_the_same_levels_and_leads_to_spanish_pages() -> None:
    assert [level for level, _ in headings(whole("/es"))] == [level for level, _ in headings(whole())]
    inner = re.findall(r'<a [^>]*href="(/(?!leave/)[^"]*)"', whole("/es"))
    assert [path for path in inner if not path.startswith("/es/")] == ["/guide/all/"]  # the way to English


def test_a_part_without_a_translation_says_so_and_is_marked_as_english() -> None:
    for slug in ("why-it-ended", "are-you-ready"):
        Section.objects.get(slug=slug, language="es").unpublish()
    edition.forget()
    assert [each.section.slug for each in edition.current().guides["es"].parts][1] == "when-to-walk-away"
    assert [part(number, "/es")[:11] for number in (1, 2, 3)] == [' lang="en">', ' lang="es">', ' lang="en">']
    assert ["Aquí está en inglés." in part(number, "/es") for number in (1, 2, 3)] == [True, False, True]


def test_the_notice_of_a_translated_part_leads_to_spanish_pages() -> None:
    for path in ("/es/guide/all/", "/es/guide/when-to-walk-away/"):
        html = edition.current().pages[path].body.decode()
        assert re.findall(r'class="notice">Esta parte.*?href="(.*?)"', html) == ["/es/help/"]
