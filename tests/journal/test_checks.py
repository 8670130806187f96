"""A setting that breaks a promise is named before anything is done with it."""

import os
import subprocess
import sys
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.checks import run_checks
from django.core.checks.registry import registry
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from journal import checks
from journal.checks import DEPLOY_RULES, MIDDLEWARE, RULES

ROOT = Path(__file__).parent.parent.parent
HTTPS = {
    "SITE_URL": "https://guide.example", "ALLOWED_HOSTS": ["guide.example"], "SECURE_SSL_REDIRECT": True,
    "SECURE_HSTS_SECONDS": 63_072_000, "SESSION_COOKIE_SECURE": True, "CSRF_COOKIE_SECURE": True,
    "SESSION_COOKIE_NAME": "__Host-session", "CSRF_COOKIE_NAME": "__Host-csrf",
    "JOURNAL_KEY_COOKIE_NAME": "__Host-jkey",
    "JOURNAL_DEVICE_COOKIE_NAME": "__Host-device",
}  # fmt: skip
POLICY: dict[str, Any] = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
GZIP = "django.middleware.gzip.GZipMiddleware"
OTHER = "django.middleware.locale.LocaleMiddleware"


def policy(**more: Any) -> dict[str, Any]:
    return {"DIRECTIVES": POLICY | {name.replace("_", "-"): value for name, value in more.items()}}


def database(**changed: Any) -> dict[str, Any]:
    """The database settings with something else in them; None takes it away."""
    default = {"ENGINE": "django.db.backends.sqlite3", "NAME": "none.sqlite3", "OPTIONS": SQLITE, **changed}
    return {"default": {name: value for name, value in default.items() if value is not None}}


SQLITE = {
    "transaction_mode": "IMMEDIATE",
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;",
}


def logging(**changed: Any) -> dict[str, Any]:
    log = deepcopy(settings.LOGGING)
    log["handlers"]["console"] |= changed
    return log


