"""The guide out to files and back in: nothing is lost on the way, and nothing is half done."""

import tempfile
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from guide import bundle, exchange
from guide.bundle import CONTENT, KINDS, BundleError
from guide.models import Change, HelpLine, Publication, Question, Release, Section, Source, Tip
from guide.rendering import clean_text
from tests.guide.test_bundle import TIP, everything, write

pytestmark = pytest.mark.django_db
quick = settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))


def tree(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def no_guide() -> None:
    for model in KINDS.values():
        model._rows().exclude(original=None).delete()
        model._rows().all().delete()
        model.history.all().delete()


def run(*args: Any, **options: Any) -> list[str]:
    said = StringIO()
    call_command("guide", *args, stdout=said, **options)
    return said.getvalue().splitlines()


def refused(*args: Any) -> list[str]:
    before = everything()
    with pytest.raises(CommandError) as error:
        call_command("guide", *args)
    assert everything() == before
    return str(error.value).splitlines()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    exchange.export_to(tmp_path / "guide")
    return tmp_path / "guide"


def test_the_shipped_guide_is_what_an_export_writes(folder: Path) -> None:
    assert tree(folder) == tree(CONTENT)


def test_out_and_into_an_empty_database_and_out_again_is_the_same_to_the_byte(folder: Path, tmp_path: Path) -> None:
    no_guide()
    total = len(tree(folder))
    assert run("import", folder) == [f"{total} added, 0 changed, 0 published."]
    assert run("export", tmp_path / "again") == [f"Wrote {total} records. What is in the archive was left out."]
    assert tree(tmp_path / "again") == tree(folder)
    assert sum(len(model.objects.pinned()) for model in KINDS.values()) == 0


def test_a_whole_guide_goes_live_in_one_step_without_a_second_person(folder: Path, tmp_path: Path) -> None:
    no_guide()
    editions, total = Publication.objects.count(), len(tree(folder))
    said = run("import", folder, "--publish")
    assert said[0] == f"{total} added, 0 changed, {total} published."
    assert said[1].endswith(" of them about safety, without a second person’s yes.")
    assert Publication.objects.count() == editions + 1
    exchange.export_to(tmp_path / "again", live=True)
    assert tree(tmp_path / "again") == tree(folder)


def test_an_export_over_an_older_one_takes_away_what_is_no_more(folder: Path) -> None:
    Tip.objects.originals().get(slug="be-open").archive()
    Tip(slug="new", title="T", body="b").save()
    exchange.export_to(folder)
    gone = {"tips/be-open.md", "es/tips/be-open.md"}
    assert tree(folder) == {n: t for n, t in tree(CONTENT).items() if n not in gone} | {
        "tips/new.md": b'+++\ntitle = "T"\n+++\n\nb\n'
    }
    assert list(folder.parent.iterdir()) == [folder]


def test_the_working_copies_are_written_or_what_readers_see(folder: Path) -> None:
    part = Section.objects.originals().get(slug="reaching-out")
    part.slug, part.title = "getting-in-touch", "Getting in touch"
    part.save()
    Tip(slug="draft", title="T").save()
    exchange.export_to(folder, live=True)
    assert tree(folder) == tree(CONTENT)
    exchange.export_to(folder)
    assert {"sections/getting-in-touch.md", "tips/draft.md"} <= tree(folder).keys()
    assert "sections/reaching-out.md" not in tree(folder)


def test_fields_are_written_in_one_form() -> None:
    line = HelpLine(
        slug="x",
        position=2,
        country="us",
        name='"N" \\',
        phone="",
        verified_on=date(2026, 3, 1),
        body="\n\n  a\n\n+++\n\n",
    )
    assert exchange.write(line) == (
        '+++\nposition = 2\ncountry = "us"\nname = "\\"N\\" \\\\"\nverified_on = 2026-03-01\n+++\n\n  a\n\n+++\n'
    )
    part = Section(slug="x", title="T", summary="s", lead="a\nb\tc", sources="chain ,, kirkhorn,")
    assert exchange.write(part) == (
        '+++\ntitle = "T"\nsummary = "s"\nlead = "a\\nb\\tc"\nsources = ["chain", "kirkhorn"]\n+++\n'
    )
    assert exchange.write(Source(slug="x", language="es", title="T", body="b")) == "+++\n+++\n\nb\n"


@pytest.mark.parametrize("name", ["README.md", "tips/notes.txt", "hints/a.md", ".git/config", "tips/more/a.md"])
def test_an_export_leaves_a_folder_with_something_else_alone(folder: Path, name: str) -> None:
    write(folder, {name: "mine"})
    before = tree(folder)
    assert refused("export", folder) == [
        "The guide was not written. Nothing was changed.",
        f"{folder / name}:1: This is no part of a bundle. An export takes a folder of its own.",
    ]
    assert tree(folder) == before


def test_an_export_follows_no_link_and_replaces_no_file(folder: Path, tmp_path: Path) -> None:
    write(tmp_path, {"file": "mine"})
    (folder / "tips/link.md").symlink_to(tmp_path / "file")
    assert refused("export", folder)[1].startswith(f"{folder}/tips/link.md:1: This is no part of a bundle.")
    assert refused("export", tmp_path / "file")[1] == f"{tmp_path}/file:1: This is no folder."
    nowhere = tmp_path / "no/where"
    assert refused("export", nowhere)[1] == f"{nowhere}:1: The folder can’t be written: No such file or directory."
    assert (tmp_path / "file").read_text() == "mine"


def test_what_says_the_same_gets_no_new_version(folder: Path) -> None:
    before = everything()
    assert run("import", folder) == ["0 added, 0 changed, 0 published."]
    assert run("import", folder, "--publish") == ["0 added, 0 changed, 0 published."]
    assert everything() == before


def test_changed_and_new_records_are_drafts_and_their_history_says_why(folder: Path) -> None:
    write(folder, {"tips/be-open.md": '+++\nposition = 1\ntitle = "Other"\n+++\n', "tips/new.md": TIP})
    write(folder, {"es/tips/new.md": '+++\ntitle = "Nuevo"\n+++\n\ntexto\n'})
    (folder / "signs/stalking.md").unlink()
    (folder / "es/signs/stalking.md").unlink()
    assert run("import", folder) == [
        "Not in the folder, and left as it is: es/signs/stalking.md",
        "Not in the folder, and left as it is: signs/stalking.md",
        "2 added, 1 changed, 0 published.",
    ]
    tip, new = (Tip.objects.originals().get(slug=slug) for slug in ("be-open", "new"))
    assert (tip.title, tip.body, tip.version(tip.live).title) == ("Other", "", "Say openly what you hope for")
    assert (new.live, Tip.objects.get(original=new).title) == (None, "Nuevo")
    assert [version.history_change_reason for version in tip.history.all()] == ["Imported.", None]
    assert [version.history_change_reason for version in new.history.all()] == ["Imported."]


def test_a_field_that_a_file_leaves_out_goes_back_to_its_default(folder: Path) -> None:
    write(folder, {"help_lines/us-988.md": '+++\ncountry = "us"\nname = "988"\nphone = "988"\n+++\n'})
    run("import", folder)
    line = HelpLine.objects.originals().get(slug="us-988")
    assert (line.position, line.hours, line.website, line.verified_on) == (0, "", "", None)


def test_drafts_of_the_folder_go_live_too_and_what_was_asked_for_before_is_called_off(folder: Path) -> None:
    tip = Tip.objects.originals().get(slug="be-open")
    tip.title = "Draft"
    tip.save()
    planned = Release.objects.create(needs_second=True)
    Change.objects.create(release=planned, kind="tip", record=tip.pk, version=tip.live)
    exchange.export_to(folder)
    assert run("import", folder, "--publish") == ["0 added, 0 changed, 1 published."]
    planned.refresh_from_db()
    assert (planned.is_open, Tip.objects.live()[0].title) == (False, "Draft")
    release = Release.objects.latest("pk")
    assert (release.note, release.asked_by, release.needs_second, release.is_open) == ("Imported.", None, False, False)


def test_publishing_refuses_everything_when_readers_would_lose_something(folder: Path) -> None:
    write(folder, {"tips/new.md": '+++\ntitle = "T"\n+++\n\n[x](/nowhere/)\n', "tips/other.md": TIP})
    said = refused("import", folder, "--publish")
    assert said[0] == "The folder was not brought in. Nothing was changed."
    assert said[1].startswith(f"{folder}:1: “T”: ")
    assert len(said) == 2


def test_a_dry_run_says_what_would_change_and_changes_nothing(folder: Path) -> None:
    write(folder, {"tips/a-new.md": '+++\ntitle = "T"\n+++\n\none\n'})
    file = folder / "tips/be-open.md"
    file.write_text(file.read_text().replace("Say openly", "Say plainly"))
    before = everything()
    said = run("import", folder, "--dry-run", "--publish")
    assert everything() == before
    assert said == [
        "--- /dev/null", "+++ b/tips/a-new.md", "@@ -0,0 +1,5 @@",
        "++++", '+title = "T"', "++++", "+", "+one",
        "--- a/tips/be-open.md", "+++ b/tips/be-open.md", "@@ -1,6 +1,6 @@",
        " +++", " position = 1", '-title = "Say openly what you hope for"', '+title = "Say plainly what you hope for"',
        " +++", " ", f" {file.read_text().splitlines()[5]}",
        "1 added, 1 changed, 2 published.",
        "This was a dry run. Nothing was changed.",
    ]  # fmt: skip


def test_one_problem_keeps_everything_out_and_all_are_said(folder: Path) -> None:
    Tip.objects.originals().get(slug="seek-support").archive()
    time = folder / "questions/time.md"
    time.write_text(time.read_text().replace("number = 2", "number = 22"))
    write(folder, {
        "tips/good.md": TIP,
        "tips/new.md": b"\xff",
        "es/flags/nobody.md": TIP,
        "help_lines/xy.md": '+++\nname = "N"\ncountry = "xy"\nphone = "112"\n+++\n',
    })  # fmt: skip
    said = [line.replace(f"{folder}/", "") for line in refused("import", folder)]
    assert said[:5] == [
        "The folder was not brought in. Nothing was changed.",
        "tips/new.md:1: The file is not UTF-8.",
        "questions/time.md:3: number: It can’t be changed. Add another record instead.",
        "tips/seek-support.md:1: This record is in the archive. Bring it back first.",
        "help_lines/xy.md:3: country: There is no country with the short name “xy”.",
    ]
    assert "es/flags/nobody.md:1: There is no original for this translation." in said


def test_records_that_name_each_other_come_in_together(tmp_path: Path) -> None:
    write(tmp_path, {
        "countries/xy.md": '+++\nname = "Xy"\n+++\n',
        "help_lines/xy.md": '+++\nname = "N"\ncountry = "xy"\nphone = "112"\n+++\n',
        "es/countries/xy.md": '+++\nname = "Equis"\n+++\n',
    })  # fmt: skip
    assert run("import", tmp_path)[-1] == "3 added, 0 changed, 0 published."


texts = st.text(max_size=200) | st.lists(
    st.sampled_from(["+++", "\n", '"', '"""', "\\", "\\u0000", "\x00", "\x7f", "\x85", "\xa0", "\u2028", "\ufeff",
                     " ", "\t", "\r", "a", "😀", "👩🏽‍❤️‍👩🏿", "שלום", "\u202e", ",", "{list}"]),
    max_size=30,
).map("".join)  # fmt: skip


def read_back(text: str, kind: str) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), {f"{kind}/x.md": text})
        records, problems = bundle.read(Path(folder))
    assert problems == []
    return records[0].model(**records[0].fields)


