"""Settings that have to be right for our promises to hold, looked at by every command before it does anything.

`config.settings` is right as it is shipped. These rules are for what a deployer sets or a developer overrides, and
for a release that forgets one. What can't even be read ends the start earlier, in `config.env`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from . import crypto, entries

SHIPPED_COST = (64 * 1024, 3, 1)
BYTES_OF_A_CHARACTER = 12  # at most, in a form: four bytes of UTF-8, each sent as %F0
YEAR = 365 * 24 * 60 * 60
MIDDLEWARE = [
    "guide.headers.HeadersMiddleware",
    "guide.language.LanguageMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "journal.gate.FetchMetadataMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "journal.refusals.RefusalMiddleware",
]
LEAKY_MIDDLEWARE = {
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.cache.UpdateCacheMiddleware",
    "django.middleware.cache.FetchFromCacheMiddleware",
}
PRAGMAS = {"journal_mode=wal", "synchronous=full", "secure_delete=on"}
MAILERS = {"django.utils.log.AdminEmailHandler", "logging.handlers.SMTPHandler"}


@dataclass(frozen=True)
class Rule:
    """What has to hold of the settings, and what is said when it does not."""

    id: str
    test: Callable[[], Any]
    sentence: str
    hint: str

    def holds(self) -> bool:
        """Whether the rule holds. A value of another kind than the test expects is as wrong as a wrong value."""
        try:
            return bool(self.test())
        except (AttributeError, IndexError, KeyError, TypeError, ValueError):
            return False


def only(id: str, name: str, value: object, why: str) -> Rule:
    """A rule for a setting with one right value."""
    return Rule(id, lambda: getattr(settings, name) == value, f"{name} is not {value!r}.", why)


def _https() -> bool:
    return urlsplit(settings.SITE_URL).scheme == "https"


def _database() -> dict[str, Any]:
    return settings.DATABASES["default"]


def _is_sqlite() -> bool:
    return "sqlite" in _database()["ENGINE"]


def _cookies_have_host_names() -> bool:
    names = (
        settings.SESSION_COOKIE_NAME,
        settings.CSRF_COOKIE_NAME,
        settings.JOURNAL_KEY_COOKIE_NAME,
        settings.JOURNAL_DEVICE_COOKIE_NAME,
    )
    places = (settings.SESSION_COOKIE_PATH, settings.CSRF_COOKIE_PATH)
    domains = (settings.SESSION_COOKIE_DOMAIN, settings.CSRF_COOKIE_DOMAIN)
    return all(name.startswith("__Host-") for name in names) and places == ("/", "/") and not any(domains)


def _middleware_is_in_order() -> bool:
    ours = [name for name in settings.MIDDLEWARE if name in MIDDLEWARE]
    return ours == MIDDLEWARE and settings.MIDDLEWARE[0] == ours[0] and settings.MIDDLEWARE[-1] == ours[-1]


def _sqlite_keeps_and_forgets() -> bool:
    options = _database()["OPTIONS"]
    pragmas = {line.strip().removeprefix("pragma ") for line in options["init_command"].lower().split(";")}
    return options["transaction_mode"] == "IMMEDIATE" and pragmas >= PRAGMAS


def _database_file_is_private() -> bool:
    """Whether the file is closed to others, or else the folder it is in."""
    file = Path(_database()["NAME"])
    return not file.exists() or not all(path.stat().st_mode & 0o077 for path in (file, file.parent))


def _templates_escape() -> bool:
    engines: list[dict[str, Any]] = settings.TEMPLATES
    return all(engine.get("OPTIONS", {}).get("autoescape", True) for engine in engines)


def _policy_is_closed() -> bool:
    policy: dict[str, Any] = settings.CONTENT_SECURITY_POLICY
    lists = [
        set(sources)
        for name, sources in policy["DIRECTIVES"].items()
        if name.endswith("-src") or name in {"base-uri", "form-action", "frame-ancestors"}
    ]
    everything_else = policy["DIRECTIVES"]["default-src"]
    closed = set(everything_else) == {"'none'"} and all(sources <= {"'none'", "'self'"} for sources in lists)
    return closed and not policy.get("EXCLUDE_URL_PREFIXES")


def _hosts_are_named() -> bool:
    hosts = [str(host) for host in settings.ALLOWED_HOSTS]
    return bool(hosts) and not any(host.startswith(("*", ".")) for host in hosts)


def _logs_are_private() -> bool:
    log: dict[str, Any] = settings.LOGGING
    ours = {name for name, made in log["filters"].items() if made["()"] == "journal.reports.PrivateFilter"}
    return "django" in log["loggers"] and all(ours & set(handler["filters"]) for handler in log["handlers"].values())


def _nothing_is_mailed() -> bool:
    log: dict[str, Any] = settings.LOGGING
    classes = {handler["class"] for handler in log.get("handlers", {}).values()}
    return not (settings.ADMINS or settings.MANAGERS or MAILERS & classes)


PEOPLE = [
    only("E001", "AUTHENTICATION_BACKENDS", ["journal.backend.PasswordBackend"], "Another lets people in past a slot."),
    only("E002", "PASSWORD_HASHERS", ["journal.backend.StaffPasswordHasher"], "Another can be cheaper to guess at."),
    only(
        "E003",
        "AUTH_PASSWORD_VALIDATORS",
        [{"NAME": "journal.backend.PasswordRules"}],
        "All passwords have the same rules.",
    ),
    only("E004", "SESSION_ENGINE", "journal.session_store", "Another stores keys of sessions that can be taken over."),
    only("E005", "SESSION_SAVE_EVERY_REQUEST", False, "Reading would write, and a session would outlive its 12 hours."),
    only("E006", "SESSION_EXPIRE_AT_BROWSER_CLOSE", True, "A closed browser would stay signed in."),
    only("E007", "CSRF_COOKIE_AGE", None, "A cookie would stay in a closed browser and show that somebody was here."),
    only("E008", "CSRF_USE_SESSIONS", False, "A session would be stored for everybody who passes a door."),
    only("E009", "CSRF_FAILURE_VIEW", "config.errors.csrf_failure", "Words in a form open too long would go."),
    Rule(
        "E010",
        lambda: settings.SESSION_COOKIE_HTTPONLY is settings.CSRF_COOKIE_HTTPONLY is True,
        "A script can read a cookie of the session or of CSRF.",
        "Set SESSION_COOKIE_HTTPONLY and CSRF_COOKIE_HTTPONLY to True.",
    ),
    Rule(
        "E011",
        lambda: {settings.SESSION_COOKIE_SAMESITE, settings.CSRF_COOKIE_SAMESITE} <= {"Lax", "Strict"},
        "Another site’s forms bring a cookie of the session or of CSRF along.",
        "Set SESSION_COOKIE_SAMESITE and CSRF_COOKIE_SAMESITE to 'Lax' or 'Strict'.",
    ),
    Rule(
        "E012",
        lambda: not _https() or settings.SESSION_COOKIE_SECURE is settings.CSRF_COOKIE_SECURE is True,
        "A cookie may be sent without https.",
        "Set SESSION_COOKIE_SECURE, which the cookie of the key follows too, and CSRF_COOKIE_SECURE to True.",
    ),
    Rule(
        "E013",
        lambda: not _https() or _cookies_have_host_names(),
        "A neighboring host can set a cookie of ours.",
        "The names of all four cookies begin with __Host-; path is '/', domain is None.",
    ),
    Rule(
        "E014",
        lambda: 5 * 60 <= settings.JOURNAL_IDLE_SECONDS <= 30 * 60,
        "JOURNAL_IDLE_SECONDS is not between 5 and 30 minutes.",
        "A shorter time locks while somebody thinks; a longer one leaves a journal open to whoever comes by.",
    ),
    Rule(
        "E015",
        lambda: settings.JOURNAL_IDLE_SECONDS <= settings.JOURNAL_SESSION_SECONDS <= 12 * 60 * 60,
        "JOURNAL_SESSION_SECONDS is longer than 12 hours, or shorter than JOURNAL_IDLE_SECONDS.",
        "Pages say that a journal locks after 12 hours in any case.",
    ),
    Rule(
        "E016",
        lambda: 0 < settings.SESSION_COOKIE_AGE <= settings.JOURNAL_SESSION_SECONDS,
        "SESSION_COOKIE_AGE is longer than JOURNAL_SESSION_SECONDS.",
        "The row of a session tells whose it is. It goes when the journal has locked for good.",
    ),
    Rule(
        "E017",
        lambda: crypto.Cost(*settings.JOURNAL_KDF_COST).is_allowed(),
        "JOURNAL_KDF_COST is outside the floor and the ceiling of journal/crypto.py.",
        "Nobody could join or sign in: a password slot of that cost is refused.",
    ),
    Rule(
        "E018",
        lambda: settings.JOURNAL_PEPPERS and all(len(each) >= 32 for each in settings.JOURNAL_PEPPERS.values()),
        "JOURNAL_PEPPERS is empty, or a pepper in it is shorter than 32 bytes.",
        "Without a pepper, whoever has the database can guess passwords.",
    ),
]

WAY = [
    Rule(
        "E019",
        _middleware_is_in_order,
        "MIDDLEWARE lacks one of ours, or has them in an order that leaves something out.",
        "guide.headers comes first and journal.refusals last; between them the order is that of config/settings.py.",
    ),
    Rule(
        "E020",
        lambda: not LEAKY_MIDDLEWARE & set(settings.MIDDLEWARE),
        "MIDDLEWARE compresses or caches what is private.",
        "A compressed page tells about its words by its length, and a cache keeps them. Take the middleware out.",
    ),
    only(
        "E021",
        "FILE_UPLOAD_HANDLERS",
        ["guide.uploads.UploadHandler"],
        "Another may write what somebody sends to the disk.",
    ),
    Rule(
        "E022",
        lambda: settings.DATA_UPLOAD_MAX_MEMORY_SIZE >= 3 * entries.LIMIT * BYTES_OF_A_CHARACTER,
        "DATA_UPLOAD_MAX_MEMORY_SIZE is too small to give a long text back, or no limit at all.",
        "A text of three times entries.LIMIT comes back in its box. A larger request is not read, and its words go.",
    ),
    Rule(
        "E023",
        lambda: not _database().get("ATOMIC_REQUESTS"),
        "ATOMIC_REQUESTS is on.",
        "A page that refuses a try would undo that it was counted.",
    ),
    Rule(
        "E024",
        lambda: not _is_sqlite() or _sqlite_keeps_and_forgets(),
        "SQLite lacks transaction_mode IMMEDIATE, journal_mode=WAL, synchronous=FULL or secure_delete=ON.",
        "Writers fail instead of waiting, a save may not survive a power cut, or deleted bytes stay in the file.",
    ),
    Rule(
        "E025",
        lambda: not _is_sqlite() or _database_file_is_private(),
        "The database file can be opened by others.",
        "Run chmod 600 on the file that DATABASE_URL names, or chmod 700 on its folder.",
    ),
    Rule("E026", _templates_escape, "TEMPLATES has autoescape off.", "Whatever somebody writes would be HTML."),
]

HEADERS = [
    Rule(
        "E027",
        _policy_is_closed,
        "CONTENT_SECURITY_POLICY lets in more than this site’s own files.",
        "default-src is 'none', every other source is 'self' or 'none', and no page is left out.",
    ),
    only("E028", "X_FRAME_OPTIONS", "DENY", "Another site could put a page of ours into a frame."),
    only("E029", "SECURE_REFERRER_POLICY", "same-origin", "See docs/decisions/0013: no-referrer breaks every form."),
    only("E030", "SECURE_CROSS_ORIGIN_OPENER_POLICY", "same-origin", "A page that opened ours could watch its window."),
    only("E031", "SECURE_CONTENT_TYPE_NOSNIFF", True, "A browser could take a file for a script."),
    Rule(
        "E032",
        lambda: not _https() or settings.SECURE_HSTS_SECONDS >= YEAR,
        "SECURE_HSTS_SECONDS is less than a year.",
        "Browsers would forget between two visits to insist on https.",
    ),
    Rule(
        "E033",
        lambda: not _https() or settings.SECURE_SSL_REDIRECT,
        "SECURE_SSL_REDIRECT is off.",
        "Who asks without https would be answered without https.",
    ),
    Rule(
        "E034",
        _hosts_are_named,
        "ALLOWED_HOSTS is empty or has a wildcard.",
        "Name each host in full. Otherwise links lead to whatever host a request names.",
    ),
    Rule(
        "E035",
        lambda: type(settings.TRUSTED_PROXIES) is int and settings.TRUSTED_PROXIES >= 0,
        "TRUSTED_PROXIES is not a whole number from 0 up.",
        "It says how many proxies of your own add to X-Forwarded-For.",
    ),
    Rule(
        "E036",
        lambda: (
            (settings.TRUSTED_PROXIES > 0 or not settings.SECURE_PROXY_SSL_HEADER) and not settings.USE_X_FORWARDED_HOST
        ),
        "A header is believed that any visitor can send.",
        "Leave USE_X_FORWARDED_HOST off, and set SECURE_PROXY_SSL_HEADER only together with TRUSTED_PROXIES.",
    ),
    Rule(
        "E037",
        lambda: not (_https() and settings.DEBUG),
        "DEBUG is on at an https address.",
        "It shows errors to whoever meets them. It is for your own machine.",
    ),
    Rule(
        "E038",
        lambda: urlsplit(settings.EXIT_URL).hostname not in {None, urlsplit(settings.SITE_URL).hostname},
        "EXIT_URL leads to this site itself, or nowhere.",
        "Quick exit leads to some other site that a bystander finds dull.",
    ),
]

REPORTS = [
    only("E039", "DEFAULT_EXCEPTION_REPORTER", "journal.reports.Reporter", "Another quotes what somebody typed."),
    only("E040", "DEFAULT_EXCEPTION_REPORTER_FILTER", "journal.reports.ReporterFilter", "Another shows forms."),
    Rule(
        "E041",
        _logs_are_private,
        "A handler in LOGGING lacks journal.reports.PrivateFilter, or the logger django is left as Django has it.",
        "Messages of errors may quote what somebody typed.",
    ),
    Rule(
        "E042",
        _nothing_is_mailed,
        "Errors are mailed to somebody.",
        "Leave ADMINS and MANAGERS empty, and take handlers that mail out of LOGGING. Others may read mail.",
    ),
]

RULES = [*PEOPLE, *WAY, *HEADERS, *REPORTS]
DEPLOY_RULES = [
    Rule(
        "W001",
        lambda: all(mine >= shipped for mine, shipped in zip(settings.JOURNAL_KDF_COST, SHIPPED_COST, strict=True)),
        "JOURNAL_KDF_COST is lower than shipped.",
        "It is what each guess costs whoever has stolen the database and the pepper.",
    )
]


@register(Tags.security)
def check_settings(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Say which of our rules the settings break. An error ends the command."""
    return [Error(rule.sentence, rule.hint, id=f"journal.{rule.id}") for rule in RULES if not rule.holds()]


@register(Tags.security, deploy=True)
def check_deployment(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Say what is allowed but weaker than shipped."""
    return [Warning(rule.sentence, rule.hint, id=f"journal.{rule.id}") for rule in DEPLOY_RULES if not rule.holds()]
