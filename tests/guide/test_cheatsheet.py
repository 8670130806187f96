"""The cheatsheet at the desk: what it says is what readers get, because it is rendered the same way."""

import re
from html import escape
from pathlib import Path

import pytest
from django.test import Client

from guide import cheatsheet, rendering
from guide.images import Image
from journal.models import User

MANUAL = Path(__file__).parent.parent.parent / "docs" / "editing.md"


@pytest.fixture
def desk(editor: User) -> Client:
    client = Client()
    client.force_login(editor)
    return client


def test_it_is_for_people_at_the_desk_and_linked_from_each_text(desk: Client) -> None:
    assert Client().get("/manage/cheatsheet/")["Location"] == "/manage/login/?next=/manage/cheatsheet/"
    form = desk.get("/manage/guide/tip/add/").content.decode()
    assert form.count('Markdown. <a href="/manage/cheatsheet/">What you can write</a>.') == 1
    assert form.count('data-markdown="" data-cheatsheet="/manage/cheatsheet/"') + form.count("js/toolbar.js") == 2


def test_each_example_stands_beside_what_readers_see_of_it(desk: Client) -> None:
    page = desk.get("/manage/cheatsheet/").content.decode()
    for _, markdown in cheatsheet.TEXT + cheatsheet.BOXES:
        html = rendering.markdown_to_html(markdown)
        assert f'<pre>{escape(markdown)}</pre><div class="seen">{html}</div>' in page


@pytest.mark.parametrize("markdown", [markdown for _, markdown in cheatsheet.TEXT + cheatsheet.BOXES])
def test_each_example_is_more_than_it_was_typed(markdown: str) -> None:
    assert rendering.markdown_to_html(markdown) != f"<p>{escape(markdown, quote=False)}</p>"


def test_a_picture_is_the_newest_there_is_and_before_the_first_an_example(desk: Client) -> None:
    seen = re.compile(r'Pictures</h2>.*?<pre>(.*?)</pre><div class="seen">(.*?)</div>', re.DOTALL)
    before = seen.search(desk.get("/manage/cheatsheet/").content.decode())
    assert before is not None
    assert before.groups() == (cheatsheet.PICTURE, "<p>There is no picture yet.</p>")
    assert "<img" in rendering.markdown_to_html(cheatsheet.PICTURE)
    image = Image.objects.create(slug="lake", alt="A lake", data=b"x", digest="0" * 64, width=4, height=3)
    after = seen.search(desk.get("/manage/cheatsheet/").content.decode())
    assert after is not None
    assert after.groups() == (image.markdown, rendering.markdown_to_html(image.markdown))


def test_the_manual_shows_every_mark_that_the_cheatsheet_shows() -> None:
    manual = MANUAL.read_text()
    marks = [
        "## ",
        "### ",
        "*stressed*",
        "**strong**",
        "- one",
        "1. ",
        "> ",
        "](/check/)",
        "](https://",
        "](tel:",
        "---",
    ]
    shown = "\n".join(markdown for _, markdown in cheatsheet.TEXT + cheatsheet.BOXES)
    for mark in [*marks, "\n::: safety ", "\n::: note "]:
        assert (mark in "\n" + shown, mark in manual) == (True, True), mark
    assert "](/images/" in manual