@quick
@given(st.tuples(*[texts] * 4))
@example(("+++", "", "    code", '"""'))
def test_any_text_comes_back_as_it_was(given: tuple[str, str, str, str]) -> None:
    title, lead, body, lines = map(clean_text, given)  # as a save keeps them
    part = Section(slug="x", title=title, lead=lead, sources=lines, body=body)
    back = read_back(exchange.write(part), "sections")
    assert (back.title, back.lead, back.source_slugs, back.body) == (title, lead, part.source_slugs, bundle.trim(body))
    assert exchange.write(back) == exchange.write(part)
    question = read_back(exchange.write(Question(slug="x", number=1, prompt=title, follow_ups=lines)), "questions")
    assert (question.prompt, question.follow_ups) == (title, lines)


@quick
@given(texts.filter(lambda text: clean_text(text).strip()), texts)
def test_any_text_that_is_let_in_comes_out_again(title: str, body: str) -> None:
    with tempfile.TemporaryDirectory() as name, transaction.atomic():
        tip = Tip(slug="x", title=clean_text(title)[:120], body=clean_text(body))
        write(Path(name), {"tips/x.md": exchange.write(tip)})
        exchange.import_from(Path(name))
        assert exchange.files()["tips/x.md"] == exchange.write(tip)
        assert Tip.history.filter(slug="x").count() == 1
        exchange.import_from(Path(name))
        assert Tip.history.filter(slug="x").count() == 1
        transaction.set_rollback(True)


