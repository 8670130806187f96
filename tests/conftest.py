"""Two people: alice owns a journal, mallory has one of her own and must see nothing of alice's."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from guide import bundle, edition
from journal import accounts
from journal.models import User

PASSWORD = "seven quiet herons at dawn"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """The guide as it is shipped, loaded once."""
    with django_db_blocker.unblock():
        bundle.load()


@pytest.fixture(autouse=True)
def _guide_after_a_flush(request: pytest.FixtureRequest) -> None:
    """A test with real transactions empties every table when it ends; the next such test finds the guide again."""
    marker = request.node.get_closest_marker("django_db")
    if marker and marker.kwargs.get("transaction"):
        request.getfixturevalue("transactional_db")
        bundle.load()


@pytest.fixture(autouse=True)
def _fresh_edition(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each test has an edition of its own, and no look for a newer one falls into its counts of queries."""
    monkeypatch.setattr(edition, "CHECK_SECONDS", 3600.0)
    edition.forget()
    yield
    edition.forget()


@dataclass
class Person:
    """Somebody with a journal, their vault opened, and a browser in which they are signed in and unlocked."""

    user: User
    recovery_key: str
    client: Client = field(default_factory=Client)
    password: str = PASSWORD

    @property
    def vault(self) -> Any:
        return self.user.vault

    def sign_in(self, client: Client | None = None) -> Client:
        client = client or self.client
        response = client.post(reverse("sign-in"), {"username": self.user.username, "password": self.password})
        assert response.status_code == 302
        return client

    def write(self, number: int, text: str, base: int = 0, **fields: Any) -> Any:
        return self.client.post(reverse("answer", args=[number]), {"text": text, "base": base, **fields})


def make_person(name: str) -> Person:
    user, key = accounts.join(name, PASSWORD)
    person = Person(user, key)
    person.sign_in()
    return person


@pytest.fixture
def alice(db: None) -> Person:
    return make_person("alice")


@pytest.fixture
def mallory(db: None) -> Person:
    return make_person("mallory")


@pytest.fixture
def editor(db: None) -> User:
    return User.objects.create_superuser("edith", PASSWORD)
