"""What the desk's log keeps of a deed: who did it, to what, and what was there before."""

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from guide.models import Image, Tip
from tests.guide.test_admin import desk, form, publisher  # noqa: F401
from tests.guide.test_images import upload

pytestmark = pytest.mark.django_db


def log() -> list[tuple[str, str, str]]:
    rows = LogEntry.objects.order_by("pk").values_list("user__username", "object_repr", "change_message")
    return [(str(who), str(what), str(said)) for who, what, said in rows]


def tip() -> Tip:
    return Tip.objects.originals().get(slug="be-open")


def test_a_change_is_kept_with_the_old_and_the_new_words(publisher: Client) -> None:  # noqa: F811
    before, url = tip().title, desk(Tip, tip().pk, "change")
    publisher.post(url, form(publisher, url, title="Zwiebelkuchen"))
    assert log() == [("publishers", "Zwiebelkuchen", f"Title: “{before}” → “Zwiebelkuchen”")]


def test_a_translation_that_was_begun_is_kept(publisher: Client) -> None:  # noqa: F811
    Tip.objects.filter(original=tip()).delete()
    publisher.post(desk(Tip), {"action": "translate", "_selected_action": [tip().pk]})
    made = Tip.objects.get(slug="be-open", language="es")
    assert log() == [("publishers", str(made), "Began a translation.")]
    publisher.post(desk(Tip), {"action": "translate", "_selected_action": [tip().pk]})
    assert len(log()) == 1


def test_a_link_for_a_reviewer_is_kept_without_the_link(publisher: Client) -> None:  # noqa: F811
    address = publisher.post(desk(Tip, tip().pk, "link")).context["address"]
    assert log() == [("publishers", str(tip()), "Made a link for a reviewer.")]
    assert address.split("/")[-2] not in str(log())


def test_a_picture_is_kept_from_its_upload_to_its_coming_back(publisher: Client) -> None:  # noqa: F811
    upload(publisher, slug="sea", alt="A sea")
    image, listed = Image.objects.get(), desk(Image) + "?state=archived"
    publisher.post(desk(Image, image.pk, "change"), {"alt": "The sea", "credit": ""})
    publisher.post(desk(Image, image.pk, "delete"), {"post": "yes"})
    publisher.post(listed, {"action": "bring_back", "_selected_action": [image.pk]})
    said = [message for _, _, message in log()]
    assert said[1] == "What it shows: “A sea” → “The sea”"
    assert said[3] == "Brought back from the archive."
    assert {(who, what) for who, what, _ in log()} == {("publishers", "sea")}
