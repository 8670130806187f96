"""The page at the desk that shows what editors can write, each line beside what readers will see of it."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.safestring import SafeString, mark_safe

from . import rendering
from .images import Image

TEXT = [
    ("Paragraphs", "One thought.\n\nAn empty line, then the next."),
    ("A new line in a paragraph", "Two spaces at the end,  \nthen go on."),
    ("Headings", "## Heading\n\n### Smaller heading"),
    ("Stressed, strong", "This is *stressed*, this is **strong**."),
    ("A list", "- one\n- two\n    - a part of two"),
    ("A numbered list", "1. first\n2. then"),
    ("A quotation", "> Somebody’s words"),
    ("A link inside the site", "Try the [safety check](/check/)."),
    ("A link to another site", "See [this article](https://example.org/article)."),
    ("A number to tap", "Call [800 000 0000](tel:8000000000)."),
    ("Quotes, dashes, dots", '"Quoted", it\'s -- so...'),
    ("A rule", "Above.\n\n---\n\nBelow."),
    ("A table", "| Day | Plan |\n| --- | ---: |\n| Monday | rest |\n| Tuesday | walk |"),
    ("A mark as it is", "Two \\* three"),
]
BOXES = [
    ("Danger and fear", "::: safety If your honest answer is fear\nYou deserve support first.\n:::"),
    ("Everything else", "::: note On paper works too\nNothing has to be written here.\n:::"),
]
PICTURE = "![A path along a lake](/images/lake-1600x900-0123456789ab.webp)"


def page(request: HttpRequest) -> HttpResponse:
    """Show the cheatsheet, rendered as texts are when they are saved."""
    newest = Image.objects.shown().defer("data").first()
    context = {
        **admin.site.each_context(request),
        "title": "Markdown: what to write, what readers see",
        "text": _rows(TEXT),
        "boxes": _rows(BOXES),
        "picture": newest.markdown if newest else PICTURE,
        "picture_html": _html(newest.markdown) if newest else "",
        "list_mark": rendering.LIST_MARK,
    }
    return TemplateResponse(request, "admin/guide/cheatsheet.html", context)


def _rows(examples: list[tuple[str, str]]) -> list[tuple[str, str, SafeString]]:
    return [(what, markdown, _html(markdown)) for what, markdown in examples]


def _html(markdown: str) -> SafeString:
    return mark_safe(rendering.markdown_to_html(markdown))  # noqa: S308 - cleaned with an allow-list
