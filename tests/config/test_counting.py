"""Counters and the lines of requests say what kind of page was answered, and never whose."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY

from config.counting import Counted, kind
from tests.guide.test_front import ask
from tools.site import serve
from tools.visitor import Browser

PASSWORD = "seven quiet herons at dawn"
WORDS = "Sunday evenings are the hardest"
TOKEN = "q7w3-r5t9-y2u8-i4o6-p1"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/", "guide"), ("/es/", "guide"), ("/guide/all/", "guide"), ("/check/", "guide"), ("/leave/", "guide"),
        ("/journal/", "journal"), ("/es/journal/2/", "journal"), ("/account/key/", "journal"), ("/unlock/", "journal"),
        ("/sign-in/", "door"), ("/es/join/", "door"), ("/manage/guide/tip/", "desk"),
        ("/static/css/site.css", "static"),
        ("/images/lake.webp", "static"), ("//", "guide"), ("", "guide"), ("/jöurnal", "guide"),
    ],
)  # fmt: skip
def test_a_page_is_counted_by_its_kind(path: str, expected: str) -> None:
    assert kind(path) == expected


def test_an_answer_adds_one_to_its_counter_and_passes_unchanged() -> None:
    def site(environ: Any, start_response: Callable[..., Any]) -> list[bytes]:
        start_response("429 Too Many Requests", [("Retry-After", "60")])
        return [b"wait"]

    labels = {"page": "door", "status": "429"}
    before = REGISTRY.get_sample_value("requests_total", labels) or 0
    assert ask("/sign-in/", app=Counted(site)) == ("429 Too Many Requests", {"Retry-After": "60"}, b"wait")
    assert REGISTRY.get_sample_value("requests_total", labels) == before + 1


def test_two_processes_count_together_and_name_nobody(tmp_path: Path) -> None:
    env = {"METRICS_TOKEN": TOKEN, "LOG_REQUESTS": "1", "LOG_FORMAT": "json"}
    with serve(tmp_path, **env) as site:
        for _ in range(8):  # each by a connection of its own: both processes answer some of them
            Browser(site.port).get("/check/")
        alice = Browser(site.port)
        key = alice.post("/join/", {"username": "alice-of-the-lake", "password": PASSWORD}).key
        page = alice.get("/journal/2/")
        assert alice.post("/journal/2/", page.hidden | {"text": WORDS}).status == 302
        told = alice.get("/metrics", Authorization=f"Bearer {TOKEN}").text
    found = {name: float(value) for name, value in re.findall(r"^([^#].*) ([\d.e+-]+)$", told, re.MULTILINE)}
    assert found['requests_total{page="guide",status="200"}'] >= 8
    assert found['requests_total{page="door",status="200"}'] == 2  # the token of the form, and the form
    assert found['request_seconds_count{page="journal"}'] == 2
    assert (found["saves_total"], found["edition_number"]) == (1, 1)
    log = site.log.read_text()
    assert '"logger": "config.counting", "message": "POST journal 302 ' in log
    for private in ("alice-of-the-lake", PASSWORD, WORDS, key, *alice.cookies.values(), "/journal/2/"):
        assert private not in told
        assert private not in log
