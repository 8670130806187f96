"""The guide as files: what is missing is added, and an editor's word is the last."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from guide import bundle, edition
from guide.bundle import KINDS, BundleError
from guide.models import Editable, HelpLine, Page, Question, Section, Source, Tip
from guide.publishing import Publication

pytestmark = pytest.mark.django_db
SHIPPED = {
    "sources": 7, "countries": 7, "sections": 7, "questions": 8, "tips": 4, "flags": 6, "signs": 21, "help_lines": 29,
    "pages": 13,
}  # fmt: skip
SPANISH = {kind: len(list((bundle.CONTENT / "es" / kind).glob("*.md"))) for kind in KINDS}


def write(folder: Path, files: dict[str, str | bytes]) -> Path:
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def everything() -> dict[str, Any]:
    """Every row, every version and every publication, with all that is in them."""
    kept = {kind: list(model.objects.order_by("pk").values()) for kind, model in KINDS.items()}
    kept |= {f"{kind}, history": list(model.history.order_by("history_id").values()) for kind, model in KINDS.items()}
    return kept | {"publications": list(Publication.objects.order_by("pk").values())}


def never_had(record: Editable) -> None:
    """Take a record and its translations out of the database as if they had never been there."""
    for row in [*type(record).objects.filter(original=record.pk), record]:
        pk = row.pk
        row.delete()
        type(row).history.filter(id=pk).delete()


def refusal(folder: Path) -> list[str]:
    """The problems of a bundle, after making sure that nothing of it was loaded."""
    before = everything()
    with pytest.raises(BundleError) as refused:
        bundle.load(folder)
    assert everything() == before
    return str(refused.value).replace(f"{folder}/", "").split("\n")


def test_the_shipped_guide_is_loaded_whole_and_published_as_one_edition() -> None:
    for model in KINDS.values():
        for record in model.objects.originals():
            never_had(record)
    editions = Publication.objects.count()
    both = {kind: SHIPPED[kind] + SPANISH[kind] for kind in KINDS}
    assert bundle.load() == sum(both.values())
    assert {kind: model.objects.originals().count() for kind, model in KINDS.items()} == SHIPPED
    assert {kind: model.objects.filter(language="es").count() for kind, model in KINDS.items()} == SPANISH
    assert {kind: model.history.count() for kind, model in KINDS.items()} == both
    assert {kind: len(model.objects.pinned()) for kind, model in KINDS.items()} == both
    assert Publication.objects.count() == editions + 1


def test_loading_again_changes_nothing() -> None:
    before = everything()
    assert sum(SHIPPED.values()) == 102
    assert bundle.load() == 0
    assert everything() == before


def test_a_missing_record_is_added_and_published_and_the_others_are_left_alone() -> None:
    tip = Tip.objects.originals().get(slug="be-open")
    spanish = Tip.objects.get(original=tip).body
    text, others = tip.body, list(Tip.objects.exclude(slug="be-open").values())
    never_had(tip)
    assert "Say openly what you hope for" not in str(edition.current().pages["/guide/reaching-out/"].body)
    editions = Publication.objects.count()
    assert bundle.load() == 2
    edition.forget()
    assert "Say openly what you hope for" in str(edition.current().pages["/guide/reaching-out/"].body)
    assert Tip.objects.originals().get(slug="be-open").body == text
    assert Tip.objects.get(slug="be-open", language="es").body == spanish
    assert list(Tip.objects.exclude(slug="be-open").values()) == others
    assert Publication.objects.count() == editions + 1


def test_what_an_editor_changed_took_off_or_deleted_stays_as_the_editor_left_it() -> None:
    changed, taken_off, deleted = (
        Tip.objects.originals().get(slug=s) for s in ("be-open", "be-gentle", "seek-support")
    )
    changed.title = "An editor's own words"
    changed.save()
    taken_off.unpublish()
    Tip.objects.filter(original=deleted.pk).delete()
    deleted.delete()
    before = everything()
    assert bundle.load() == 0
    assert everything() == before
    assert [tip.title for tip in Tip.objects.live()] == ["Say openly what you hope for", "Let their answer be theirs"]


def test_a_record_of_every_field_is_read_from_its_file(tmp_path: Path) -> None:
    write(tmp_path, {
        "sources/new-book.md": '+++\nkind = "book"\ntitle = "B"\n+++\n',
        "sections/new-part.md": '+++\nposition = 9\ntitle = "P"\nsummary = "s"\nlead = "l"\nshows = "books"\n'
                                'sources = ["new-book", "chain"]\n+++\n\na\n\n{list}\n\nb\n\n',
        "questions/new-one.md": '+++\nnumber = 9\nprompt = "q"\nsummary = "s"\nfollow_ups = ["a", "b"]\n+++\n',
        "help_lines/new-line.md": b'+++\r\nname = "N"\r\ncountry = "us"\r\nphone = "112"\r\n'
        b"verified_on = 2026-03-01\r\n"
                                  b"+++\r\none\r\n\r\ntwo\r\n",
        "pages/new-piece.md": '+++\ntitle = "T"\npiece = true\n+++',
    })  # fmt: skip
    assert bundle.load(tmp_path) == 5
    part, line = Section.objects.originals().get(slug="new-part"), HelpLine.objects.get(slug="new-line")
    assert (part.position, part.sources, part.body) == (9, "new-book, chain", "a\n\n{list}\n\nb")
    assert (part.body_html, part.after_html, part.live) == ("<p>a</p>", "<p>b</p>", part.history.latest().pk)
    assert Question.objects.originals().get(slug="new-one").follow_ups == "a\nb"
    assert (str(line.verified_on), line.body) == ("2026-03-01", "one\n\ntwo")
    assert Page.objects.originals().get(slug="new-piece").piece is True
    assert Source.objects.originals().get(slug="new-book").position == 0


def test_an_empty_folder_adds_nothing_and_publishes_nothing(tmp_path: Path) -> None:
    before = everything()
    assert bundle.load(tmp_path) == 0
    assert everything() == before


TIP = '+++\ntitle = "T"\n+++\nbody\n'


@pytest.mark.parametrize(
    ("name", "text", "problems"),
    [
        ("tips/a.md", '+++\ntitle = "T"\nposition = \n+++\n', ["tips/a.md:3: Invalid value."]),
        ("tips/a.md", 'title = "T"\n', ["tips/a.md:1: The file does not begin with TOML between two lines of +++."]),
        ("tips/a.md", "+++\ntitle = 1\n", ["tips/a.md:1: The file does not begin with TOML between two lines of +++."]),
        ("tips/a.md", "", ["tips/a.md:1: The file does not begin with TOML between two lines of +++."]),
        ("tips/a.md", b'+++\ntitle = "\xff"\n+++\n', ["tips/a.md:1: The file is not UTF-8."]),
        ("tips/a.md", '+++\ntitle = "T"\n\ncolor = 1\n+++\n', ["tips/a.md:4: color: There is no such field."]),
        ("tips/a.md", '+++\ntitle = "T"\nslug = "b"\n+++\n', ["tips/a.md:3: slug: There is no such field."]),
        ("tips/a.md", '+++\nlive = 1\ntitle = "T"\n+++\n', ["tips/a.md:2: live: There is no such field."]),
        ("tips/a.md", "+++\nposition = 1\n+++\nbody\n", ["tips/a.md:1: title: This field cannot be blank."]),
        (
            "tips/a.md",
            '+++\ntitle = "T"\nposition = "third"\n+++\n',
            ["tips/a.md:3: position: This field takes a whole number."],
        ),
        (
            "tips/A b.md",
            TIP,
            [
                "tips/A b.md:1: Its name is no short name: up to 60 letters, numbers, underscores and hyphens.",
            ],
        ),
        (
            f"tips/{'a' * 61}.md",
            TIP,
            [
                f"tips/{'a' * 61}.md:1: Its name is no short name: up to 60 letters, numbers, underscores and hyphens.",
            ],
        ),
        ("tips/a.md", "+++\ntitle = " + "[" * 5000 + "\n+++\n", ["tips/a.md:1: maximum recursion depth exceeded."]),
        (
            "tips/a.md",
            '+++\ntitle = "T"\nposition = 1.5\n+++\n',
            ["tips/a.md:3: position: This field takes a whole number."],
        ),
        ("tips/a.md", "+++\n+++\n" + "a" * 1_000_000, ["tips/a.md:1: The file is over 1 MB."]),
        (
            "es/tips/be-open.md",
            '+++\ntitle = "T"\nposition = 1\n+++\n',
            [
                "es/tips/be-open.md:3: position: This is the original’s. Leave it out of a translation.",
            ],
        ),
        ("es/tips/be-open.md", "+++\n+++\n", ["es/tips/be-open.md:1: title: This field cannot be blank."]),
        ("es/tips/nobody.md", TIP, ["es/tips/nobody.md:1: There is no original for this translation."]),
        ("es/hints/a.md", TIP, ["es/hints/a.md:1: “hints” is no kind of record."]),
        ("en/tips/a.md", TIP, ["en/tips/a.md:1: “en” is no language that the guide is translated to."]),
        ("fr/tips/a.md", TIP, ["fr/tips/a.md:1: “fr” is no language that the guide is translated to."]),
        ("hints/a.md", TIP, ["hints/a.md:1: “hints” is no kind of record."]),
        ("tips/more/a.md", TIP, ["tips/more/a.md:1: “more” is no kind of record."]),
        (
            "help_lines/a.md",
            '+++\nname = "N"\ncountry = "us"\n+++\n',
            ["help_lines/a.md:1: Give a phone number, a text line or a web address."],
        ),
        (
            "help_lines/a.md",
            '+++\nname = "N"\ncountry = "atlantis"\nphone = "112"\n+++\n',
            ["help_lines/a.md:3: country: There is no country with the short name “atlantis”."],
        ),
        (
            "questions/a.md",
            '+++\nprompt = "q"\nsummary = "s"\nnumber = 1\n+++\n',
            ["questions/a.md:4: number: Another question has or had this number. Choose another one."],
        ),
        (
            "sections/a.md",
            '+++\ntitle = "T"\nsummary = "s"\nlead = "l"\nshows = "tips"\n+++\n\nbody\n',
            ["sections/a.md:7: body: Write a line with only {list} where the list is to stand."],
        ),
        (
            "sections/a.md",
            '+++\ntitle = "T"\nsummary = "s"\nlead = "l"\nsources = [\n"chain",\n"nobody",\n]\n+++\n',
            ["sections/a.md:5: sources: There is no source with the short name “nobody”."],
        ),
    ],
)
def test_a_broken_file_is_named_with_its_line(
    tmp_path: Path, name: str, text: str | bytes, problems: list[str]
) -> None:
    never_had(Tip.objects.get(slug="be-open", language="es"))
    assert refusal(write(tmp_path, {"tips/good.md": TIP, name: text})) == problems


def test_every_problem_of_a_bundle_is_listed_and_nothing_is_loaded(tmp_path: Path) -> None:
    write(tmp_path, {
        "README.md": "About this folder",
        "countries/xy.md": '+++\nname = "Xy"\n+++\n',
        "help_lines/b.md": '+++\nname = ""\ncountry = "xy"\n+++\n',
        "hints/a.md": TIP,
        "pages/a.md": '+++\ntitle = "T"\npiece = "perhaps"\n+++\n',
        "questions/a.md": '+++\nnumber = 9\nprompt = "q"\nsummary = "s"\n+++\n',
        "questions/b.md": '+++\nprompt = "q"\nnumber = 9\n+++\n',
        "sources/a.md": "+++\ntitle=\n+++\n",
        "tips/a.md": b"\xff",
        "tips/b.md": '+++\ntitle = "T"\ncolor = 1\n+++\n',
        "tips/c.md": TIP,
    })  # fmt: skip
    assert refusal(tmp_path) == [
        f"README.md:1: “{tmp_path.name}” is no kind of record.",
        "hints/a.md:1: “hints” is no kind of record.",
        "sources/a.md:2: Invalid value.",
        "tips/a.md:1: The file is not UTF-8.",
        "tips/b.md:3: color: There is no such field.",
        "pages/a.md:3: piece: This field takes true or false.",
        "questions/b.md:1: summary: This field cannot be blank.",
        "questions/b.md:3: number: Another question has or had this number. Choose another one.",
        "help_lines/b.md:2: name: This field cannot be blank.",
        "help_lines/b.md:1: Give a phone number, a text line or a web address.",
    ]


def test_every_problem_of_one_file_is_listed(tmp_path: Path) -> None:
    write(tmp_path, {"tips/a.md": '+++\ntitle = "T"\ncolor = 1\nsize = 2\nposition = "third"\n+++\n'})
    assert sorted(refusal(tmp_path)) == [
        "tips/a.md:3: color: There is no such field.",
        "tips/a.md:4: size: There is no such field.",
        "tips/a.md:5: position: This field takes a whole number.",
    ]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("help_lines/a.md", '+++\nname = "N"\ncountry = "us"\nphone = "112"\nverified_on = 2026\n+++\n'),
        ("pages/a.md", '+++\ntitle = "T"\nlead = []\n+++\n'),
    ],
)
def test_a_value_of_another_type_is_named_with_its_line(tmp_path: Path, name: str, text: str) -> None:
    assert refusal(write(tmp_path, {name: text}))[0].startswith(f"{name}:")


def test_a_link_and_a_folder_in_the_place_of_a_file_are_refused(tmp_path: Path) -> None:
    write(tmp_path, {"outside.md": TIP, "in/tips/b.md": TIP})
    (tmp_path / "in/tips/a.md").symlink_to(tmp_path / "outside.md")
    (tmp_path / "in/flags").symlink_to(tmp_path / "in/tips")
    (tmp_path / "in/signs/c.md").mkdir(parents=True)
    assert refusal(tmp_path / "in") == [
        "flags:1: This is a link to somewhere else. Put the file itself here.",
        "tips/a.md:1: This is a link to somewhere else. Put the file itself here.",
        "tips/a.md:1: This is no file of its own.",
        "flags/a.md:1: This is no file of its own.",
        "signs/c.md:1: This is no file of its own.",
    ]


def test_a_translation_is_added_after_its_original_and_says_only_its_own(tmp_path: Path) -> None:
    write(tmp_path, {
        "es/questions/new.md": '+++\nprompt = "¿?"\nsummary = "r"\nstarters = ["a", "b"]\n+++\n\ntexto\n',
        "questions/new.md": '+++\nposition = 9\nnumber = 9\nprompt = "?"\nsummary = "s"\n+++\n\ntext\n',
    })  # fmt: skip
    editions = Publication.objects.count()
    assert bundle.load(tmp_path) == 2
    original, spanish = (Question.objects.get(slug="new", language=code) for code in ("en", "es"))
    assert (spanish.original, spanish.live) == (original, spanish.history.latest().pk)
    assert (spanish.position, spanish.number, spanish.prompt, spanish.body) == (9, 9, "¿?", "texto")
    assert (spanish.starters, original.starters) == ("a\nb", "")
    assert Publication.objects.count() == editions + 1
    assert bundle.load(tmp_path) == 0


def test_a_shipped_translation_of_what_an_editor_reworded_is_a_draft() -> None:
    pages = {slug: Page.objects.originals().get(slug=slug) for slug in ("check", "help")}
    for page in pages.values():
        [translation] = Page.objects.filter(original=page)
        never_had(translation)
    pages["check"].body = "Zwiebelkuchen"
    pages["check"].save()
    pages["check"].publish()
    assert bundle.load() == 2
    states = {slug: Page.objects.get(original=page).live is not None for slug, page in pages.items()}
    assert states == {"check": False, "help": True}


def test_a_new_translation_finds_its_original_by_the_short_name_it_had(tmp_path: Path) -> None:
    write(tmp_path, {"es/sections/reaching-out.md": '+++\ntitle = "T"\nsummary = "s"\nlead = "l"\n+++\n\n{list}\n'})
    part = Section.objects.originals().get(slug="reaching-out")
    Section.objects.filter(original=part.pk).delete()
    Section.history.filter(slug="reaching-out", language="es").delete()
    part.slug = "getting-in-touch"
    part.save()
    assert bundle.load(tmp_path) == 1
    assert Section.objects.get(original=part.pk).slug == "getting-in-touch"
    assert bundle.load(tmp_path) == 0


def test_nothing_is_added_to_what_was_put_away(tmp_path: Path) -> None:
    write(tmp_path, {"es/tips/be-open.md": TIP, "es/tips/be-gentle.md": TIP})
    for slug in ("be-open", "be-gentle"):
        Tip.objects.filter(slug=slug, language="es").delete()
        Tip.history.filter(slug=slug, language="es").delete()
    Tip.objects.originals().get(slug="be-open").archive()
    Tip.objects.originals().get(slug="be-gentle").delete()
    before = everything()
    assert bundle.load(tmp_path) == 0
    assert everything() == before


def test_a_start_leaves_out_what_does_not_fit_and_says_so_and_adds_the_rest() -> None:
    for model, slug in ((Question, "time"), (Tip, "be-open")):
        never_had(model.objects.originals().get(slug=slug))
    own = Question(position=9, number=2, slug="own", prompt="An editor's?", summary="s")
    own.save()
    lost = Question.objects.originals().filter(slug="time").count() + len(
        list((bundle.CONTENT / "es/questions").glob("time.md"))
    )
    said = StringIO()
    call_command("load_guide", stdout=said)
    loaded, *left_out = said.getvalue().splitlines()
    assert loaded.startswith("Loaded ")
    assert left_out[0] == (
        "Left out of the guide, since it does not fit what editors made: "
        f"{bundle.CONTENT}/questions/time.md:3: number: Another question has or had this number. Choose another one."
    )
    assert len(left_out) == 1 + lost
    assert [
        Tip.objects.originals().filter(slug="be-open").count(),
        Question.objects.originals().filter(slug="time").count(),
    ] == [
        1,
        0,
    ]
    with pytest.raises(CommandError):
        call_command("load_guide", bundle.CONTENT)


def test_a_missing_folder_and_a_file_in_its_place_are_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text(TIP)
    assert refusal(tmp_path / "nowhere") == [f"{tmp_path}/nowhere:1: There is no such folder."]
    assert refusal(tmp_path / "file") == [f"{tmp_path}/file:1: There is no such folder."]


def test_the_command_says_how_much_it_loaded_and_nothing_when_nothing_was_missing(tmp_path: Path) -> None:
    write(tmp_path, {"tips/a.md": TIP, "tips/b.md": TIP})
    said = StringIO()
    call_command("load_guide", tmp_path, stdout=said)
    call_command("load_guide", tmp_path, stdout=said)
    call_command("load_guide", stdout=said)
    assert said.getvalue() == "Loaded 2 records of the guide.\n"


def test_the_command_fails_with_every_problem(tmp_path: Path) -> None:
    write(tmp_path, {"tips/a.md": "", "tips/b.md": b"\xff", "tips/c.md": TIP})
    said = StringIO()
    with pytest.raises(CommandError) as refused:
        call_command("load_guide", tmp_path, stdout=said)
    assert str(refused.value).split("\n") == [
        "The guide was not loaded. Nothing was changed.",
        f"{tmp_path}/tips/a.md:1: The file does not begin with TOML between two lines of +++.",
        f"{tmp_path}/tips/b.md:1: The file is not UTF-8.",
    ]
    assert (said.getvalue(), Tip.objects.originals().filter(slug="c").exists()) == ("", False)
