"""The pictures in the documents are there, say in words what they show, and stay small."""

import re
from pathlib import Path

import pytest

from tools import screens

ROOT = Path(__file__).parent.parent
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
PICTURE = re.compile(r'!\[([^\]]*)\]\(([^)]+\.png)\)|<img src="([^"]+)"[^>]* alt="([^"]*)">')


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda file: file.name)
def test_each_picture_of_a_document_is_there_and_is_told_in_words(document: Path) -> None:
    for words, file, image, alt in PICTURE.findall(document.read_text()):
        assert (document.parent / (file or image)).is_file(), file or image
        assert len((words or alt).split()) > 5, file or image


def test_there_is_a_picture_for_every_page_in_every_look_and_together_they_are_small() -> None:
    names = {file.stem for file in screens.FOLDER.glob("*.png")}
    for pages in (screens.PUBLIC, screens.JOURNAL, screens.DESK_PAGES):
        for name, (_, looks) in pages.items():
            assert {f"{name}-{width}{'-dark' * (scheme == 'dark')}" for width, scheme in looks} <= names
    assert 1_000_000 < sum(file.stat().st_size for file in screens.FOLDER.glob("*.png")) < 3_000_000
