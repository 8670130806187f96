"""Starting the site: what the environment may say, and the one sentence that ends a start that can't be right."""

import json
import os
import re
import stat
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import pytest

from tools.ports import free_port

ROOT = Path(__file__).parent.parent.parent
URL = "SITE_URL is not right: write it as https://example.org, not “{}”."
PEPPERS = "PEPPERS is not right: write each pepper as NUMBER:HEX, with 32 bytes of hex or more."
DATABASE = "DATABASE_URL is not right: write it as postgres://user:password@host:5432/name or sqlite:////path/to/file."
CACHE = "CACHE_URL is not right: write it as redis://host:6379 or rediss://user:password@host:6379."
CONTACT = "SECURITY_CONTACT is not right: write an https address or one for mail, not “{}”."
GARBLED = "{} can’t be read. Put the secret back from a backup: a new one would lock people out."
SHOWN = [
    "DEBUG", "PORT", "SITE_URL", "ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME",
    "JOURNAL_KEY_COOKIE_NAME", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT",
    "SECURE_HSTS_SECONDS", "SECURE_HSTS_INCLUDE_SUBDOMAINS", "SECURE_HSTS_PRELOAD", "TRUSTED_PROXIES",
]  # fmt: skip


def run(data: Path, *command: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run Python with nothing in its environment but this, and a umask that hides nothing."""
    clean = {"PATH": os.environ["PATH"], "DATA_DIR": str(data), **env}
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=clean, umask=0, capture_output=True, text=True, check=False
    )


def check(data: Path, **env: str) -> tuple[int, str]:
    """Start with an environment; return the exit code and what stands on standard error."""
    done = run(data, "manage.py", "check", **env)
    return done.returncode, done.stderr


def shown(data: Path, *names: str, **env: str) -> list[object]:
    """Return settings as they come out of an environment."""
    program = (
        "import json, sys; from config import settings as s; print(json.dumps([getattr(s, n) for n in sys.argv[1:]]))"
    )
    done = run(data, "-c", program, *names, **env)
    assert done.stderr == ""
    values: list[object] = json.loads(done.stdout)
    return values


def keep(file: Path, content: bytes = b"", mode: int = 0o600) -> Path:
    """Write a file into a folder that only its owner can open."""
    file.parent.mkdir(mode=0o700, exist_ok=True)
    file.write_bytes(content)
    file.chmod(mode)
    return file


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize(
    ("env", "sentence"),
    [
        ({"PORT": "65536"}, "PORT is not right: “65536” is not a port between 1 and 65535."),
        ({"SITE_URL": "example.org"}, URL.format("example.org")),
        ({"SITE_URL": "https://example.org/guide/"}, URL.format("https://example.org/guide")),
        (
            {"SITE_URL": "http://example.org"},
            "SITE_URL is not right: a site that others can reach needs https, not “http://example.org”.",
        ),
        (
            {"SITE_URL": "https://example.org", "DEBUG": "1"},
            "DEBUG is not right: it is for your own machine, never for a site that others can reach.",
        ),
        ({"DEBUG": "maybe"}, "DEBUG is not right: “maybe” is neither 1 nor 0."),
        ({"SECURITY_CONTACT": "the office"}, CONTACT.format("the office")),
        ({"SECURITY_CONTACT": "http://example.org"}, CONTACT.format("http://example.org")),
        ({"EXIT_URL": "weather.gov"}, "EXIT_URL is not right: write a whole address, not “weather.gov”."),
        ({"TIME_ZONE": "Mars"}, "TIME_ZONE is not right: “Mars” is no time zone. Write it as America/New_York."),
        ({"TRUSTED_PROXIES": "-1"}, "TRUSTED_PROXIES is not right: “-1” is not 0, 1, 2 or so."),
        ({"PEPPERS": "garbage"}, PEPPERS),
        ({"PEPPERS": f"1:{'ab' * 31}"}, PEPPERS),
        ({"DATABASE_URL": "garbage"}, DATABASE),
        ({"DATABASE_URL": "postgres://name:secret@host:port/site"}, DATABASE),
        ({"CACHE_URL": "garbage"}, CACHE),
        ({"CACHE_URL": "memcached://host:11211"}, CACHE),
        ({"CACHE_URL": "redis://:secret@host:port"}, CACHE),
    ],
    ids=str,
)
def test_a_value_that_can_not_be_right_ends_the_start_with_one_sentence(
    tmp_path: Path, env: dict[str, str], sentence: str
) -> None:
    assert check(tmp_path / "data", **env) == (2, f"{sentence}\n")


@pytest.mark.parametrize("url", ["https://[::1", "https://example.org?a=b"])
def test_an_address_that_can_not_be_read_ends_the_start_with_one_sentence_too(tmp_path: Path, url: str) -> None:
    assert check(tmp_path / "data", SITE_URL=url) == (2, f"{URL.format(url)}\n")


def test_a_data_folder_that_is_a_file_ends_the_start(tmp_path: Path) -> None:
    file = keep(tmp_path / "file", b"words")
    assert check(file) == (2, f"DATA_DIR can’t be used: {file}: File exists.\n")
    assert file.read_bytes() == b"words"


def test_a_data_folder_that_others_can_open_ends_the_start_before_anything_is_in_it(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    folder.chmod(0o701)
    assert check(folder) == (2, f"DATA_DIR can be opened by others. Run: chmod 700 {folder}\n")
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "content", "opened", "sentence"),
    [
        ("pepper", b"ab" * 32, 0o604, "{} can be read by others. Run: chmod 600 {}"),
        ("secret_key", b" \n", 0o600, GARBLED),
        ("pepper", b"ab" * 31, 0o600, GARBLED),
        ("pepper", b"\xff" * 64, 0o600, GARBLED),
        ("secret_key", b"\xff" * 64, 0o600, GARBLED),
    ],
    ids=["open", "empty", "short", "pepper of other bytes", "key of other bytes"],
)
def test_a_secret_that_can_not_be_used_ends_the_start_and_is_left_as_it_was(
    tmp_path: Path, name: str, content: bytes, opened: int, sentence: str
) -> None:
    file = keep(tmp_path / "data" / name, content, opened)
    assert check(tmp_path / "data") == (2, f"{sentence.replace('{}', str(file))}\n")
    assert (file.read_bytes(), mode(file)) == (content, opened)


def test_the_first_start_makes_two_secrets_for_this_user_alone_and_the_next_keeps_them(tmp_path: Path) -> None:
    folder = tmp_path / "some" / "data"
    assert check(folder) == (0, "")
    secrets = {file.name: file.read_text() for file in folder.iterdir()}
    assert secrets.keys() == {"secret_key", "pepper"}
    assert [re.fullmatch("[0-9a-f]{64}", secret) is not None for secret in secrets.values()] == [True, True]
    assert secrets["secret_key"] != secrets["pepper"]
    assert [mode(folder), *(mode(file) for file in folder.iterdir())] == [0o700, 0o600, 0o600]
    assert shown(folder, "SECRET_KEY") == [secrets["secret_key"]]
    assert {file.name: file.read_text() for file in folder.iterdir()} == secrets


def test_secrets_in_the_environment_make_no_files_and_empty_values_count_as_not_set(tmp_path: Path) -> None:
    env = {"SECRET_KEY": "words", "PEPPERS": f" 1:{'ab' * 32}, 2:{'cd' * 32}", "PORT": "", "DEBUG": " "}
    assert shown(tmp_path / "data", "SECRET_KEY", "PORT", "DEBUG", **env) == ["words", 8000, False]
    assert list((tmp_path / "data").iterdir()) == []


def test_https_brings_cookies_that_no_other_host_can_set_and_asks_for_https_for_two_years(tmp_path: Path) -> None:
    env = {"SITE_URL": "https://example.org/", "PORT": "9000", "TRUSTED_PROXIES": "2", "DEBUG": "off"}
    assert shown(tmp_path / "data", *SHOWN, **env) == [
        False, 9000, "https://example.org", ["example.org"], ["https://example.org"], "__Host-session", "__Host-csrf",
        "__Host-jkey", True, True, True, 63_072_000, True, True, 2,
    ]  # fmt: skip


def test_on_this_machine_alone_nothing_asks_for_https(tmp_path: Path) -> None:
    assert shown(tmp_path / "data", *SHOWN, PORT="9000") == [
        False, 9000, "http://127.0.0.1:9000", ["127.0.0.1", "::1", "[::1]", "localhost"], [], "session", "csrf",
        "jkey", False, False, False, 0, False, False, 0,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "contact"),
    [
        ("", "http://127.0.0.1:8000/about/"),
        ("safe@example.org", "mailto:safe@example.org"),
        ("mailto:safe@example.org", "mailto:safe@example.org"),
        ("https://example.org/flaws?from=us&to=you", "https://example.org/flaws?from=us&to=you"),
    ],
)
def test_flaws_are_told_at_the_page_about_the_site_or_where_it_is_asked_for(
    tmp_path: Path, given: str, contact: str
) -> None:
    assert shown(tmp_path / "data", "SECURITY_CONTACT", SECURITY_CONTACT=given) == [contact]


def test_the_database_stands_in_the_data_folder_whatever_its_name(tmp_path: Path) -> None:
    folder = tmp_path / "mine? #1 %20"
    assert shown(folder, "DATABASES")[0]["default"]["NAME"] == f"{folder}/db.sqlite3"


def test_what_stands_after_the_database_goes_to_the_driver_and_nobody_waits_for_a_dead_one(tmp_path: Path) -> None:
    url = "postgres://site:se%40cret@db.example:6543/either?sslmode=verify-full&connect_timeout=2"
    database: Any = shown(tmp_path / "data", "DATABASES", DATABASE_URL=url)[0]
    names = ("ENGINE", "NAME", "USER", "PASSWORD", "HOST", "PORT", "CONN_MAX_AGE", "CONN_HEALTH_CHECKS")
    assert [database["default"][name] for name in names] == [
        "django.db.backends.postgresql", "either", "site", "se@cret", "db.example", 6543, None, True
    ]  # fmt: skip
    assert database["default"]["OPTIONS"] == {
        "sslmode": "verify-full", "connect_timeout": 2,
        "keepalives_idle": 10, "keepalives_interval": 5, "tcp_user_timeout": 20_000,
    }  # fmt: skip


def test_without_an_address_of_a_cache_nothing_is_remembered(tmp_path: Path) -> None:
    assert shown(tmp_path / "data", "CACHES") == [
        {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    ]


@pytest.mark.parametrize(
    ("name", "url", "package"),
    [("DATABASE_URL", "postgres://host/site", "psycopg"), ("CACHE_URL", "redis://host", "redis")],
)
def test_a_driver_that_is_missing_is_asked_for_in_one_sentence(
    tmp_path: Path, name: str, url: str, package: str
) -> None:
    """With every package that is installed here but one."""
    packages = tmp_path / "packages"
    packages.mkdir()
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if not entry.name.startswith(package):
            (packages / entry.name).symlink_to(entry)
    done = run(tmp_path / "data", "-S", "manage.py", "check", PYTHONPATH=str(packages), **{name: url})
    sentence = f"{name} is not right: the package {package} is missing. Install what requirements-scale.txt lists."
    assert (done.returncode, done.stderr) == (2, f"{sentence}\n")


def test_a_database_that_is_away_ends_the_start_of_the_site_with_one_sentence(tmp_path: Path) -> None:
    port = free_port()
    env = {"DATABASE_URL": f"postgres://site:secret@127.0.0.1:{port}/site", "PORT": str(free_port())}
    done = run(tmp_path / "data", "manage.py", "serve", **env)
    assert (done.returncode, done.stdout, done.stderr) == (
        1, "", "CommandError: The database that DATABASE_URL names can’t be reached: connection failed: "
        f'connection to server at "127.0.0.1", port {port} failed: Connection refused\n'
    )  # fmt: skip