tokens = st.sampled_from([
    b"+++\n", b"+++", b"\n", b"\r\n", b"title = ", b"number = ", b"position = ", b"verified_on = ", b"follow_ups = ",
    b"piece = ", b"sources = ", b'"a"', b'"""', b"[", b"]", b"{", b"}", b"1", b"9" * 30, b"9" * 5000,
    b"1.5", b"inf", b"nan",
    b"true", b"2026-02-30", b"2026-02-03", b"2026-02-03T04:05:06Z", b'"\\u0000"', b'"\\ud800"', b"\x00", b"\xff",
    b'prompt = "p"\n', b'summary = "s"\n', b'kind = "book"\n', b'website = "http://[::1"\n', b'shows = "tips"\n',
    b'country = "us"\n', b'name = "n"\n', b'lead = "l"\n', b"{list}\n", b"> " * 50, b"[" * 3000,
])  # fmt: skip


@settings(quick, max_examples=100)
@given(
    st.sampled_from([*KINDS, *(f"es/{kind}" for kind in KINDS), "hints"]),
    st.sampled_from(["x", "be-open", "time", "us", "are-you-ready", "home", "a b", "-", "é"]),
    st.binary(max_size=60) | st.lists(tokens, max_size=14).map(lambda found: b"+++\n" + b"".join(found)),
    st.booleans(),
)
def test_no_file_does_anything_but_come_in_or_be_refused(kind: str, slug: str, data: bytes, publish: bool) -> None:
    before = everything()
    with tempfile.TemporaryDirectory() as name, transaction.atomic():
        write(Path(name), {f"{kind}/{slug}.md": data})
        for act in (lambda folder: exchange.import_from(folder, publish), bundle.load):
            try:
                act(Path(name))
            except BundleError:
                assert everything() == before
            else:
                transaction.set_rollback(True)
                break
