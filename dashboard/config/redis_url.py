"""REDIS_URL: checked, and in the forms in which redis-py and Celery take it."""

from typing import Any
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

ADVICE = (
    "write redis://host:6379/0, rediss://host:6379/0 for TLS, or unix:///path/to/redis.sock?db=0, with special"
    " characters of a password percent-encoded, or leave it unset to do without Redis."
)
TCP = {"redis", "rediss"}
CERT_REQS = {"none", "optional", "required"}
FLAGS = {"true", "false"}
FOLDED = {"ssl_cert_reqs", "ssl_check_hostname"}
# Options of redis-py by scheme, each with a test of its value. Redis' certificate is checked unless they say otherwise.
OPTIONS: dict[str, dict[str, Any]] = {
    "redis": {},
    "unix": {"db": str.isdecimal},
    "rediss": {
        "ssl_cert_reqs": CERT_REQS.__contains__,
        "ssl_check_hostname": FLAGS.__contains__,
        "ssl_ca_certs": bool,
        "ssl_certfile": bool,
        "ssl_keyfile": bool,
    },
}


def redis_url(value: str) -> str:
    """The URL for redis-py; '' stays ''. No part is silently ignored: raises ValueError with what to write."""
    if not value:
        return ""
    try:
        parts = urlsplit(value)
        options = _options(parts)
        _require_server(parts)
    except ValueError:
        raise ValueError(ADVICE) from None
    query = f"?{urlencode(options)}" if options else ""
    return f"{parts.scheme}://{parts.netloc}{parts.path}{query}"


def _options(parts: SplitResult) -> dict[str, str]:
    pairs = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=True)) if parts.query else {}
    allowed = OPTIONS.get(parts.scheme, {})
    # Celery's documentation writes CERT_NONE.
    options = {name: value.lower().removeprefix("cert_") if name in FOLDED else value for name, value in pairs.items()}
    if not all(name in allowed and allowed[name](value) for name, value in options.items()):
        raise ValueError
    return options


def _require_server(parts: SplitResult) -> None:
    path = parts.path.removeprefix("/")
    if parts.scheme in TCP:
        is_complete = parts.hostname and parts.port != 0 and (not path or path.isdecimal())
    else:
        is_complete = parts.scheme in OPTIONS and path and not parts.hostname
    if not is_complete or parts.fragment:
        raise ValueError


def celery_url(url: str) -> str:
    """The same server as a broker of Celery, which takes a socket in another spelling, and TLS options apart."""
    parts = urlsplit(url)
    if parts.scheme != "unix":
        return url.partition("?")[0]
    return f"redis+socket://{parts.netloc}{parts.path}?virtual_host={dict(parse_qsl(parts.query)).get('db', 0)}"


def celery_tls(url: str) -> dict[str, Any] | None:
    """The TLS options of a broker. Celery, unlike redis-py, checks no certificate unless told to."""
    parts = urlsplit(url)
    if parts.scheme != "rediss":
        return None
    options: dict[str, Any] = {"ssl_cert_reqs": "required"} | dict(parse_qsl(parts.query))
    return options | {"ssl_check_hostname": options.get("ssl_check_hostname") != "false"}
