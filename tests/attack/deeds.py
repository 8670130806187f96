"""What a person does on the site, each through the real views; and the site on which they do it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from tools.visitor import KEY

OLD, NEW = "seven quiet herons at dawn", "nine loud cranes at dusk"
IN_FLIGHT = "was being saved when it happened"
PAGE = "3" * 32  # the id of a free page in flight

State = dict[str, Any]


def browser() -> Client:
    return Client(SERVER_NAME="localhost")


def key_in(response: Any) -> str:
    """The recovery key that a page shows."""
    assert response.status_code == 200, response.status_code
    found = KEY.search(response.content.decode())
    assert found, "This page shows no recovery key."
    return found[1]


def sent(client: Client, name: str, *args: Any, **fields: Any) -> Any:
    return client.post(reverse(name, args=args), fields)


def prepare(revisions: int) -> State:
    """Fill an empty data folder: alice, who wrote this many versions, and mallory, who stands by."""
    call_command("migrate", verbosity=0)
    call_command("load_guide")
    alice, mallory = browser(), browser()
    sent(mallory, "join", username="mallory", password=OLD)
    sent(mallory, "answer", 2, text="his", base=0)
    key = key_in(sent(alice, "join", username="alice", password=OLD))
    texts = [f"version {number} " + "word " * (number % 400) for number in range(revisions)]
    for number, text in enumerate(texts):
        question, base = number % 4 + 1, number // 4
        fields = {"text": text, "base": base, "feeling": "settled", "title": f"title {number}"}
        if question < 4:
            response = sent(alice, "answer", question, **fields)
        else:
            response = sent(alice, "new-page", **{**fields, "base": 0}, entry=f"{number:032x}")
        assert response.status_code == 302, response.content
    state = {"key": key, "texts": sorted(texts), "base": (revisions + 2) // 4}
    for name, client in (("alice", alice), ("mallory", mallory)):
        state[name] = {cookie: morsel.value for cookie, morsel in client.cookies.items()}
    (Path(settings.DATA_DIR) / "state.json").write_text(json.dumps(state))
    return state


def browser_of(state: State, name: str = "alice") -> Client:
    """The browser in which somebody is signed in and unlocked."""
    client = browser()
    for cookie, value in state[name].items():
        client.cookies[cookie] = value
    return client


def join(state: State) -> Any:
    return sent(browser(), "join", username="carol", password=NEW)


def save(state: State) -> Any:
    return sent(browser_of(state), "answer", 2, text=IN_FLIGHT, base=state["base"])


def save_page(state: State) -> Any:
    return sent(browser_of(state), "new-page", text=IN_FLIGHT, title="in flight", base=0, entry=PAGE)


def sign_in(state: State) -> Any:
    """Sign in after the site has become dearer: the password slot is made anew on the way."""
    settings.JOURNAL_KDF_COST = (20 * 1024, 2, 1)
    return sent(browser(), "sign-in", username="alice", password=OLD)


def change_password(state: State) -> Any:
    return sent(browser_of(state), "password", password=OLD, new_password=NEW)


def rotate(state: State) -> Any:
    return sent(browser_of(state), "password", password=OLD, new_password=NEW, lock_out="on")


def recover(state: State) -> Any:
    return sent(browser(), "recover", username="alice", recovery_key=state["key"], new_password=NEW)


def new_key(state: State) -> Any:
    return sent(browser_of(state), "new-key", password=OLD)


def delete(state: State) -> Any:
    return sent(browser_of(state), "delete-account", password=OLD)


DEEDS: dict[str, Callable[[State], Any]] = {
    each.__name__: each for each in (join, save, save_page, sign_in, change_password, rotate, recover, new_key, delete)
}
