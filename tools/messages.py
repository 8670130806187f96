"""Collects what the site says into the catalog of each language, and compiles it: `make messages`.

It needs none of gettext's own tools. What is not translated yet is left empty, and `tests/test_locale.py` names it.
"""

import os
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import django
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.apps import apps
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(__file__).parent.parent
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
}
TEMPLATES = ("templates/*.*", "templates/guide/*.*", "templates/journal/*.*", "templates/plain/*.*")  # not the desk's
CODE = ("guide/**/*.py", "journal/**/*.py")

Message = str | tuple[str, ...]


def extracted() -> Catalog:
    """Return everything that is said, each with the files that say it."""
    catalog = Catalog()
    for file in sources():
        name = file.relative_to(ROOT).as_posix()
        for message, context in messages(file):
            catalog.add(message, locations=[(name, 0)], context=context)
    for label in apps.get_model("guide", "Sign").Group.labels:  # guide/check.html translates them by a variable
        catalog.add(label, locations=[("guide/models.py", 0)])
    return catalog


def sources() -> Iterator[Path]:
    for pattern in (*TEMPLATES, *CODE):
        yield from sorted(file for file in ROOT.glob(pattern) if "migrations" not in file.parts)


def messages(file: Path) -> Iterator[tuple[Message, str | None]]:
    """Yield what one file says, as its singular or as singular and plural, with its context."""
    text = file.read_text()
    if file.suffix != ".py":
        # Django turns a template into lines of calls; where they stood in it would be bad indentation.
        text = "\n".join(line.strip() for line in templatize(text).splitlines())
    for _, message, _, context in extract("python", BytesIO(text.encode()), KEYWORDS, options={"encoding": "utf-8"}):
        yield message, context


def catalog_file(language: str) -> Path:
    return ROOT / "locale" / language / "LC_MESSAGES" / "django.po"


def read(language: str) -> Catalog:
    """Return the catalog of a language as it is kept."""
    with catalog_file(language).open("rb") as file:
        return read_po(file, locale=language)


def compiled(catalog: Catalog) -> bytes:
    """Return a catalog as Django reads it."""
    out = BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


def main() -> None:
    for language, _ in settings.LANGUAGES[1:]:
        catalog, found = read(language), extracted()
        found.creation_date = catalog.creation_date
        catalog.update(found, no_fuzzy_matching=True)
        catalog.obsolete.clear()
        with catalog_file(language).open("wb") as file:
            write_po(file, catalog, width=110, include_lineno=False, sort_by_file=True, ignore_obsolete=True)
        catalog_file(language).with_suffix(".mo").write_bytes(compiled(catalog))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    main()
