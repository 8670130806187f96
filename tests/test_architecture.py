"""Who may import whom, and how large a room may be. `docs/architecture.md` gives the reasons."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
APPS = ("config", "guide", "journal")
FILES = sorted(file for app in APPS for file in (ROOT / app).rglob("*.py") if "migrations" not in file.parts)


def module(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports(file: Path) -> Iterator[tuple[str, bool]]:
    """Yield each imported name in full, and whether it is imported inside a function."""
    package = module(file) if file.name == "__init__.py" else module(file).rpartition(".")[0]
    tree = ast.parse(file.read_text())
    inner = {id(n) for f in ast.walk(tree) if isinstance(f, ast.FunctionDef) for n in ast.walk(f)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, id(node) in inner) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            name = ".".join([*base, node.module] if node.module else base)
            yield from ((f"{name}.{alias.name}", id(node) in inner) for alias in node.names)


IMPORTS = {module(file): [name for name, _ in imports(file)] for file in FILES}


def names(prefix: str, importer: str) -> list[str]:
    return [name for name in IMPORTS[importer] if f"{name}.".startswith(f"{prefix}.")]


def test_the_walk_sees_the_whole_house() -> None:
    assert {"guide.models", "journal.crypto", "journal.views.doors", "config.settings"} <= IMPORTS.keys()
    assert "journal.vault.Vault" in IMPORTS["journal.entries"]


@pytest.mark.parametrize("importer", [name for name in IMPORTS if name.startswith("guide")])
def test_the_guide_knows_nothing_of_the_journal(importer: str) -> None:
    assert names("journal", importer) == []


@pytest.mark.parametrize(
    "importer",
    [name for name in IMPORTS if name.startswith("guide") and not name.startswith(("guide.admin", "guide.desk"))],
)
@pytest.mark.parametrize("people", ["auth", "sessions", "messages"])
def test_the_guide_knows_no_people_outside_its_desk(importer: str, people: str) -> None:
    assert names(f"django.contrib.{people}", importer) == []


@pytest.mark.parametrize("importer", [name for name in IMPORTS if name.startswith("journal")])
def test_the_journal_reads_the_guide_through_one_module(importer: str) -> None:
    assert set(names("guide", importer)) <= {"guide.questions", "guide.questions.Question"}


@pytest.mark.parametrize("importer", ["journal.crypto", "journal.vault", "journal.locked_file"])
def test_the_vault_stands_on_no_framework(importer: str) -> None:
    roots = {name.split(".")[0] for name in IMPORTS[importer]} - set(sys.stdlib_module_names)
    assert roots <= {"argon2", "cryptography", "journal"}


def test_importing_the_vault_loads_no_django() -> None:
    program = "import sys, journal.locked_file; print([m for m in sys.modules if m.startswith('django')])"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_only_five_modules_touch_key_bytes() -> None:
    makers = {"crypto.derive", "crypto.stretch", "crypto.wrap", "crypto.unwrap", "crypto.new_recovery_key"}
    users = set()
    for file in FILES:
        source = file.read_text()
        if any(name in source for name in makers) or "_dek" in source.replace("dek_tag", ""):
            users.add(module(file))
    assert users <= {"journal.crypto", "journal.vault", "journal.session", "journal.accounts", "journal.locked_file"}


def test_only_accounts_changes_a_slot_and_only_session_keeps_one() -> None:
    def calling(*calls: str) -> set[str]:
        return {module(file) for file in FILES if any(f".{call}(" in file.read_text() for call in calls)}

    assert calling("password_slot", "recovery_slot") == {"journal.accounts"}
    assert calling("session_slot") == {"journal.session"}
    assert calling("open_with_cookie_key") == {"journal.session"}


@pytest.mark.parametrize("file", FILES, ids=module)
def test_nothing_is_imported_inside_a_function(file: Path) -> None:
    assert [name for name, inside in imports(file) if inside] == []


@pytest.mark.parametrize("importer", [name for name in IMPORTS if not name.startswith("config")])
def test_the_apps_do_not_import_the_configuration(importer: str) -> None:
    assert names("config", importer) == []


def test_no_module_imports_itself_in_a_circle() -> None:
    known = set(IMPORTS)
    edges = {
        importer: {found for name in found_names for found in (name, name.rpartition(".")[0]) if found in known}
        for importer, found_names in IMPORTS.items()
    }

    assert [name for name in known if name in edges[name]] == []
    assert [name for name in sorted(known) if _in_circle(name, edges)] == []


def _in_circle(start: str, edges: dict[str, set[str]]) -> bool:
    seen: set[str] = set()
    waiting = list(edges[start])
    while waiting:
        name = waiting.pop()
        if name == start:
            return True
        if name not in seen:
            seen.add(name)
            waiting += edges[name]
    return False


@pytest.mark.parametrize("file", FILES, ids=module)
def test_a_file_is_read_in_one_sitting(file: Path) -> None:
    tree = ast.parse(file.read_text())
    long = [n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.end_lineno - n.lineno >= 40]
    assert len(file.read_text().splitlines()) <= 400
    assert long == []


@pytest.mark.parametrize("file", sorted((ROOT / "templates").rglob("*.html")), ids=lambda file: file.name)
def test_a_template_is_short_and_carries_no_script_or_style(file: Path) -> None:
    text = file.read_text()
    assert len(text.splitlines()) <= 80
    assert " style=" not in text
    assert not re.search(r"\son\w+=", text)
    assert "javascript:" not in text
    assert "<script>" not in text


@pytest.mark.parametrize(
    "file",
    [ROOT / "templates/base.html", ROOT / "templates/nav.html", *sorted((ROOT / "templates/guide").glob("*.html"))],
    ids=lambda file: file.name,
)
def test_the_guide_can_not_know_who_reads_it(file: Path) -> None:
    text = file.read_text()
    for word in ("user", "messages", "perms", "csrf_token", "request"):
        assert f"{{{{ {word}" not in text
        assert f"if {word}" not in text
        assert f"{{% {word}" not in text
