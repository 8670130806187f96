"""One person's way through the site in Spanish: every page says its own words in it, and none leads out of it."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import WIDTHS, send
from tests.conftest import PASSWORD
from tools import messages

WORDS = "Los domingos por la noche es peor."
GUIDE = ("", "guide/all/", "guide/when-to-walk-away/", "guide/are-you-ready/", "guide/are-you-ready/2/", "check/")
GUIDE += ("help/", "help/us/", "help/uk/", "about/", "privacy/", "stay-safe-online/", "display/", "search/", "nowhere/")
DOORS = ("join/", "sign-in/", "recover/", "account/deleted/")
PRIVATE = ("journal/", "journal/2/", "journal/2/history/", "journal/2/history/1/", "journal/2/history/1/delete/")
PRIVATE += ("journal/pages/new/", "account/", "account/password/", "account/key/", "account/key/test/")
PRIVATE += (
    "journal/export/",
    "journal/export/record/",
    "journal/import/",
    "account/code/",
    "account/sessions/",
    "account/delete/",
)

SMALL = {"viewport": {"width": 320, "height": 640}}

# Whole texts of a page, and names that are read out, but for what editors write: titles and running text.
TEXTS = """() => {
  const EDITED = 'script, .prose h1, .prose > p:not([class]), .prose > :is(ul, ol):not([class])';
  const found = [...document.querySelectorAll('[aria-label]')].map(element => element.getAttribute('aria-label'));
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; node = walk.nextNode();) if (!node.parentElement.closest(EDITED)) found.push(node.data);
  return found.map(text => text.trim()).filter(Boolean);
}"""


def value(pieces: list[str]) -> str:
    """Matches what stands for a placeholder: a single word if the text begins with one, or any text would fit."""
    return ".+" if pieces[0] else r"\S+"


def english() -> re.Pattern[str]:
    """Matches a whole text that the catalog has another word for."""
    said = []
    for entry in messages.read("es"):
        pairs = [(entry.id, entry.string)] if isinstance(entry.id, str) else zip(entry.id, entry.string, strict=True)
        said += [original for original, translated in pairs if original and original != translated]
    pieces = [re.split(r"(%\(\w+\)s|\{\w+\}|\[\w+\])", re.sub(r"<[^>]*>", "", text)) for text in said]
    return re.compile(
        "|".join("".join(value(ps) if i % 2 else re.escape(p) for i, p in enumerate(ps)) for ps in pieces)
    )


ENGLISH = english()


def look(page: Page) -> None:
    """Check that a page is Spanish, and fits."""
    assert page.locator("html").get_attribute("lang") == "es", page.url
    assert [text for text in page.evaluate(TEXTS) if ENGLISH.fullmatch(text)] == [], page.url
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url


def look_at(page: Page, *paths: str) -> None:
    for path in paths:
        page.goto(f"/es/{path}")
        look(page)


def test_the_check_finds_what_is_not_translated(page: Page) -> None:
    page.goto("/sign-in/")
    found = {text for text in page.evaluate(TEXTS) if ENGLISH.fullmatch(text)}
    assert {"Quick exit", "Open your journal", "Guide", "Main", "Show", "Show password"} - found == {"Show password"}


@pytest.mark.parametrize("context", [SMALL, {}], ids=["small", "phone"], indirect=True)
def test_a_person_reads_joins_writes_locks_and_comes_back_in_spanish(page: Page) -> None:
    look_at(page, *GUIDE, *DOORS)
    page.goto("/es/guide/are-you-ready/2/")
    page.get_by_role("link", name="Responder en privado").click()
    expect(page).to_have_url(re.compile(r"/es/join/\?next=%2Fes%2Fjournal%2F2%2F$"))
    page.locator("[name=password]").fill("corta")
    send(page, "Crear diario")
    look(page)
    expect(page.get_by_role("alert")).to_contain_text("La contraseña necesita al menos 12 caracteres.")
    page.get_by_label("Nombre de usuario").fill(f"rio-{page.viewport_size['width']}")
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Mostrar contraseña").click()
    page.get_by_role("button", name="Ocultar contraseña").click()
    send(page, "Crear diario")
    look(page)
    send(page, "Omitir por ahora")
    expect(page).to_have_url(re.compile(r"/es/journal/2/$"))
    write_lock_and_come_back(page)
    look_at(page, *PRIVATE)
    page.goto("/es/account/")
    page.get_by_role("button", name="Cerrar sesión").click()
    expect(page).to_have_title("Either Way: una guía y un diario privado")
    expect(page).to_have_url(re.compile(r"/es/$"))


def write_lock_and_come_back(page: Page) -> None:
    state = page.locator("#state")
    expect(state).to_contain_text("Al guardar queda bajo llave. Hasta 100\xa0000 caracteres.")
    page.locator("#id_text").fill("a" * 100_002)
    expect(state).to_have_text("2 caracteres de más; el límite es 100\xa0000. Todo sigue aquí.")
    page.locator("#id_text").fill("a" * 98_500)
    expect(state).to_have_text("Quedan 1\xa0500 caracteres.")
    page.locator("#id_text").fill(WORDS)
    expect(page.locator("[data-saving]")).to_contain_text("Guardado y bajo llave a las")
    page.get_by_text("Resuelto por ahora").click()
    send(page, "Guardar y cerrar")
    expect(page).to_have_url(re.compile(r"/es/journal/\?done=saved$"))
    expect(page.locator(".todo li").nth(1)).to_contain_text("Resuelto por ahora")
    look(page)
    send(page, "Bloquear")
    expect(page.get_by_role("heading", name="Bloqueado")).to_be_visible()
    look(page)
    page.goto("/es/journal/2/")
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Desbloquear").click()
    expect(page).to_have_url(re.compile(r"/es/journal/2/#main$"))
    expect(page.locator("#id_text")).to_have_value(WORDS)


def test_the_quick_exit_and_its_cover_speak_spanish(page: Page) -> None:
    page.goto("/es/check/")
    page.get_by_role("link", name="Salida rápida", exact=True).click()
    expect(page).to_have_url(re.compile(r"robots\.txt$"))
    page.goto("/es/check/")
    expect(page).to_have_title("Cargando")
    page.get_by_role("button", name="Continuar").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_the_languages_of_a_page_are_links_between_its_addresses(page: Page) -> None:
    page.set_viewport_size(WIDTHS["phone"])
    page.goto("/guide/red-flags/")
    link = page.get_by_role("list", name="Language").get_by_role("link", name="Español")
    assert (link.bounding_box() or {})["height"] >= 44
    link.click()
    expect(page).to_have_url(re.compile(r"/es/guide/red-flags/$"))
    page.get_by_role("list", name="Idioma").get_by_role("link", name="English").click()
    expect(page).to_have_url(re.compile(r"[^s]/guide/red-flags/$"))
