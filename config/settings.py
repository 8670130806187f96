"""The one settings file. Everything a deployer may choose comes from the environment; see .env.example."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONE, SELF

from config import env

BASE_DIR = Path(__file__).resolve().parent.parent

# --- what a deployer chooses ---

DEBUG = env.read("DEBUG", False, env.boolean)
DATA_DIR = env.private_folder(env.read("DATA_DIR", BASE_DIR / "var", Path).absolute())
PORT = env.read("PORT", 8000, env.port)
SITE_URL = env.read("SITE_URL", f"http://127.0.0.1:{PORT}", env.site_url)
EXIT_URL = env.read("EXIT_URL", "https://www.weather.gov/", env.web_address)
SECURITY_CONTACT = env.read("SECURITY_CONTACT", f"{SITE_URL}/about/", env.contact)
TIME_ZONE = env.read("TIME_ZONE", "UTC", env.time_zone)

_site = urlsplit(SITE_URL)
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
HTTPS = _site.scheme == "https"
if not HTTPS and _site.hostname not in LOOPBACK:
    env.fail(f"SITE_URL is not right: a site that others can reach needs https, not “{SITE_URL}”.")
if DEBUG and HTTPS:
    env.fail("DEBUG is not right: it is for your own machine, never for a site that others can reach.")

# --- secrets: from the environment, else from files made at the first start ---

SECRET_KEY = env.read("SECRET_KEY", "", str) or env.secret_file(DATA_DIR / "secret_key")
JOURNAL_PEPPERS = env.read("PEPPERS", dict[int, bytes](), env.peppers) or env.pepper_file(DATA_DIR / "pepper")

# --- the house ---

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ALLOWED_HOSTS = [_site.hostname or ""] if HTTPS else sorted(LOOPBACK | {"[::1]"})
CSRF_TRUSTED_ORIGINS = [SITE_URL] if HTTPS else []
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "guide.desk.apps.DeskConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "crispy_forms",
    "csp",
    "simple_history",
    "guide",
    "journal",
    "config.operations",
]

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

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            # Pages of the edition are rendered without a request, so none of these tells them who reads.
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "builtins": ["django.templatetags.i18n", "guide.templatetags.frame", "journal.templatetags.lines"],
        },
    }
]

# --- database ---

DATABASES: dict[str, dict[str, Any]] = {
    "default": env.read(
        "DATABASE_URL",
        {"ENGINE": "django.db.backends.sqlite3", "NAME": str(DATA_DIR / "db.sqlite3"), "CONN_MAX_AGE": None},
        env.database,
    )
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # IMMEDIATE takes the write lock at the start of a transaction, so that two writers wait instead of
    # failing; FULL makes "saved" survive a power cut; secure_delete overwrites what is deleted.
    DATABASES["default"]["ENGINE"] = "config.sqlite"  # lets writers wait in turn
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA secure_delete=ON;PRAGMA temp_store=MEMORY;"
        ),
    }

# Remembers which counters of tries are full, and nothing else: without it each try asks the database (decision 30).
CACHES = {"default": env.read("CACHE_URL", {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}, env.cache)}

# --- people ---

AUTH_USER_MODEL = "journal.User"
AUTHENTICATION_BACKENDS = ["journal.backend.PasswordBackend"]
PASSWORD_HASHERS = ["journal.backend.StaffPasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [{"NAME": "journal.backend.PasswordRules"}]
LOGIN_URL = "sign-in"

JOURNAL_KDF_COST = (64 * 1024, 3, 1)  # Argon2id: memory in KiB, passes, lanes
JOURNAL_IDLE_SECONDS = 15 * 60  # until somebody chooses otherwise
JOURNAL_SESSION_SECONDS = 12 * 60 * 60

SESSION_ENGINE = "journal.session_store"
SESSION_COOKIE_AGE = JOURNAL_SESSION_SECONDS
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_SAMESITE = "Lax"
JOURNAL_KEY_COOKIE_NAME = "__Host-jkey" if HTTPS else "jkey"
JOURNAL_DEVICE_COOKIE_NAME = "__Host-device" if HTTPS else "device"
JOURNAL_DEVICE_COOKIE_AGE = 90 * 24 * 60 * 60

CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_AGE = None  # a session cookie: gone with the browser
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "config.errors.csrf_failure"

# A text of 100,000 characters is at most 1.2 MB when a browser sends it; a longer one is given back in
# its box with the limit beside it. What is past this size is not read at all.
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_HANDLERS = ["guide.uploads.UploadHandler"]  # in memory: nothing that is sent reaches the disk
FILE_UPLOAD_MAX_MEMORY_SIZE = 21 * 1024 * 1024  # a journal of 20 MB, and the form around it

# --- headers ---

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
# Not "no-referrer": under it browsers send forms with "Origin: null", which the CSRF check has to refuse.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 2 * 365 * 24 * 60 * 60 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
TRUSTED_PROXIES = env.read("TRUSTED_PROXIES", 0, env.count)  # how many stand in front and add to X-Forwarded-For
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- words, static files, forms ---

# The first is the one that everything is written in. The others live below an address of their own: /es/.
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Each folder of code collects files of its own, so that two versions can serve side by side (docs/deploy.md).
STATIC_ROOT = DATA_DIR / f"static-{BASE_DIR.name}"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_ALLOW_ALL_ORIGINS = False

CRISPY_ALLOWED_TEMPLATE_PACKS = ("plain",)
CRISPY_TEMPLATE_PACK = "plain"

# --- reports, logs and counters: no names, no text, no cookies ---

METRICS_TOKEN = env.read("METRICS_TOKEN", "", env.token)
LOG_REQUESTS = env.read("LOG_REQUESTS", False, env.boolean)
LOG_FORMAT = env.read("LOG_FORMAT", "line", env.one_of("line", "json"))

DEFAULT_EXCEPTION_REPORTER = "journal.reports.Reporter"
DEFAULT_EXCEPTION_REPORTER_FILTER = "journal.reports.ReporterFilter"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"private": {"()": "journal.reports.PrivateFilter"}},
    "formatters": {
        "line": {"format": "{levelname} {name} {message}", "style": "{"},
        "json": {"()": "journal.reports.JSONFormatter"},
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "filters": ["private"], "formatter": LOG_FORMAT},
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": ["console"], "level": "WARNING", "propagate": False},
        "config.counting": {"level": "INFO"},
    },
}
