"""Whatever Markdown goes in: readers get text, and nothing that could run, load or style."""

import re
import time
from html.parser import HTMLParser

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st

from guide import rendering
from guide.models import Tip
from guide.rendering import markdown_to_html

SCHEMES = {"http", "https", "tel", "sms", "mailto"}
PICTURE = {"src", "alt", "width", "height", "loading", "decoding"}
OURS = re.compile(r"/images/[\w-]+\.webp", re.ASCII)
CLASSES = {"safe", "tell", "left", "center", "right"}
LAKE = "/images/lake-1600x900-0123456789ab.webp"
DANGEROUS = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<!-- hidden -->", "<p style='color:red'>",
    "[a](javascript:alert(1))", "[a](JaVaScRiPt&colon;alert(1))", "[a](data:text/html,x)", "<svg/onload=x>",
    "![a](data:image/png;base64,AA)",
    "![a](x 'onerror=alert(1)')", "<javascript:alert(1)>", "[a]: vbscript:x", "[a]", "[a](https://x.example \"t\")",
    "::: safety <b onclick=x>\n", "::: note \" style=x\n", ":::\n", "| a |\n|:-:|\n| b |\n", "```x\" onclick=y\n",
    "\n\n", "\t", "&lt;script&gt;", "&#x3c;script&#x3e;", "\\<", "`", "*", "> ", "# ", "- ", "\"", "'", "{list}",
    "\0", "\r",
    "onerror=", "style=", "&#106;avascript:", "[a](&#106;avascript:x)", "[a](java\tscript:x)", "](", "![", "[",
    f"![a]({LAKE})", f"![\"onerror=x]({LAKE})", f"![a]({LAKE}?x)", f"![a]({LAKE}#x)", f"[![a]({LAKE})](x:y)",
    "![a](//b.example/images/a.webp)", "![a](/images/../journal/)", "![a](/images/a-1x1-0123456789ab.webp\" x=\"",
    "<iframe src=x>", "<object data=x>", "<style>", "</div>", "<a href=x>", "[a](<javascript:x>)", "\u202e", "\u200f",
    "\u2028", "\ufeff", "\xa0", "    ", "1. ", "::: note [a](data:x)\n", "|[a](data:x)|\n|-|\n",
]  # fmt: skip


