"""What the style sheets and scripts may not hold, whatever a page makes of them."""

import gzip
import re
from pathlib import Path

import pytest

STATIC = Path(__file__).parent.parent / "static"
SHEETS = sorted(STATIC.rglob("*.css"))


def test_there_is_one_style_sheet_for_the_site_one_for_the_desk_and_one_for_the_styleguide() -> None:
    assert [sheet.name for sheet in SHEETS] == ["desk.css", "site.css", "styleguide.css"]


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_nothing_moves_and_nothing_is_fetched(sheet: Path) -> None:
    # "transition:none" stills what Django's own sheet moves.
    text = re.sub(r"/\*.*?\*/|transition:none", "", sheet.read_text(), flags=re.DOTALL)
    assert re.findall(r"animation|transition|@keyframes|scroll-behavior|@font-face|@import|url\(", text) == []


def test_the_style_of_the_site_is_below_ten_kilobytes_when_compressed() -> None:
    assert len(gzip.compress((STATIC / "css/site.css").read_bytes())) < 10_000


def test_both_ways_into_the_dark_have_the_same_colors() -> None:
    text = (STATIC / "css/site.css").read_text()
    system = re.search(r"\(prefers-color-scheme:dark\)\{:root:not\(\[data-theme=light\]\)\{(.*?)\}\}", text, re.DOTALL)
    chosen = re.search(r":root\[data-theme=dark\]\{(.*?)\}", text, re.DOTALL)
    assert system
    assert chosen
    assert system[1] == chosen[1]
