"""`docs/asvs.md` says of each requirement of the ASVS what is done. What it names has to be there."""

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs" / "asvs.md"
VERDICTS = ("met", "n/a", "deviated")

# ASVS 5.0.0: the requirements of level 1 and of level 2 in each section.
SECTIONS = {
    "1.1": ("", "1 2"), "1.2": ("1 2 3 4 5", "6 7 8 9"), "1.3": ("1 2", "3 4 5 6 7 8 9 10 11"), "1.4": ("", "1 2 3"),
    "1.5": ("1", "2"),
    "2.1": ("1", "2 3"), "2.2": ("1 2", "3"), "2.3": ("1", "2 3 4"), "2.4": ("", "1"),
    "3.2": ("1 2", ""), "3.3": ("1", "2 3 4"), "3.4": ("1 2", "3 4 5 6"), "3.5": ("1 2 3", "4 5"), "3.7": ("", "1 2"),
    "4.1": ("1", "2 3"), "4.2": ("", "1"), "4.3": ("", "1 2"), "4.4": ("1", "2 3 4"),
    "5.1": ("", "1"), "5.2": ("1 2", "3"), "5.3": ("1 2", ""), "5.4": ("", "1 2 3"),
    "6.1": ("1", "2 3"), "6.2": ("1 2 3 4 5 6 7 8", "9 10 11 12"), "6.3": ("1 2", "3 4"), "6.4": ("1 2", "3 4"),
    "6.5": ("", "1 2 3 4 5"), "6.6": ("", "1 2 3"), "6.8": ("", "1 2 3 4"),
    "7.1": ("", "1 2 3"), "7.2": ("1 2 3 4", ""), "7.3": ("", "1 2"), "7.4": ("1 2", "3 4 5"), "7.5": ("", "1 2"),
    "7.6": ("", "1 2"),
    "8.1": ("1", "2"), "8.2": ("1 2", "3"), "8.3": ("1", ""), "8.4": ("", "1"),
    "9.1": ("1 2 3", ""), "9.2": ("1", "2 3 4"),
    "10.1": ("", "1 2"), "10.2": ("", "1 2"), "10.3": ("", "1 2 3 4"), "10.4": ("1 2 3 4 5", "6 7 8 9 10 11"),
    "10.5": ("", "1 2 3 4 5"), "10.6": ("", "1 2"), "10.7": ("", "1 2 3"),
    "11.1": ("", "1 2"), "11.2": ("", "1 2 3"), "11.3": ("1 2", "3"), "11.4": ("1", "2 3 4"), "11.5": ("", "1"),
    "11.6": ("", "1"),
    "12.1": ("1", "2 3"), "12.2": ("1 2", ""), "12.3": ("", "1 2 3 4"),
    "13.1": ("", "1"), "13.2": ("", "1 2 3 4 5"), "13.3": ("", "1 2"), "13.4": ("1", "2 3 4 5"),
    "14.1": ("", "1 2"), "14.2": ("1", "2 3 4"), "14.3": ("1", "2 3"),
    "15.1": ("1", "2 3"), "15.2": ("1", "2 3"), "15.3": ("1", "2 3 4 5 6 7"),
    "16.1": ("", "1"), "16.2": ("", "1 2 3 4 5"), "16.3": ("", "1 2 3 4"), "16.4": ("", "1 2 3"), "16.5": ("", "1 2 3"),
    "17.1": ("", "1"), "17.2": ("", "1 2 3 4"), "17.3": ("", "1 2"),
}  # fmt: skip


def text() -> str:
    return DOCUMENT.read_text("utf-8")


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def rows() -> dict[str, list[str]]:
    """The rows of the requirements, by number: level, what is asked, verdict, reason."""
    found = [cells(line) for line in text().splitlines() if re.match(r"\| \d+\.\d+\.\d+ \|", line)]
    assert len({row[0] for row in found}) == len(found), "a requirement stands here twice"
    return {row[0]: row[1:] for row in found}


@cache
def functions_in(file: Path) -> set[str]:
    tree = ast.parse(file.read_text("utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_every_requirement_of_both_levels_has_its_row_in_its_order() -> None:
    expected = []
    for section, levels in SECTIONS.items():
        numbers = {int(number): level for level, some in enumerate(levels, 1) for number in some.split()}
        expected += [(f"{section}.{number}", str(level)) for number, level in sorted(numbers.items())]
    assert len(expected) == 253
    assert [(number, row[0]) for number, row in rows().items()] == expected


def test_every_row_has_a_verdict_and_a_reason() -> None:
    for number, row in rows().items():
        assert len(row) == 4, number
        _level, asked, verdict, reason = row
        assert verdict in VERDICTS, number
        assert asked, number
        assert re.search(r"\w", reason), number


def test_what_is_met_names_a_test_a_setting_or_a_document() -> None:
    for number, (*_, verdict, reason) in rows().items():
        if verdict == "met":
            assert re.search(r"`[^`]+`|\]\([^)]+\)", reason), number


@pytest.mark.parametrize("document", [DOCUMENT, ROOT / "docs" / "checks.md"], ids=lambda document: document.name)
def test_every_test_that_is_named_is_there(document: Path) -> None:
    text = document.read_text("utf-8")
    named = re.findall(r"`(\S+\.py)::(\w+)`", text)
    assert len(named) == text.count("::test_"), "a test is not written as `tests/…/test_….py::test_…`"
    missing = [
        f"{file}::{name}"
        for file, name in named
        if not file.startswith("tests/") or not (ROOT / file).is_file() or name not in functions_in(ROOT / file)
    ]
    assert missing == []


def test_no_test_is_still_to_be_named() -> None:
    """`TEST?` stands where the name of a test was not known yet."""
    waiting = [number for number, row in rows().items() for _ in range(row[-1].count("TEST?"))]
    assert waiting == [], f"tests to be named: {', '.join(waiting)}"
    assert "TEST?" not in text()


def test_every_link_leads_somewhere() -> None:
    headings = {
        re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^#+ (.+)$", text(), re.MULTILINE)
    }
    for target in re.findall(r"\]\(([^)]+)\)", text()):
        path, _, heading = target.partition("#")
        if path and not path.startswith("https://"):
            assert (DOCUMENT.parent / path).is_file(), target
        elif not path:
            assert heading in headings, target


@pytest.mark.parametrize("chapter", [*range(1, 18), "All"], ids=str)
def test_the_counts_at_the_top_are_true(chapter: int | str) -> None:
    verdicts = Counter(row[2] for number, row in rows().items() if chapter in {"All", int(number.split(".")[0])})
    name = r"\*\*All\*\*" if chapter == "All" else rf"V{chapter} [^|]+"
    line = re.search(rf"^\| {name} \|(.+)\|$", text(), re.MULTILINE)
    assert line, "the chapter is not counted"
    counted = [int(cell.strip("* ")) for cell in line[1].split("|")]
    assert counted == [*(verdicts[verdict] for verdict in VERDICTS), verdicts.total()]
