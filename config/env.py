"""Reading the environment. A missing or bad value ends the start with one clear sentence."""

import os
import secrets
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NoReturn, TypeVar
from urllib.parse import urlsplit
from zoneinfo import available_timezones

import dj_database_url

T = TypeVar("T")

FROM_A_BACKUP = "Put the secret back from a backup: a new one would lock people out."

# How long PostgreSQL may keep somebody waiting who asks for a connection, or whose machine is gone without a word.
PATIENCE = {"connect_timeout": 5, "keepalives_idle": 10, "keepalives_interval": 5, "tcp_user_timeout": 20_000}


def fail(sentence: str) -> NoReturn:
    """End the program with one sentence on standard error, and no traceback."""
    sys.stderr.write(f"{sentence}\n")
    raise SystemExit(2)


def read(name: str, default: T, convert: Callable[[str], T]) -> T:
    """Return an environment variable, converted; an empty one counts as not set."""
    value = os.environ.get(name, "").strip()
    if not value:
        return default
    try:
        return convert(value)
    except ValueError as error:
        fail(f"{name} is not right: {error}")


def site_url(value: str) -> str:
    url = value.rstrip("/")
    if _origin(url) != url:
        raise ValueError(f"write it as https://example.org, not “{url}”.")
    return url


def web_address(value: str) -> str:
    if not _origin(value):
        raise ValueError(f"write a whole address, not “{value}”.")
    return value


def contact(value: str) -> str:
    """Return where to write to, as `security.txt` has it: a page, or an address for mail."""
    if value.startswith("https://") and _origin(value) and value.split() == [value]:
        return value
    address = value.removeprefix("mailto:")
    name, _, host = address.partition("@")
    if name and "." in host and "@" not in host and not set(address) & set(" \t\r\n/:?"):
        return f"mailto:{address}"
    raise ValueError(f"write an https address or one for mail, not “{value}”.")


def _origin(value: str) -> str:
    """Return scheme, host and port of a web address, or nothing if it is none."""
    try:
        parts = urlsplit(value)
        return f"{parts.scheme}://{parts.netloc}" if parts.scheme in {"http", "https"} and parts.hostname else ""
    except ValueError:
        return ""


def boolean(value: str) -> bool:
    if value.lower() in {"1", "true", "yes", "on"}:
        return True
    if value.lower() in {"0", "false", "no", "off"}:
        return False
    raise ValueError(f"“{value}” is neither 1 nor 0.")


def port(value: str) -> int:
    if value.isdecimal() and 0 < int(value) < 65536:
        return int(value)
    raise ValueError(f"“{value}” is not a port between 1 and 65535.")


def count(value: str) -> int:
    if value.isdecimal():
        return int(value)
    raise ValueError(f"“{value}” is not 0, 1, 2 or so.")


def one_of(*values: str) -> Callable[[str], str]:
    def convert(value: str) -> str:
        if value in values:
            return value
        raise ValueError(f"write {' or '.join(values)}, not “{value}”.")

    return convert


def token(value: str) -> str:
    """Return a secret that is long enough not to be guessed, and can stand in a header."""
    if len(value) >= 20 and value.isascii() and value.isprintable() and " " not in value:
        return value
    raise ValueError("write 20 letters and digits or more, drawn by lot.")


def time_zone(value: str) -> str:
    if value in available_timezones():
        return value
    raise ValueError(f"“{value}” is no time zone. Write it as America/New_York.")


def database(url: str) -> dict[str, Any]:
    try:
        found: dict[str, Any] = {**dj_database_url.parse(url, conn_max_age=None, conn_health_checks=True)}
    except (ValueError, dj_database_url.ParseError, dj_database_url.UnknownSchemeError):
        raise ValueError("write it as postgres://user:password@host:5432/name or sqlite:////path/to/file.") from None
    if found["ENGINE"] == "django.db.backends.postgresql":
        _need("psycopg")
        found["OPTIONS"] = PATIENCE | found.get("OPTIONS", {})
    return found


def cache(url: str) -> dict[str, Any]:
    try:
        parts = urlsplit(url)
        is_right = parts.scheme in {"redis", "rediss"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_right = False
    if not is_right:
        raise ValueError("write it as redis://host:6379 or rediss://user:password@host:6379.")
    _need("redis")
    return {"BACKEND": "config.cache.Cache", "LOCATION": url, "KEY_PREFIX": "either-way"}


def _need(package: str) -> None:
    if find_spec(package) is None:
        raise ValueError(f"the package {package} is missing. Install what requirements-scale.txt lists.")


def private_folder(path: Path) -> Path:
    """Return a folder that only this system user can open, made if it was missing."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        fail(f"DATA_DIR can’t be used: {path}: {error.strerror}.")
    if not os.access(path, os.W_OK | os.X_OK):
        fail(f"DATA_DIR can’t be used: {path} is not writable.")
    if path.stat().st_mode & 0o077:
        fail(f"DATA_DIR can be opened by others. Run: chmod 700 {path}")
    return path


def secret_file(path: Path) -> str:
    """Return the secret in a file, made at the first start, which only this system user may read."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        pass
    else:
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_hex(32))
            file.flush()
            os.fsync(file.fileno())
    if path.stat().st_mode & 0o077:
        fail(f"{path} can be read by others. Run: chmod 600 {path}")
    try:
        text = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        text = ""
    if not text:
        fail(f"{path} can’t be read. {FROM_A_BACKUP}")
    return text


def pepper_file(path: Path) -> dict[int, bytes]:
    """Return the one pepper of a site that keeps it in a file."""
    try:
        return peppers(f"1:{secret_file(path)}")
    except ValueError:
        fail(f"{path} can’t be read. {FROM_A_BACKUP}")


def peppers(text: str) -> dict[int, bytes]:
    """Return numbered peppers from text such as ``1:6b1f…,2:a04c…`` (hex, 32 bytes or more each)."""
    found: dict[int, bytes] = {}
    for item in text.split(","):
        number, _, value = item.strip().partition(":")
        try:
            pepper = bytes.fromhex(value)
        except ValueError:
            pepper = b""
        if not number.isdecimal() or not 0 < int(number) < 65536 or len(pepper) < 32 or int(number) in found:
            raise ValueError("write each pepper as NUMBER:HEX, with 32 bytes of hex or more.")
        found[int(number)] = pepper
    return found
