"""Settings from the environment, `.env`, and secret files: every value read here is checked here.

A bad value ends the start with one line that names the variable and says what it takes.
"""

import os
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

BASE_DIR = Path(__file__).resolve().parent.parent

Value = TypeVar("Value")

# Also answers X from the file that X_FILE names, as containers hand over secrets.
environment = environ.FileAwareEnv()


def read_dotenv() -> None:
    """Fill in what the environment leaves unset from `.env` beside manage.py."""
    path = BASE_DIR / ".env"
    if path.is_file():
        environ.FileAwareEnv.read_env(path)


def text(name: str, default: str = "") -> str:
    """The value as it stands. An empty one is as good as none, so that compose files can hand on what is unset."""
    try:
        return str(environment.str(name, default="")).strip() or default
    except OSError as error:
        raise ImproperlyConfigured(f"{name}_FILE: {error.filename} cannot be read ({error.strerror}).") from None


def read(name: str, default: str, parse: Callable[[str], Value], *, secret: bool = False) -> Value:
    """The parsed value. `parse` raises ValueError with what the variable takes; a secret is not repeated."""
    value = text(name, default)
    try:
        return parse(value)
    except ValueError as error:
        shown = name if secret else f"{name}={value!r}"
        raise ImproperlyConfigured(f"{shown} cannot be used: {error}") from None


def flag(value: str) -> bool:
    words = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    if value.lower() not in words:
        raise ValueError("write true or false.")
    return words[value.lower()]


def whole_number(least: int, most: int) -> Callable[[str], int]:
    def parse(value: str) -> int:
        if not value.isascii() or not value.isdigit() or not least <= int(value) <= most:
            raise ValueError(f"write a whole number from {least} to {most}.")
        return int(value)

    return parse


def one_of(*choices: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if value.lower() not in choices:
            raise ValueError(f"write one of {', '.join(filter(None, choices))}.")
        return value.lower()

    return parse


def words(value: str) -> list[str]:
    """A list with commas between its entries."""
    return [word.strip() for word in value.split(",") if word.strip()]


def time_zone(value: str) -> ZoneInfo:
    try:
        return ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("write the name of a timezone, such as UTC or America/New_York.") from None


def site_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("write an address such as https://tollbook.example.com.")
    return value.rstrip("/")


def database(url: str) -> dict[str, Any]:
    """Django's settings for a database by its address: SQLite or PostgreSQL."""
    scheme = urlsplit(url).scheme
    try:
        config: dict[str, Any] = environ.Env.db_url_config(url) if scheme in DATABASE_SCHEMES else {}
    except ValueError:
        config = {}
    if not config.get("NAME") or config["NAME"] == ":memory:":  # each process would have a memory of its own
        raise ValueError("write postgres://user:password@host:5432/name or sqlite:////path/to/file.")
    if scheme == "sqlite":
        # Relative to this folder, not to where a command happens to be started.
        return config | {"NAME": str(BASE_DIR / config["NAME"]), "OPTIONS": dict(SQLITE_OPTIONS)}
    options = POSTGRESQL_OPTIONS | config.get("OPTIONS", {})
    return config | {"OPTIONS": options, "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}


DATABASE_SCHEMES = frozenset({"sqlite", "postgres", "postgresql"})
# Every wait has an end: for a server that is away or gone without a word, for a lock that another holds, and for a
# process that was stopped in the middle of a transaction. What the address says (?connect_timeout=…) comes first.
POSTGRESQL_OPTIONS = {
    "connect_timeout": 5,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
    "options": "-c lock_timeout=60s -c idle_in_transaction_session_timeout=60s -c statement_timeout=30min",
}
# Writers queue for the one write lock instead of failing half-way through a transaction. A page of logs changes the
# same pages of the indexes as the one before: 24 MB of cache, and 32 MB of log before it is carried into the file.
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 60,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-24000;"
    " PRAGMA wal_autocheckpoint=8000;",
}


def redis_url(value: str) -> str:
    if value and urlsplit(value).scheme not in {"redis", "rediss", "unix"}:
        raise ValueError("write redis://host:6379/0, or leave it unset to do without Redis.")
    return value


def secret_key(var_dir: Path) -> str:
    """SECRET_KEY, or a key of this installation's own: made once and kept in a private file under `var/`."""
    if key := text("SECRET_KEY"):
        return key
    path = var_dir / "secret_key"
    if not path.exists():
        var_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Linked once complete, so that a process starting at the same moment never reads half a key.
        with NamedTemporaryFile("w", dir=var_dir) as draft, suppress(FileExistsError):
            draft.write(secrets.token_urlsafe(50))
            draft.flush()
            os.link(draft.name, path)
    return path.read_text().strip()
