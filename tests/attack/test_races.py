"""Doors and changes at the same moment, each in a thread with a connection of its own to one database.

`make test-postgres` runs them too: there two statements really run at the same time.
"""

import random
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from guide.models import Tip
from journal.models import User
from tests.attack.deeds import NEW, OLD, sent
from tests.guide.test_admin import desk, form

pytestmark = [pytest.mark.attack, pytest.mark.django_db(transaction=True)]
ROUNDS = 12
OTHER = "eleven patient owls by moonlight"
CHEAP, DEARER = (19 * 1024, 2, 1), (20 * 1024, 2, 1)


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Run each work in a thread, begun at the same moment give or take a hash; return what they returned."""
    barrier = threading.Barrier(len(works))
    results: list[Any] = [None] * len(works)

    def run(place: int, work: Callable[[], Any]) -> None:
        try:
            barrier.wait()
            time.sleep(random.uniform(0, 0.08))
            results[place] = work()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def joined(name: str, settings: Settings) -> Client:
    """Somebody whose slot is made anew at the next sign-in: the site has become dearer since."""
    settings.JOURNAL_KDF_COST = CHEAP
    client = Client()
    assert sent(client, "join", username=name, password=OLD).status_code == 200
    assert sent(client, "answer", 2, text="hers", base=0).status_code == 302
    settings.JOURNAL_KDF_COST = DEARER
    return client


def signing_in(name: str, password: str = OLD) -> Callable[[], tuple[Client, int]]:
    def sign_in() -> tuple[Client, int]:
        client = Client()
        return client, sent(client, "sign-in", username=name, password=password).status_code

    return sign_in


def changing(client: Client, new: str, **more: str) -> Callable[[], int]:
    return lambda: sent(client, "password", password=OLD, new_password=new, **more).status_code


def opens(name: str, password: str) -> bool:
    return signing_in(name, password)()[1] == 302


def leads(client: Client) -> str:
    """Where the journal leads this browser: nowhere else if it is open."""
    return client.get(reverse("journal")).headers.get("Location", "open")


@pytest.mark.parametrize("more", [{}, {"lock_out": "on"}], ids=["rewrap", "rotate"])
def test_a_sign_in_that_races_a_new_password_never_brings_the_old_one_back(
    more: dict[str, str], settings: Settings
) -> None:
    came_in = 0
    for number in range(ROUNDS):
        name = f"racer{number}"
        hers = joined(name, settings)
        changed, *guests = at_once(changing(hers, NEW, **more), signing_in(name), signing_in(name))
        if changed == 403:  # a guest's sign-in made the dearer slot first, which ends sessions made with the one before
            hers = signing_in(name)()[0]
            changed = changing(hers, NEW, **more)()
        assert changed == 200
        assert {status for _, status in guests} <= {302, 403, 422}  # 403: in, and out again before the answer
        for guest, status in guests:
            came_in += status == 302
            assert leads(guest).startswith("/sign-in/")
        assert (opens(name, OLD), opens(name, NEW), leads(hers)) == (False, True, "open")
        assert "hers" in hers.get(reverse("answer", args=[2])).content.decode()
    assert came_in > 0


def test_of_two_new_passwords_at_once_exactly_one_stands(settings: Settings) -> None:
    for number in range(ROUNDS):
        name = f"racer{number}"
        one = joined(name, settings)
        other = signing_in(name)()[0]
        more = {"lock_out": "on"} if number % 2 else {}
        answers = at_once(changing(one, NEW, **more), changing(other, OTHER))
        assert 200 in answers
        assert set(answers) <= {200, 302, 403, 422}
        standing = [opens(name, NEW), opens(name, OTHER)]
        assert (opens(name, OLD), sorted(standing)) == (False, [False, True])
        assert [leads(client) == "open" for client in (one, other)] == standing, answers


def test_of_two_editors_who_save_at_once_one_saves_and_the_other_sees_what_changed() -> None:
    tip = Tip.objects.originals().get(slug="be-open")
    url = desk(Tip, tip.pk, "change")
    editors = [Client(), Client()]
    for number, client in enumerate(editors):
        client.force_login(User.objects.create_superuser(f"editor{number}", OLD))
    for number in range(ROUNDS):
        versions = tip.history.count()
        forms = [form(client, url, body=f"round {number} of {who}") for who, client in enumerate(editors)]
        statuses = at_once(*(partial(saving, *each) for each in zip(editors, [url] * 2, forms, strict=True)))
        assert sorted(statuses) == [200, 302]
        assert tip.history.count() == versions + 1
        tip.refresh_from_db()
        assert tip.body == f"round {number} of {statuses.index(302)}"


def saving(client: Client, url: str, fields: dict[str, Any]) -> int:
    return client.post(url, fields).status_code
