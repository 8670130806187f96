"""The editors' desk: who may save, who may publish, and what nobody may do."""

import re
from copy import copy
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import models
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from guide import edition
from guide.admin import EditableAdmin
from guide.bundle import KINDS
from guide.desk.asking import PUBLISHED
from guide.models import Country, Editable, Flag, HelpLine, Image, Page, Question, Section, Sign, Source, Tip
from guide.publishing import Publication
from journal.models import User

pytestmark = pytest.mark.django_db
MODELS = list(KINDS.values())
NEW_TIP = {"title": "Zwiebelkuchen", "slug": "new", "position": 9, "body": "Some *words*."}


def member(group: str) -> Client:
    user = User.objects.create(username=group.lower(), is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def drafter(db: None) -> Client:
    return member("Editors")


@pytest.fixture
def publisher(db: None, monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setattr(edition, "CHECK_SECONDS", 0.0)  # a publication is seen at once
    return member("Publishers")


def desk(model: type[models.Model], *rest: object) -> str:
    return "/".join(["/manage", model._meta.app_label, str(model._meta.model_name), *map(str, rest), ""])


def form(client: Client, url: str, **changes: Any) -> dict[str, Any]:
    """What a browser would send of a form, with changes."""
    shown = client.get(url).context["adminform"].form
    values = {name: shown[name].value() for name in shown.fields}
    return {name: value for name, value in values.items() if value not in (None, False)} | changes


def rows(model: type[Editable], **first: Any) -> dict[str, Any]:
    """What a browser would send of a list, with changes in its first row."""
    records = model.objects.originals().order_by(*model._meta.ordering)
    data = {"form-TOTAL_FORMS": len(records), "form-INITIAL_FORMS": len(records), "_save": "Save"}
    for number, record in enumerate(records):
        data |= {f"form-{number}-id": record.pk, f"form-{number}-position": record.position}
    return data | {f"form-0-{name}": value for name, value in first.items()}


def live() -> dict[str, Any]:
    """What readers see of everything, and the number of the edition."""
    seen: dict[str, Any] = {kind: [str(row) for row in model.objects.live()] for kind, model in KINDS.items()}
    return seen | {"edition": Publication.objects.latest("pk").pk}


def states(client: Client, query: str = "") -> list[str]:
    return re.findall(r'field-state">(.*?)</td>', client.get(desk(Tip) + query).content.decode())


def read(path: str) -> str:
    response = Client().get(path)
    assert response.status_code == 200
    return response.content.decode()


def actions(client: Client, model: type[Editable]) -> list[str]:
    shown = client.get(desk(model)).context["action_form"]
    return [value for value, _ in shown.fields["action"].choices if value] if shown else []


def publish_in_every_way(client: Client, tip: Tip) -> None:
    """Send all that publishes, one after the other: buttons, actions, an old version."""
    url = desk(Tip, tip.pk, "change")
    client.post(url, form(client, url, title="By button", _publish="Save and publish"))
    client.post(desk(Tip, "add"), {**NEW_TIP, "_publish": "Save and publish"})
    client.post(desk(Tip), {"action": "publish", "_selected_action": [row.pk for row in Tip.objects.all()]})
    client.post(desk(Tip), {**rows(Tip, position=5), "_publish": "Save and publish"})
    client.post(desk(Tip, tip.pk, "history", tip.history.earliest().pk, "restore"), {"_publish": "x"})
    client.post(
        desk(Tip), {"action": "unpublish", "_selected_action": [Tip.objects.originals().get(slug="be-gentle").pk]}
    )


def test_an_editor_saves_what_readers_do_not_see(drafter: Client) -> None:
    before = live()
    tip = Tip.objects.originals().get(slug="be-open")
    url = desk(Tip, tip.pk, "change")
    assert drafter.post(url, form(drafter, url, title="A draft")).status_code == 302
    assert drafter.post(desk(Tip, "add"), NEW_TIP).status_code == 302
    titles = [Tip.objects.originals().get(slug=slug).title for slug in ("be-open", "new")]
    assert titles == ["A draft", "Zwiebelkuchen"]
    assert [str(version.history_user) for version in Tip.objects.originals().get(slug="new").history.all()] == [
        "editors"
    ]
    assert live() == before


def test_an_editor_is_shown_no_way_to_publish_and_a_forged_one_publishes_nothing(
    drafter: Client, publisher: Client
) -> None:
    before = live()
    tip = Tip.objects.originals().get(slug="be-open")
    button = 'name="_publish"'
    pages = [desk(Tip, tip.pk, "change"), desk(Tip, "add")]
    assert [drafter.get(page).content.decode().count(button) for page in pages] == [0, 0]
    assert [publisher.get(page).content.decode().count(button) for page in pages] == [2, 2]
    assert (actions(drafter, Tip), actions(drafter, Section)) == (["delete_selected", "translate"], ["translate"])
    publish_in_every_way(drafter, tip)
    saved = Tip.history.filter(title__in=["By button", "Zwiebelkuchen"]).values_list("title", flat=True)
    assert set(saved) == {"By button", "Zwiebelkuchen"}
    assert live() == before


def test_the_same_requests_publish_when_a_publisher_sends_them(publisher: Client) -> None:
    number = Publication.objects.count()
    publish_in_every_way(publisher, Tip.objects.originals().get(slug="be-open"))
    assert live()["tips"] == ["Let their answer be theirs", "Let others support you", "By button", "Zwiebelkuchen"]
    assert Publication.objects.count() == number + 5


def test_a_publisher_publishes_by_button_by_action_and_takes_off_the_site(publisher: Client) -> None:
    tip = Tip.objects.originals().get(slug="be-open")
    url, number = desk(Tip, tip.pk, "change"), Publication.objects.count()
    response = publisher.post(url, form(publisher, url, title="By button", _publish="Save and publish"), follow=True)
    assert PUBLISHED in [str(message) for message in response.context["messages"]]
    assert "By button" in read("/guide/reaching-out/")
    assert "unpublish" in actions(publisher, Section)
    for row in Tip.objects.originals():
        row.title = f"{row.slug}, by action"
        row.save()
    chosen = {"_selected_action": [tip.pk, Tip.objects.originals().get(slug="be-gentle").pk]}
    publisher.post(desk(Tip), {"action": "publish", **chosen})
    assert re.findall(r"([\w-]+), by action", read("/guide/reaching-out/")) == ["be-open", "be-gentle"]
    publisher.post(desk(Tip), {"action": "unpublish", **chosen})
    assert "by action" not in read("/guide/reaching-out/")
    assert (Tip.objects.originals().count(), Publication.objects.count()) == (4, number + 3)


def test_the_list_says_what_readers_see_and_filters_by_it(publisher: Client) -> None:
    assert states(publisher) == ["live"] * 4
    Tip.objects.originals().get(slug="be-open").unpublish()
    Tip.objects.originals().get(slug="be-gentle").save()
    assert states(publisher) == ["draft", "live", "live + draft", "live"]
    assert states(publisher, "?state=draft") == ["draft"]
    assert states(publisher, "?state=changed") == ["live + draft"]
    assert states(publisher, "?state=live") == ["live", "live"]


def test_a_new_order_is_a_draft_until_it_is_published(publisher: Client) -> None:
    before = live()
    publisher.post(desk(Tip), rows(Tip, position=99))
    assert states(publisher) == ["live", "live", "live", "live + draft"]
    assert live() == before


def test_short_names_and_numbers_are_fixed_once_they_are_chosen(publisher: Client) -> None:
    for model in MODELS:
        record = model.objects.originals().first()
        new = publisher.get(desk(model, "add")).context["adminform"].form.fields
        old = publisher.get(desk(model, record.pk, "change")).context["adminform"].form.fields
        fixed = {Question: {"slug", "number"}, Section: set()}.get(model, {"slug"})
        assert new.keys() - old.keys() == fixed, model
    question = Question.objects.originals().get(number=1)
    url = desk(Question, question.pk, "change")
    publisher.post(url, form(publisher, url, prompt="Reworded?", slug="forged", number=99))
    assert list(Question.objects.filter(prompt="Reworded?").values_list("slug", "number")) == [("commitment", 1)]


@pytest.mark.parametrize("model", [Section, Question, Page, Flag, Country, Source])
def test_what_others_point_to_can_not_be_deleted(publisher: Client, model: type[Editable]) -> None:
    record, number = model.objects.originals().first(), model.objects.originals().count()
    assert actions(publisher, model) == ["publish", "unpublish", "together", "translate"]
    url = desk(model, record.pk, "delete")
    assert [publisher.get(url).status_code, publisher.post(url, {"post": "yes"}).status_code] == [403, 403]
    publisher.post(desk(model), {"action": "delete_selected", "_selected_action": [record.pk], "post": "yes"})
    assert model.objects.originals().count() == number


def test_a_tip_can_be_deleted_and_the_page_changes(publisher: Client) -> None:
    assert "Say openly what you hope for" in read("/guide/reaching-out/")
    publisher.post(desk(Tip, Tip.objects.originals().get(slug="be-open").pk, "delete"), {"post": "yes"})
    assert "Say openly what you hope for" not in read("/guide/reaching-out/")
    others = [row.pk for row in Tip.objects.all()]
    publisher.post(desk(Tip), {"action": "delete_selected", "_selected_action": others, "post": "yes"})
    assert read("/guide/reaching-out/").count("<li><span class") == 0
    assert states(publisher) == []
    assert states(publisher, "?state=archived") == ["archived"] * 4


def test_what_was_deleted_is_in_the_archive_and_comes_back_as_it_was(publisher: Client) -> None:
    tip = Tip.objects.originals().get(slug="be-open")
    words = Tip.objects.filter(pk=tip.pk).values().get()
    publisher.post(desk(Tip, tip.pk, "delete"), {"post": "yes"})
    publisher.post(desk(Tip) + "?state=archived", {"action": "bring_back", "_selected_action": [tip.pk]})
    assert states(publisher)[0] == "draft"
    assert Tip.objects.filter(pk=tip.pk).values().get() == {**words, "live": None}
    publisher.post(desk(Tip), {"action": "publish", "_selected_action": [tip.pk]})
    assert "Say openly what you hope for" in read("/guide/reaching-out/")


def test_a_record_that_was_translated_goes_into_the_archive_with_its_translation(publisher: Client) -> None:
    sign = Sign.objects.originals().get(slug="choking")
    both = Sign.objects.filter(slug="choking")
    both.unpublish()
    page = publisher.get(desk(Sign, sign.pk, "delete"))
    assert page.context["protected"] == []
    publisher.post(desk(Sign, sign.pk, "delete"), {"post": "yes"})
    assert [row.archived_at is None for row in both] == [False, False]


@pytest.mark.parametrize("model", [Tip, HelpLine, Sign])
def test_an_editor_can_not_take_off_the_site_by_deleting(drafter: Client, model: type[Editable]) -> None:
    before = live()
    drafter.post(desk(model, model.objects.originals().first().pk, "delete"), {"post": "yes"})
    chosen = [model.objects.originals().last().pk]
    drafter.post(desk(model), {"action": "delete_selected", "_selected_action": chosen, "post": "yes"})
    assert live() == before


def test_an_editor_can_delete_what_readers_do_not_see(drafter: Client) -> None:
    drafter.post(desk(Tip, "add"), NEW_TIP)
    drafter.post(desk(Tip, Tip.objects.originals().get(slug="new").pk, "delete"), {"post": "yes"})
    assert states(drafter, "?state=archived") == ["archived"]
    assert states(drafter) == ["live"] * 4


def test_records_with_a_page_of_their_own_link_to_it(publisher: Client) -> None:
    for model in MODELS:
        record = model.objects.originals().last()
        page = publisher.get(desk(model, record.pk, "change")).content.decode()
        links = re.findall(r'href="([^"]+)" class="viewsitelink"', page)
        assert len(links) == hasattr(model, "get_absolute_url"), model
        for link in links:
            target = publisher.get(link)
            assert (target.status_code, target["Location"]) == (302, f"http://testserver{record.get_absolute_url()}")
            assert Client().get(record.get_absolute_url()).status_code == 200


def test_the_history_leads_from_each_save_to_what_it_changed(publisher: Client) -> None:
    tip = Tip.objects.originals().get(slug="be-open")
    url, first = desk(Tip, tip.pk, "change"), tip.history.latest().pk
    for number in range(2):
        publisher.post(url, form(publisher, url, title=f"Title {number}", _publish="x"))
    second, third = reversed(tip.history.values_list("history_id", flat=True)[:2])
    history = publisher.get(desk(Tip, tip.pk, "history")).content.decode()
    steps = [f"from={second}&amp;to={third}", f"from={first}&amp;to={second}"]
    assert re.findall(r'href="compare/\?(.*?)"', history) == steps
    assert [who for who in re.findall(r"<td>(\w+)</td>", history) if who in {"publishers", "nobody"}] == [
        "publishers", "publishers", "nobody",
    ]  # fmt: skip


def test_a_long_history_goes_on_over_several_pages(publisher: Client) -> None:
    tip = Tip.objects.originals().get(slug="be-open")
    for _ in range(60):
        tip.save()
    pages = [publisher.get(desk(Tip, tip.pk, "history") + f"?p={number}").content.decode() for number in (1, 2, "x")]
    assert [page.count('name="from"') for page in pages] == [50, 11, 50]
    assert [page.count('href="compare/') for page in pages] == [50, 10, 50]
    assert [("Older" in page, "Newer" in page) for page in pages] == [(True, False), (False, True), (True, False)]


def test_a_part_sent_by_a_browser_is_saved_with_its_list(publisher: Client) -> None:
    url = desk(Section, Section.objects.originals().get(slug="reaching-out").pk, "change")
    for body in ("No list.", "Not {list} alone."):
        refused = publisher.post(url, form(publisher, url, body=body))
        assert refused.context["adminform"].form.errors.keys() == {"body"}
    publisher.post(url, form(publisher, url, body="One.\r\n\r\n{list}\r\n\r\nTwo.\r\nThree.", _publish="x"))
    assert Section.objects.originals().get(slug="reaching-out").body == "One.\n\n{list}\n\nTwo.\nThree."
    assert re.search(r"<p>One.</p>\s*<ol.*</ol>\s*<p>Two.\nThree.</p>", read("/guide/reaching-out/"), re.DOTALL)


LISTS = {HelpLine: 10}  # queries of a list that asks more than the others: its filter of dates


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("count", [1, 30])
def test_a_list_of_one_and_of_thirty_records_ask_the_same(
    publisher: Client, model: type[Editable], count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    first = model.objects.originals().first()
    model.objects.exclude(pk=first.pk).update(archived_at=timezone.now())
    for number in range(1, count):
        again = copy(first)
        again.pk, again._state.adding, again.slug = None, True, f"copy-{number}"
        if model is Question:
            again.number = 100 + number
        again.save()
    publisher.get("/manage/")  # remembers, once a minute, that somebody is there
    with django_assert_num_queries(LISTS.get(model, 7)):
        shown = publisher.get(desk(model))
    assert len(shown.context["cl"].result_list) == count


@pytest.mark.parametrize("model", MODELS)
def test_every_list_and_form_opens_with_few_queries(
    publisher: Client, model: type[Editable], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    record = model.objects.originals().first()
    for _ in range(3):
        record.save()  # a longer history costs no more
    publisher.get("/manage/")  # remembers, once a minute, that somebody is there
    pages = {"?q=a": LISTS.get(model, 7), "?state=live": LISTS.get(model, 7), "add/": 5}
    # Fifteen of a form's are asked by the checks: where a link inside the site can lead.
    pages |= {f"{record.pk}/change/": 23, f"{record.pk}/history/": 8}
    for page, most in pages.items():
        with django_assert_max_num_queries(most):
            assert publisher.get(desk(model) + page).status_code == 200


def test_every_kind_of_record_is_at_the_desk_and_of_the_journal_only_people() -> None:
    ours = {m: a for m, a in admin.site._registry.items() if m._meta.app_label in {"guide", "journal"}}
    assert ours.keys() == {*MODELS, Image, User}
    for model in MODELS:
        assert isinstance(ours[model], EditableAdmin)
        assert (len(ours[model].list_display) > 3, len(ours[model].search_fields) > 1) == (True, True), model
