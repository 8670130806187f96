"""An entry in one line: what it is called, how it felt, from when it is."""

from uuid import UUID

import pytest

from journal.entries import Head, Version
from journal.subjects import Subject
from journal.templatetags import lines

ENTRY = UUID(int=7)
WRITTEN = {"written": "2020-03-03T22:42:00-05:00", "zone": "America/New_York"}


@pytest.mark.parametrize(
    ("head", "told"),
    [
        (Head("page", **WRITTEN), "March 3, 2020"),
        (Head("page", feeling="quiet", **WRITTEN), "Rather not say · March 3, 2020"),
        (Head("page", feeling="settled", record=True, **WRITTEN), "Record · Settled for now · March 3, 2020"),
        (Head("page", feeling="of another version of this site"), "at some time"),
    ],
)
def test_what_an_entry_is_and_from_when(head: Head, told: str) -> None:
    assert lines.state(head) == told


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (Head("page", title="<i>Mine</i> & yours", asked="What?", **WRITTEN), "&lt;i&gt;Mine&lt;/i&gt; &amp; yours"),
        (Head("answer", asked="Do I <b>want</b> it?", **WRITTEN), "Do I &lt;b&gt;want&lt;/b&gt; it?"),
        (Head("page", **WRITTEN), "A page without a title"),
    ],
)
def test_a_row_of_a_list_has_a_name_and_no_markup_of_anybody_else(head: Head, name: str) -> None:
    row = lines.entry_row(Subject(ENTRY), Version(ENTRY, 1, head), '/there/?a="b"')
    assert row == (f'<li><a href="/there/?a=&quot;b&quot;"><b dir="auto">{name}</b><span>March 3, 2020</span></a></li>')


def test_a_row_of_what_cannot_be_opened_says_so() -> None:
    row = lines.entry_row(Subject(ENTRY), Version(ENTRY, 1, None), "/there/")
    told = "<b>Something you wrote</b><span>Couldn’t open this one. Nothing was deleted.</span>"
    assert row == f'<li><a href="/there/">{told}</a></li>'