# What breaks each rule, and no other. Each is tried at an https address, and all but those of https without it too.
BROKEN: list[tuple[str, dict[str, Any]]] = [
    ("E001", {"AUTHENTICATION_BACKENDS": ["django.contrib.auth.backends.ModelBackend"]}),
    ("E001", {"AUTHENTICATION_BACKENDS": [*settings.AUTHENTICATION_BACKENDS, "a.second.Backend"]}),
    ("E002", {"PASSWORD_HASHERS": ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]}),
    ("E003", {"AUTH_PASSWORD_VALIDATORS": []}),
    ("E004", {"SESSION_ENGINE": "django.contrib.sessions.backends.signed_cookies"}),
    ("E005", {"SESSION_SAVE_EVERY_REQUEST": True}),
    ("E006", {"SESSION_EXPIRE_AT_BROWSER_CLOSE": False}),
    ("E007", {"CSRF_COOKIE_AGE": 31_449_600}),
    ("E008", {"CSRF_USE_SESSIONS": True}),
    ("E009", {"CSRF_FAILURE_VIEW": "django.views.csrf.csrf_failure"}),
    ("E010", {"SESSION_COOKIE_HTTPONLY": False}),
    ("E010", {"CSRF_COOKIE_HTTPONLY": False}),
    ("E011", {"SESSION_COOKIE_SAMESITE": "None"}),
    ("E011", {"CSRF_COOKIE_SAMESITE": False}),
    ("E012", {"SESSION_COOKIE_SECURE": False}),
    ("E012", {"CSRF_COOKIE_SECURE": False}),
    ("E013", {"SESSION_COOKIE_NAME": "session"}),
    ("E013", {"JOURNAL_KEY_COOKIE_NAME": "__Secure-jkey"}),
    ("E013", {"JOURNAL_DEVICE_COOKIE_NAME": "device"}),
    ("E013", {"SESSION_COOKIE_DOMAIN": "guide.example"}),
    ("E013", {"CSRF_COOKIE_PATH": "/journal/"}),
    ("E014", {"JOURNAL_IDLE_SECONDS": 4 * 60}),
    ("E014", {"JOURNAL_IDLE_SECONDS": 60 * 60}),
    ("E014", {"JOURNAL_IDLE_SECONDS": 5 * 60 - 1}),
    ("E014", {"JOURNAL_IDLE_SECONDS": 30 * 60 + 1}),
    ("E015", {"JOURNAL_SESSION_SECONDS": 12 * 60 * 60 + 1}),
    ("E015", {"JOURNAL_SESSION_SECONDS": 60, "SESSION_COOKIE_AGE": 60}),
    ("E016", {"SESSION_COOKIE_AGE": 1_209_600}),
    ("E017", {"JOURNAL_KDF_COST": (1024, 2, 1)}),
    ("E017", {"JOURNAL_KDF_COST": (2 * 1024 * 1024, 3, 1)}),
    ("E017", {"JOURNAL_KDF_COST": (65536, 3)}),
    ("E018", {"JOURNAL_PEPPERS": {}}),
    ("E018", {"JOURNAL_PEPPERS": {1: b"p" * 32, 2: b"p" * 31}}),
    ("E019", {"MIDDLEWARE": MIDDLEWARE[:-1]}),
    ("E019", {"MIDDLEWARE": MIDDLEWARE[:4] + MIDDLEWARE[5:]}),
    ("E019", {"MIDDLEWARE": [*MIDDLEWARE[:4], MIDDLEWARE[5], MIDDLEWARE[4], *MIDDLEWARE[6:]]}),
    ("E019", {"MIDDLEWARE": [OTHER, *MIDDLEWARE]}),
    ("E019", {"MIDDLEWARE": [*MIDDLEWARE, OTHER]}),
    ("E019", {"MIDDLEWARE": []}),
    ("E020", {"MIDDLEWARE": [MIDDLEWARE[0], GZIP, *MIDDLEWARE[1:]]}),
    ("E021", {"FILE_UPLOAD_HANDLERS": ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]}),
    ("E022", {"DATA_UPLOAD_MAX_MEMORY_SIZE": 2_621_440}),
    ("E022", {"DATA_UPLOAD_MAX_MEMORY_SIZE": None}),
    ("E023", {"DATABASES": database(ATOMIC_REQUESTS=True)}),
    ("E024", {"DATABASES": database(OPTIONS=None)}),
    ("E024", {"DATABASES": database(OPTIONS=SQLITE | {"transaction_mode": "DEFERRED"})}),
    *(
        ("E024", {"DATABASES": database(OPTIONS=SQLITE | {"init_command": SQLITE["init_command"].replace(*swap)})})
        for swap in [("WAL", "DELETE"), ("FULL", "NORMAL"), ("secure_delete=ON", "secure_delete=OFF")]
    ),
    ("E026", {"TEMPLATES": [{**settings.TEMPLATES[0], "OPTIONS": {"autoescape": False}}]}),
    ("E027", {"CONTENT_SECURITY_POLICY": policy(default_src=["'self'"])}),
    ("E027", {"CONTENT_SECURITY_POLICY": policy(script_src=["'self'", "'unsafe-inline'"])}),
    ("E027", {"CONTENT_SECURITY_POLICY": policy(style_src=["'unsafe-inline'"])}),
    ("E027", {"CONTENT_SECURITY_POLICY": policy(img_src=["https://cdn.example"])}),
    ("E027", {"CONTENT_SECURITY_POLICY": policy(frame_ancestors=["*"])}),
    ("E027", {"CONTENT_SECURITY_POLICY": {**policy(), "EXCLUDE_URL_PREFIXES": ["/manage/"]}}),
    ("E027", {"CONTENT_SECURITY_POLICY": None}),
    ("E028", {"X_FRAME_OPTIONS": "SAMEORIGIN"}),
    ("E029", {"SECURE_REFERRER_POLICY": "no-referrer"}),
    ("E030", {"SECURE_CROSS_ORIGIN_OPENER_POLICY": None}),
    ("E031", {"SECURE_CONTENT_TYPE_NOSNIFF": False}),
    ("E032", {"SECURE_HSTS_SECONDS": 3600}),
    ("E033", {"SECURE_SSL_REDIRECT": False}),
    ("E034", {"ALLOWED_HOSTS": ["*"]}),
    ("E034", {"ALLOWED_HOSTS": ["guide.example", ".guide.example"]}),
    ("E034", {"ALLOWED_HOSTS": []}),
    ("E035", {"TRUSTED_PROXIES": -1}),
    ("E035", {"TRUSTED_PROXIES": True}),
    ("E036", {"USE_X_FORWARDED_HOST": True}),
    ("E036", {"SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https")}),
    ("E037", {"DEBUG": True}),
    ("E038", {"EXIT_URL": "https://guide.example/somewhere/"}),
    ("E038", {"EXIT_URL": ""}),
    ("E039", {"DEFAULT_EXCEPTION_REPORTER": "django.views.debug.ExceptionReporter"}),
    ("E040", {"DEFAULT_EXCEPTION_REPORTER_FILTER": "django.views.debug.SafeExceptionReporterFilter"}),
    ("E041", {"LOGGING": logging(filters=[])}),
    ("E041", {"LOGGING": {**logging(), "filters": {"private": {"()": "logging.Filter"}}}}),
    ("E041", {"LOGGING": {**logging(), "loggers": {}}}),
    ("E041", {"LOGGING": {}}),
    ("E042", {"ADMINS": [("Ana", "ana@guide.example")]}),
    ("E042", {"MANAGERS": [("Ana", "ana@guide.example")]}),
    ("E042", {"LOGGING": logging(**{"class": "django.utils.log.AdminEmailHandler"})}),
]
OF_HTTPS = {"E012", "E013", "E032", "E033", "E037"}


def change(monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any]) -> None:
    for name, value in changes.items():
        monkeypatch.setattr(settings, name, value)