class Tags(HTMLParser):
    """Collects the tags of a text, and their attributes with them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.comments: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)


def assert_inert(html: str) -> None:
    found = Tags(html)
    assert "<script" not in html.lower()
    assert found.comments == []
    assert found.tags <= {
        "a", "blockquote", "br", "code", "div", "em", "h2", "h3", "h4", "hr", "img", "li", "ol", "p", "pre", "strong",
        "table", "tbody", "td", "th", "thead", "tr", "ul",
    }  # fmt: skip
    assert {name for name, _ in found.attributes} <= {"href", "title", "rel", "class", "start", *PICTURE}
    assert [value for name, value in found.attributes if name == "src" and not OURS.fullmatch(value)] == []
    assert {value for name, value in found.attributes if name == "class"} <= CLASSES
    for href in (value for name, value in found.attributes if name == "href"):
        scheme = re.match(r"([a-z][a-z0-9+.-]*):", re.sub(r"[\x00-\x20]", "", href).lower())
        assert scheme is None or scheme[1] in SCHEMES, href


@settings(deadline=None, max_examples=300)
@given(st.lists(st.one_of(st.sampled_from(DANGEROUS), st.text(max_size=12)), max_size=12).map("".join))
def test_no_markdown_makes_html_that_runs_loads_or_styles(text: str) -> None:
    assert_inert(markdown_to_html(text))
    assert_inert(rendering.line_to_html(text))
    assert_inert("".join(markdown_to_html(half) for half in rendering.split_at_list(text)))


@settings(deadline=None, max_examples=300)
@given(st.lists(st.one_of(st.sampled_from(DANGEROUS), st.text(max_size=12)), max_size=12).map("".join))
def test_cleaning_what_was_cleaned_changes_nothing(text: str) -> None:
    html = markdown_to_html(rendering.clean_text(text))
    assert rendering._clean(html) == html


def test_the_check_itself_sees_what_is_dangerous() -> None:
    bad = f"<img src='{LAKE}?x'>", "<iframe>", "<img src='https://b.example/images/a.webp'>"
    for html in (*bad, "<script>", '<p onclick="x">', '<a href="java\nscript:x">', '<p style="x">', "<!-- x -->"):
        with pytest.raises(AssertionError):
            assert_inert(html)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
        ("<img src=x onerror=alert(1)>", "<p>&lt;img src=x onerror=alert(1)&gt;</p>"),
        ('![a](x "onerror=alert(1)")', "<p>a</p>"),
        ("![*a* <b>](https://tracker.example/pixel.png)", "<p>a &lt;b&gt;</p>"),
        ("[a](javascript:alert(1))", "<p>[a](javascript:alert(1))</p>"),
        ("[a](JaVaScript&colon;alert(1))", "<p>[a](JaVaScript:alert(1))</p>"),
        ("[a](data:text/html,b)", "<p>[a](data:text/html,b)</p>"),
        ("[a](data:image/png;base64,AA)", '<p><a rel="noreferrer">a</a></p>'),
        ("[a](ftp://b.example)", '<p><a rel="noreferrer">a</a></p>'),
        ('<p style="color:red">a</p>', "<p>&lt;p style=“color:red”&gt;a&lt;/p&gt;</p>"),
        ("a\n\n<!-- b -->", "<p>a</p>\n<p>&lt;!-- b --&gt;</p>"),
        ('<div class="safe">a</div>', "<p>&lt;div class=“safe”&gt;a&lt;/div&gt;</p>"),
    ],
)
def test_html_is_shown_as_it_was_typed_and_bad_addresses_lead_nowhere(text: str, html: str) -> None:
    assert markdown_to_html(text) == html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("[a](/check/)", '<p><a href="/check/" rel="noreferrer">a</a></p>'),
        ("[a](https://b.example/?c&d)", '<p><a href="https://b.example/?c&amp;d" rel="noreferrer">a</a></p>'),
        ("[a](tel:8000000000)", '<p><a href="tel:8000000000" rel="noreferrer">a</a></p>'),
        ("https://b.example", "<p>https://b.example</p>"),
        ("*a* **b**  \nc", "<p><em>a</em> <strong>b</strong><br>\nc</p>"),
        ("## a\n\n### b", "<h2>a</h2>\n<h3>b</h3>"),
        ("3. a\n4. b", '<ol start="3">\n<li>a</li>\n<li>b</li>\n</ol>'),
        ("> a\n\n---", "<blockquote>\n<p>a</p>\n</blockquote>\n<hr>"),
        ("```js\na\n```", "<pre><code>a\n</code></pre>"),
    ],
)
def test_the_markdown_of_the_cheatsheet(text: str, html: str) -> None:
    assert markdown_to_html(text) == html


def test_quotes_dashes_and_dots_are_typographic() -> None:
    typed = '"It\'s \'so\'" -- she said... "no"'
    assert markdown_to_html(typed) == "<p>“It’s ‘so’” – she said… “no”</p>"
    assert rendering.line_to_html(typed) == "“It’s ‘so’” – she said… “no”"


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("::: safety If it's fear\na\n:::", '<div class="safe">\n<h2>If it’s fear</h2>\n<p>a</p>\n</div>'),
        ("::: note\n- a\n:::\nb", '<div class="tell">\n<ul>\n<li>a</li>\n</ul>\n</div>\n<p>b</p>'),
        ("::: note *a* <b>\nc\n:::", '<div class="tell">\n<h2><em>a</em> &lt;b&gt;</h2>\n<p>c</p>\n</div>'),
        ("::: danger a\nb\n:::", "<p>::: danger a\nb\n:::</p>"),
        ("::: safetynet a\nb\n:::", "<p>::: safetynet a\nb\n:::</p>"),
        ("::: safety\na", '<div class="safe">\n<p>a</p>\n</div>'),
    ],
)
def test_two_asides_become_boxes_and_any_other_word_stays_text(text: str, html: str) -> None:
    assert markdown_to_html(text) == html


def test_a_table_is_aligned_by_class() -> None:
    html = markdown_to_html("|a|b|c|d|\n|:-|:-:|-:|-|\n|1|2|3|4|")
    assert re.findall(r"<t[hd].*?>", html) == [
        "<thead>", '<th class="left">', '<th class="center">', '<th class="right">', "<th>",
        '<td class="left">', '<td class="center">', '<td class="right">', "<td>",
    ]  # fmt: skip
    assert rendering.plain_text(html) == "a b c d 1 2 3 4"


@pytest.mark.parametrize(
    ("body", "halves"),
    [
        ("a\n\n{list}\n\nb", ("a", "b")),
        ("{list}\nb", ("", "b")),
        ("a\n{list}", ("a", "")),
        ("{list}", ("", "")),
        ("a\n\nb", ("a\n\nb", "")),
        ("", ("", "")),
        ("a\r\n\r\n{list}\r\n\r\nb\r\nc", ("a", "b\nc")),
        ("a {list} b", ("a {list} b", "")),
        ("  a\n    {list}\n", ("a\n    {list}", "")),
    ],
)
def test_a_text_is_split_at_the_line_of_the_list(body: str, halves: tuple[str, str]) -> None:
    assert rendering.split_at_list(body) == halves
    assert rendering.count_lists(body) == body.splitlines().count("{list}")


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        (("one two", "three"), 3),
        (("It’s well-known — 50 words, isn't it",), 6),
        (("**bold** _slanted_ `code`",), 3),
        (("## Head\n\n- a\n- b\n\n---\n\n| c | d |\n|---|---|",), 5),
        (("[two words](https://example.org/many/more/words)",), 2),
        (("::: safety If it is fear\nnow\n:::",), 5),
        (("::: note\nnow\n:::",), 1),
        (("a\n\n{list}\n\nb",), 2),
        (("Über Äpfel naïve",), 3),
        (("", ""), 0),
    ],
)
def test_words_are_counted_as_a_reader_meets_them(texts: tuple[str, ...], words: int) -> None:
    assert rendering.count_words(*texts) == words


def test_passages_are_the_words_of_each_block_without_marks() -> None:
    text = "# *A*\n\nb\nc {list} [d](x)![e](y)\n\n- f\n\n::: note G's\n| h | |\n|---|---|\n:::\n\n    i  j"
    assert rendering.passages(rendering.parse(text)) == ["A", "b c", "de", "f", "G's", "h", "i j"]


def test_a_text_is_parsed_as_it_was_typed_with_every_link() -> None:
    (_, line, _) = rendering.parse('"a" -- [b](javascript:c)')
    assert [(child.type, child.content, child.attrs) for child in line.children or ()] == [
        ("text", '"a" -- ', {}),
        ("link_open", "", {"href": "javascript:c"}),
        ("text", "b", {}),
        ("link_close", "", {}),
    ]


@pytest.mark.parametrize(("words", "minutes"), [(0, 1), (1, 1), (200, 1), (201, 2), (400, 2), (401, 3), (2000, 10)])
def test_two_hundred_words_are_a_minute_and_none_is_a_minute_too(words: int, minutes: int) -> None:
    assert rendering.reading_minutes(words) == minutes


def test_plain_text_is_the_words_on_one_line() -> None:
    html = markdown_to_html("## A &amp; b\n\nc *d*e  \nf\n\n- g\n- h\n\n|i|j|\n|-|-|\n|k|l|\n\n<b>&lt;")
    assert rendering.plain_text(html) == "A & b. c de f g h i j k l <b><"


@settings(deadline=None)
@given(st.text())
def test_plain_text_has_no_line_breaks_and_no_spaces_to_spare(text: str) -> None:
    plain = rendering.plain_text(markdown_to_html(text))
    assert plain == " ".join(plain.split())


def test_a_text_has_no_main_heading_of_its_own() -> None:
    assert rendering.markdown_to_html("# One\n\n## Two") == "<h2>One</h2>\n<h2>Two</h2>"


def test_a_text_has_three_levels_of_headings_which_stand_below_others_where_it_does() -> None:
    text = "".join(f"{'#' * level} {level}\n\n" for level in range(1, 7)) + "::: note Box\nText\n:::"
    for below, levels in ((0, "2234442"), (1, "3345553"), (3, "5566665")):
        html = rendering.markdown_to_html(text, below)
        assert "".join(re.findall(r"<h(\d)>", html)) == "".join(re.findall(r"</h(\d)>", html)) == levels


@pytest.mark.parametrize(
    ("typed", "clean"),
    [
        ("one\x0btwo\r\nthree\rfour\tfive\x00\x7f", "one\ntwo\nthree\nfour\tfive"),
        ("one\u2028two\u2029three\x85four", "one\ntwo\nthree\nfour"),
        ("\ufeffa\u200bb\xadc\u2060d", "abcd"),
        ("a\xa0\xa0b \xa0c\xa0 d", "a b c d"),
        ("50\xa0km", "50\xa0km"),
        ("\xa0\xa0a\xa0\n\xa0\n \xa0b", "a\n\nb"),
        ("a  \n    b", "a  \n    b"),
        ("👩\u200d👧 می\u200cخواهم", "👩\u200d👧 می\u200cخواهم"),
    ],
)
def test_characters_that_nobody_sees_are_taken_out(typed: str, clean: str) -> None:
    assert rendering.clean_text(typed) == clean


@settings(deadline=None)
@given(st.text(st.sampled_from("a \n\r\xa0\u200b\u2028\ufeff\xad\x0b-")))
def test_a_clean_text_is_left_as_it_is(text: str) -> None:
    assert rendering.clean_text(rendering.clean_text(text)) == rendering.clean_text(text)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        (
            f'![A *lake* "here"]({LAKE} "title")',
            f'<p><img src="{LAKE}" alt="A lake &quot;here&quot;" width="1600" height="900" loading="lazy" '
            'decoding="async"></p>',
        ),
        (f"![a]({LAKE}?b)", "<p>a</p>"),
        ("![a](/images/lake.webp)", "<p>a</p>"),
        ("![a](/images/../journal/a-1x1-0123456789ab.webp)", "<p>a</p>"),
        ("![a](//b.example/images/a-1x1-0123456789ab.webp)", "<p>a</p>"),
        ("[![a](https://b.example/c.png)](/check/)", '<p><a href="/check/" rel="noreferrer">a</a></p>'),
    ],
)
def test_a_picture_is_one_of_ours_and_of_any_other_the_words_are_shown(text: str, html: str) -> None:
    assert markdown_to_html(text) == html


def test_a_line_shows_no_picture() -> None:
    assert rendering.line_to_html(f"*a* ![b]({LAKE})") == "<em>a</em> b"


ENDLESS = {
    "quotes": "> ", "lists": "- ", "numbers": "1. ", "quotes of lists": "> - ", "brackets": "[", "pictures": "![",
    "links": "[a](", "references": "[a\n", "stars": "*a", "stars and lines": "*a **a _a __a ", "marks": '"',
    "boxes": "::: note\n", "tables": "|a\n|-\n", "entities": "&#106;", "angles": "<a:", "titles": '[a](b "',
    "no-break spaces": " \xa0 a",
}  # fmt: skip


@pytest.mark.parametrize("name", ENDLESS)
def test_a_text_made_to_take_long_is_rendered_in_bounded_time(name: str) -> None:
    text = (ENDLESS[name] * rendering.LIMIT)[: rendering.LIMIT]
    begun = time.process_time()
    html = markdown_to_html(rendering.clean_text(text))
    rendering.plain_text(html)
    rendering.count_words(text)
    assert time.process_time() - begun < 20  # the slowest takes some 3 seconds
    assert_inert(html)


def test_a_text_of_which_readers_would_not_see_all_is_refused_with_the_reason() -> None:
    deep = "\n".join("    " * depth + "- point" for depth in range(20))
    for text, reason in (("a" * 100_001, "100,001 characters"), (deep, "too deep"), ("> " * 20 + "a", "too deep")):
        with pytest.raises(ValidationError, match=reason):
            rendering.refuse_unreadable(text)
        with pytest.raises(ValidationError) as refused:
            Tip(title="a", slug="a", body=text).clean_fields()
        assert refused.value.message_dict.keys() == {"body"}
    rendering.refuse_unreadable("\n".join("    " * depth + "- point" for depth in range(9)))


@given(st.integers(1, 30), st.sampled_from(["> ", "- ", "1. "]))
@settings(deadline=None)
def test_what_is_not_refused_is_shown_whole(depth: int, mark: str) -> None:
    text = mark * depth + "Zwiebelkuchen"
    try:
        rendering.refuse_unreadable(text)
    except ValidationError:
        return
    assert "Zwiebelkuchen" in markdown_to_html(text)
