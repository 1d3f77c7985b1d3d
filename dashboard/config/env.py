"""Reads and validates settings from the environment, `.env` and secret files.

An invalid value stops the start with one line that names the variable and says what to write. It never shows the value,
which may be a secret, or hold one.
"""

import os
import re
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import environ
from django.core.exceptions import ImproperlyConfigured

from dashboard.config.dotenv import DotenvError, read_entries

BASE_DIR = Path(__file__).resolve().parents[2]

Value = TypeVar("Value")

# Where `.env` sets a variable, for error messages.
_lines: dict[str, str] = {}


def read_dotenv(path: Path = BASE_DIR / ".env") -> None:
    """Read unset variables from `.env` beside manage.py. Not X_FILE where the environment has X, and vice versa."""
    if not path.exists() or path.is_dir():  # a virtual environment can have this name, too
        return
    try:
        entries = read_entries(path)
    except OSError as error:
        raise ImproperlyConfigured(f"{path} cannot be read ({error.strerror}).") from None
    except DotenvError as error:
        raise ImproperlyConfigured(str(error)) from None
    inherited = set(os.environ)
    for name, value, line in entries:
        if inherited.isdisjoint({name, f"{name}_FILE", name.removesuffix("_FILE")}):
            os.environ[name] = value
            _lines[name] = f"line {line} of {path}"


def text(name: str, default: str = "") -> str:
    """The stripped value. Empty counts as unset, because compose files pass unset variables as empty.

    Of X_FILE, it is the content of that file, for container secrets.
    """
    if os.environ.get(f"{name}_FILE", "").strip():
        return _content_of_file(f"{name}_FILE")
    value = os.environ.get(name, "").strip()
    if not _is_unicode(value):
        raise _refusal(name, "write it in UTF-8.")
    return value or default


def read(name: str, default: str, parse: Callable[[str], Value]) -> Value:
    """The parsed value. `parse` raises ValueError saying what to write, without the value."""
    value = text(name, default)
    try:
        return parse(value)
    except ValueError as error:
        raise _refusal(name, str(error)) from None


def _content_of_file(name: str) -> str:
    path = BASE_DIR / os.environ[name].strip()
    try:
        content = path.read_text(encoding="utf-8-sig").strip()
    except OSError as error:
        raise ImproperlyConfigured(f"{_place(name)}: {error.filename} cannot be read ({error.strerror}).") from None
    except ValueError:  # not UTF-8, or a path that no file can have
        raise ImproperlyConfigured(f"{_place(name)}: {path} cannot be read: save it as UTF-8.") from None
    if not content:
        raise ImproperlyConfigured(f"{_place(name)}: {path} is empty.")
    return content


def _refusal(name: str, advice: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"{_place(name)} cannot be used: {advice}")


def _place(name: str) -> str:
    """The variable that was read and, if `.env` sets it, where."""
    name = f"{name}_FILE" if os.environ.get(f"{name}_FILE", "").strip() else name
    return f"{name} ({_lines[name]})" if name in _lines else name


def _is_unicode(value: str) -> bool:
    """Whether the bytes of the environment were UTF-8; Python replaces others by surrogates."""
    return not any("\ud800" <= character <= "\udfff" for character in value)


def flag(value: str) -> bool:
    flags = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    if value.lower() not in flags:
        raise ValueError("write true or false.")
    return flags[value.lower()]