def said(*, deploy: bool = False) -> list[str]:
    """The ids of what our own checks say."""
    return [each.id for each in run_checks(include_deployment_checks=deploy) if each.id.startswith("journal.")]


@pytest.mark.parametrize(("rule", "changes"), BROKEN, ids=lambda value: value if isinstance(value, str) else "")
def test_a_broken_setting_is_named_and_no_other(
    rule: str, changes: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    if rule not in OF_HTTPS and "guide.example" not in str(changes.get("EXIT_URL")):
        with monkeypatch.context() as without_https:
            change(without_https, changes)
            assert said() == [f"journal.{rule}"]
    change(monkeypatch, HTTPS | changes)
    assert said() == [f"journal.{rule}"]


@pytest.mark.parametrize("changes", [changes for rule, changes in BROKEN if rule in OF_HTTPS], ids=str)
def test_on_this_machine_alone_nothing_has_to_be_https(
    changes: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    change(monkeypatch, changes)
    assert said() == []


@pytest.mark.parametrize(
    ("file", "folder", "expected"),
    [(0o644, 0o755, ["journal.E025"]), (0o660, 0o750, ["journal.E025"]), (0o600, 0o755, []), (0o644, 0o700, [])],
)
def test_a_database_file_that_others_can_open_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: int, folder: int, expected: list[str]
) -> None:
    path = tmp_path / "db.sqlite3"
    path.touch()
    path.chmod(file)
    tmp_path.chmod(folder)
    change(monkeypatch, {"DATABASES": database(NAME=str(path))})
    assert said() == expected


def test_another_database_needs_no_options_of_sqlite(monkeypatch: pytest.MonkeyPatch) -> None:
    change(monkeypatch, {"DATABASES": database(ENGINE="django.db.backends.postgresql", NAME="guide", OPTIONS=None)})
    assert [rule.id for rule in RULES if not rule.holds()] == []


@pytest.mark.parametrize(
    "changes",
    [
        {"MIDDLEWARE": [MIDDLEWARE[0], OTHER, *MIDDLEWARE[1:-1], OTHER, MIDDLEWARE[-1]]},
        {"TRUSTED_PROXIES": 1, "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https")},
        {"JOURNAL_IDLE_SECONDS": 5 * 60},
        {"JOURNAL_IDLE_SECONDS": 30 * 60},
        {"JOURNAL_PEPPERS": {1: b"p" * 32, 7: b"q" * 64}},
        {"SESSION_COOKIE_SAMESITE": "Strict"},
        {"CONTENT_SECURITY_POLICY": policy(upgrade_insecure_requests=True, img_src=["'none'"])},
    ],
    ids=str,
)
def test_what_a_deployer_may_choose_is_not_complained_about(
    changes: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    change(monkeypatch, HTTPS | changes)
    assert said() == []


def test_a_cost_below_the_shipped_one_is_said_to_deployers_only(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (settings.JOURNAL_KDF_COST, said(), said(deploy=True)) == ((19 * 1024, 2, 1), [], ["journal.W001"])
    for cost, expected in [((64 * 1024, 3, 1), []), ((128 * 1024, 2, 1), ["journal.W001"])]:
        monkeypatch.setattr(settings, "JOURNAL_KDF_COST", cost)
        assert said(deploy=True) == expected


def test_every_rule_has_a_case_an_id_of_its_own_and_something_to_say() -> None:
    assert sorted({rule for rule, _ in BROKEN} | {"E025", "W001"}) == [rule.id for rule in [*RULES, *DEPLOY_RULES]]
    assert {checks.check_settings} <= registry.registered_checks
    assert {checks.check_deployment} <= registry.deployment_checks
    for rule in [*RULES, *DEPLOY_RULES]:
        assert rule.sentence.endswith("."), rule.id
        assert rule.hint.endswith("."), rule.id


def test_a_command_ends_before_it_does_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "X_FRAME_OPTIONS", "SAMEORIGIN")
    with pytest.raises(SystemCheckError) as ended:
        call_command("sweep", skip_checks=False)
    assert "(journal.E028) X_FRAME_OPTIONS is not 'DENY'." in str(ended.value)
    assert "HINT: Another site could put a page of ours into a frame." in str(ended.value)


@pytest.mark.parametrize(
    "env",
    [{}, {"DEBUG": "1"}, {"SITE_URL": "https://guide.example", "TRUSTED_PROXIES": "1"}],
    ids=["as it is", "make dev", "https"],
)
def test_the_shipped_settings_break_no_rule(tmp_path: Path, env: dict[str, str]) -> None:
    clean = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path / "data"), **env}
    command = [sys.executable, "manage.py", "check", "--fail-level", "WARNING"]
    command += ["--deploy"] if "SITE_URL" in env else []
    done = subprocess.run(command, cwd=ROOT, env=clean, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "System check identified no issues (0 silenced).\n"
