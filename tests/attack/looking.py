"""Somebody's journal as its pages show it, whatever was done to the database below."""

import itertools
import re
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from uuid import UUID

from django.db import transaction
from django.test import Client
from django.urls import reverse

from journal import session
from tests.conftest import PASSWORD, Person

NEW = "nine loud cranes at dusk"
DAMAGED = "can’t be opened"
PAST = re.compile(r'<div class="past words" dir="auto">(.*?)</div>', re.DOTALL)


@dataclass
class Journal:
    """What a person wrote: the text at each address of a version, and every word of theirs that nobody else may see."""

    person: Person
    word: str
    cookies: dict[str, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    entries: list[str] = field(default_factory=list)
    others: tuple[str, ...] = ("Mallorysword", "Hersword")

    @classmethod
    def fill(cls, person: Person, word: str) -> "Journal":
        """Write two versions of an answer, one of another and a draft of it, and two of a free page."""
        made = cls(person, f"{word.capitalize()}word")
        page = f"/journal/pages/{UUID(int=abs(hash(word)) % 2**64)}/"
        for path, base in (("/journal/2/", 0), ("/journal/2/", 1), ("/journal/3/", 0), (page, 0), (page, 1)):
            made._write(path, base)
        draft = person.client.post(reverse("answer-draft", args=[3]), {"text": f"{made.word} draft", "base": 1})
        assert draft.status_code == 200
        made.entries = ["/journal/2/", "/journal/3/", page]
        made.cookies = {name: morsel.value for name, morsel in person.client.cookies.items()}
        return made

    def _write(self, path: str, base: int) -> None:
        text = f"{self.word} {path} {base + 1}"
        fields = {"text": text, "base": base, "title": f"{self.word} title {base}", "feeling": "settled"}
        if path.startswith("/journal/pages/") and not base:
            fields, to = {**fields, "entry": path.split("/")[3]}, reverse("new-page")
        else:
            to = path
        assert self.person.client.post(to, fields).status_code == 302
        self.texts[f"{path}history/{base + 1}/"] = text

    def browser(self) -> Client:
        """A tab of the browser in which this person is signed in and unlocked."""
        client = Client(raise_request_exception=False)
        for name, value in self.cookies.items():
            client.cookies[name] = value
        return client

    def vault(self) -> Any:
        opened = session.recall(self.browser().get(reverse("account")).wsgi_request)
        return opened.vault if opened else None

    def is_open(self) -> bool:
        return self.browser().get(reverse("journal")).status_code == 200

    def signs_in(self) -> bool:
        return self.sign_in() == 302

    def sign_in(self, password: str = PASSWORD) -> int:
        fields = {"username": self.person.user.username, "password": password}
        return Client(raise_request_exception=False).post(reverse("sign-in"), fields).status_code

    def recovers(self) -> bool:
        return self.recover() == 200

    def recover(self) -> int:
        fields = {"username": self.person.user.username, "recovery_key": self.person.recovery_key, "new_password": NEW}
        return Client(raise_request_exception=False).post(reverse("recover"), fields).status_code

    def save(self) -> int:
        fields = {"text": "one more", "base": 0}
        return self.browser().post("/journal/4/", fields).status_code

    def read(self) -> tuple[int, int] | None:
        """How many versions are shown as damaged and how many are not found; None behind a door.

        Every other one is shown as it was written, at its own address.
        """
        client, damaged, missing = self.browser(), 0, 0
        histories = [f"{path}history/" for path in self.entries]
        for path in ("/journal/", "/account/", "/account/sessions/", *self.entries, *histories):
            self._page(client, path)
        for path, text in self.texts.items():
            page = self._page(client, path)
            if page is None:
                return None
            shown = PAST.search(page)
            if DAMAGED in page or not page:
                damaged, missing = damaged + bool(page), missing + (not page)
                assert not shown or self.word not in shown[1]
            else:
                assert shown, (path, page)
                assert unescape(shown[1]) == text, path
        return damaged, missing

    def strays(self, entries: list[str], numbers: list[int]) -> list[str]:
        """Addresses of versions where words of theirs are shown that were not written there."""
        client, found = self.browser(), []
        for entry, number in itertools.product({*self.entries, *entries}, numbers):
            path = f"{entry}history/{number}/"
            shown = PAST.search(self._page(client, path) or "")
            if shown and shown[1] and unescape(shown[1]) != self.texts.get(path):
                found.append(path)
        return found

    def _page(self, client: Client, path: str) -> str | None:
        response = client.get(path)
        assert response.status_code in {200, 302, 404}, (path, response.status_code)
        page = response.content.decode()
        assert not any(word in page for word in self.others if word != self.word), path
        return {200: page, 302: None, 404: ""}[response.status_code]


def look(journal: Journal) -> dict[str, Any]:
    """Try everything that a person does; none of it lasts."""
    tries = {"journal": _status(journal), "texts": journal.read, "save": journal.save, "sign-in": journal.sign_in}
    found: dict[str, Any] = {}
    for name, work in {**tries, "recover": journal.recover}.items():
        with transaction.atomic():
            found[name] = work()
            transaction.set_rollback(True)
    return found


def _status(journal: Journal) -> Any:
    return lambda: journal.browser().get(reverse("journal")).status_code