def one_of(*choices: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if value.lower() not in choices:
            raise ValueError(f"write one of {', '.join(filter(None, choices))}.")
        return value.lower()

    return parse


def words(value: str) -> list[str]:
    """The entries of a comma-separated list."""
    return [word.strip() for word in value.split(",") if word.strip()]


def time_zone(value: str) -> ZoneInfo:
    try:
        return ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("write the name of a timezone, such as UTC or America/New_York.") from None


def database(url: str) -> dict[str, Any]:
    """Django's settings for the SQLite or PostgreSQL database at a URL."""
    scheme = urlsplit(url).scheme
    try:
        config: dict[str, Any] = environ.Env.db_url_config(url) if scheme in DATABASE_SCHEMES else {}
    except ValueError:
        config = {}
    if not config.get("NAME") or config["NAME"] == ":memory:":  # processes would not share it
        raise ValueError("write postgres://user:password@host:5432/name or sqlite:////path/to/file.")
    if scheme == "sqlite":
        # Relative to the project folder, not to the working directory.
        return config | {"NAME": str(BASE_DIR / config["NAME"]), "OPTIONS": dict(SQLITE_OPTIONS)}
    options = POSTGRESQL_OPTIONS | config.get("OPTIONS", {})
    return config | {"OPTIONS": options, "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}


def through_pooler(config: dict[str, Any], mode: str) -> dict[str, Any]:
    """The same database behind a pooler: `mode` is "transaction", or "" for none."""
    if not mode:
        return config
    if mode.lower() != "transaction":
        raise ValueError("write transaction, or leave it unset: a pooler in session mode needs no setting.")
    if "sqlite" in config["ENGINE"]:
        raise ValueError("it is for a PostgreSQL database, and DATABASE_URL names none.")
    # The pooler refuses this parameter; the backend sets the same limits in each transaction.
    options = {name: value for name, value in config["OPTIONS"].items() if value != POSTGRESQL_OPTIONS["options"]}
    return config | {"ENGINE": "dashboard.config.pooled_postgresql", "OPTIONS": options}


DATABASE_SCHEMES = frozenset({"sqlite", "postgres", "postgresql"})
# Every wait is limited: for an unreachable server, for a lock, and for a process suspended inside a transaction.
# Options in the URL (?connect_timeout=…) take precedence.
LIMITS = {"lock_timeout": "60s", "idle_in_transaction_session_timeout": "60s", "statement_timeout": "30min"}
POSTGRESQL_OPTIONS = {
    "connect_timeout": 5,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
    "options": " ".join(f"-c {name}={limit}" for name, limit in LIMITS.items()),
}
# IMMEDIATE: writers queue for the write lock instead of failing in the middle of a transaction. Consecutive pages of
# logs change the same index pages: hence 24 MB of cache, and a checkpoint only after 32 MB of write-ahead log.
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 60,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-24000;"
    " PRAGMA wal_autocheckpoint=8000;",
}


def secret_key(var_dir: Path, *, published_is_fine: bool = False) -> str:
    """SECRET_KEY, or else a key generated once and kept in a private file in `var_dir`."""
    if key := text("SECRET_KEY"):
        return key if published_is_fine else _unguessable("SECRET_KEY", key)
    path = var_dir / "secret_key"
    if not path.exists():
        var_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Link the complete file, so that a process starting at the same time never reads half a key.
        with NamedTemporaryFile("w", dir=var_dir) as draft, suppress(FileExistsError):
            draft.write(secrets.token_urlsafe(50))
            draft.flush()
            os.link(draft.name, path)
    return _unguessable(f"The key in {path}", path.read_text().strip())


# As `check --deploy` asks.
MIN_KEY_LENGTH, MIN_KEY_CHARACTERS = 50, 5
# In keys that tutorials and templates publish. A random key contains none of them.
PUBLISHED_KEY = re.compile(
    r"insecure|example|(change|replace)[-_ ]*(me|it|this)|(your|my)[-_ ]*secret|secret[-_ ]*key", re.IGNORECASE
)


def _unguessable(name: str, key: str) -> str:
    """The key. With another one, anybody could forge what Tollbook signs, and decrypt stored API tokens."""
    if len(key) < MIN_KEY_LENGTH:
        problem = f"it has {len(key)} characters, at least {MIN_KEY_LENGTH} are needed"
    elif len(set(key)) < MIN_KEY_CHARACTERS:
        problem = f"it has fewer than {MIN_KEY_CHARACTERS} different characters"
    elif PUBLISHED_KEY.search(key):
        problem = "it looks like an example that was published"
    else:
        return key
    raise ImproperlyConfigured(
        f"{name} cannot be used: {problem}. Set SECRET_KEY to a random one, such as the output of"
        " openssl rand -base64 48, and SECRET_KEY_FALLBACKS to the old one if API tokens were stored with it."
    )
