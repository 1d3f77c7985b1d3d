"""Fault injection: which faults a space can produce, and when.

A rule is written `KIND[=VALUE] [WHEN] [for PATH]`: "429 every 7", "429=30 on 3", "slow=2.5 next 2",
"reset on 2,5 for /api/video", "500 always" (the same as "500"). WHEN counts the requests that the rule applies to
since it was added. FAULTS, at the end, lists all kinds.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from threading import Lock

from logsync.simulator.api import errors
from logsync.simulator.api.http import HTML, Request, Response, json_response
from logsync.simulator.api.listing import DATE_PARAMETERS
from logsync.simulator.api.pagination import PageEdit, with_foreign_next, with_repeated_next, without_rows

RULE = re.compile(
    r"(?P<kind>[\w-]+)(?:=(?P<value>\S+))?"
    r"(?:\s+(?P<when>always|every|on|next)(?:\s+(?P<numbers>\d+(?:,\d+)*))?)?"
    r"(?:\s+for\s+(?P<path>\S+))?"
)
GATEWAY_PAGE = b"<html><head><title>503 Service Temporarily Unavailable</title></head><body><h1>503</h1></body></html>"


@dataclass(frozen=True)
class Exchange:
    """A request, and `answer`, which returns the response without the fault."""

    request: Request
    answer: Callable[[PageEdit | None], Response]
    now: datetime


@dataclass(frozen=True)
class Kind:
    effect: Callable[[Exchange, str], Response]
    default: str = ""
    applies_to: Callable[[Request], bool] = lambda _request: True


@dataclass
class Rule:
    """A fault and its schedule. `seen` counts the requests it applies to, `injected` those it hit."""

    kind: Kind
    value: str
    when: str
    numbers: tuple[int, ...]
    path: str
    seen: int = 0
    injected: int = 0

    def is_due(self, request: Request) -> bool:
        """Count the request; True if the fault is due on it."""
        if not request.path.startswith(self.path) or not self.kind.applies_to(request):
            return False
        self.seen += 1
        due = WHEN[self.when](self.seen, self.numbers)
        self.injected += due
        return due


WHEN: dict[str, Callable[[int, tuple[int, ...]], bool]] = {
    "always": lambda _seen, _numbers: True,
    "every": lambda seen, numbers: seen % numbers[0] == 0,
    "on": lambda seen, numbers: seen in numbers,
    "next": lambda seen, numbers: seen <= numbers[0],
}


@dataclass
class Faults:
    """The rules of a space, and the latency in seconds of every response."""

    latency_s: float = 0
    _rules: list[Rule] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def add(self, text: str) -> Rule:
        """Raises ValueError if the text is not a valid rule."""
        rule = read_rule(text)
        with self._lock:
            self._rules.append(rule)
        return rule

    def clear(self) -> None:
        """Remove all rules and the latency."""
        with self._lock:
            self._rules.clear()
            self.latency_s = 0

    def respond(self, exchange: Exchange) -> Response:
        """Apply the first rule that is due. Every rule counts the request."""
        with self._lock:
            due = [rule for rule in self._rules if rule.is_due(exchange.request)]
        response = due[0].kind.effect(exchange, due[0].value) if due else exchange.answer(None)
        return replace(response, delay_s=response.delay_s + self.latency_s) if self.latency_s else response


def read_rule(text: str) -> Rule:
    match = RULE.fullmatch(text.strip())
    if not match or match["kind"] not in FAULTS:
        raise ValueError(f"{text!r} is not a fault. Write KIND[=VALUE] [WHEN] [for PATH]; kinds: {', '.join(FAULTS)}")
    kind, when = FAULTS[match["kind"]], match["when"] or "always"
    numbers = tuple(int(number) for number in (match["numbers"] or "").split(",") if number)
    if bool(numbers) == (when == "always") or 0 in numbers:
        raise ValueError(f"{text!r}: every, on and next need a number of at least 1; always takes none")
    return Rule(kind, match["value"] or kind.default, when, numbers, match["path"] or "/api/")


def _too_many_requests(_exchange: Exchange, value: str) -> Response:
    """Retry-After is a number of seconds, a date that many seconds ahead ("date+5"), or absent ("none")."""
    if value == "none":
        return json_response(429, {"error": "Too Many Requests"})
    retry_after = value
    if value.startswith("date"):
        moment = datetime.now(UTC) + timedelta(seconds=int(value.partition("+")[2] or 2))
        retry_after = format_datetime(moment, usegmt=True)
    return json_response(429, {"error": "Too Many Requests"}, (("Retry-After", retry_after),))


def _gateway_page(_exchange: Exchange, value: str) -> Response:
    """`value`, if set, is the Retry-After in seconds."""
    return Response(503, GATEWAY_PAGE, HTML, headers=(("Retry-After", value),) if value else ())


def _plain(status: int) -> Callable[[Exchange, str], Response]:
    return lambda _exchange, _value: errors.plain(status)


def _cut(exchange: Exchange, _value: str) -> Response:
    return replace(exchange.answer(None), cut=True)


def _reset(_exchange: Exchange, _value: str) -> Response:
    return Response(500, reset=True)


def _slow(exchange: Exchange, value: str) -> Response:
    return replace(exchange.answer(None), delay_s=float(value))


def _garbage(_exchange: Exchange, _value: str) -> Response:
    return Response(200, b'{"links":{},"data":[{"id":"')


def _expired_token(_exchange: Exchange, _value: str) -> Response:
    return errors.page_token_is_invalid()


def _history_limit(exchange: Exchange, value: str) -> Response:
    name = next(name for name in DATE_PARAMETERS if name in exchange.request.query)
    limit = date.fromisoformat(value) if value else exchange.now.date() - timedelta(days=365)
    return errors.exceeds_history(name, limit)


def _repeated_next(exchange: Exchange, _value: str) -> Response:
    return exchange.answer(with_repeated_next)


def _empty_page(exchange: Exchange, _value: str) -> Response:
    return exchange.answer(without_rows)


def _foreign_next(exchange: Exchange, value: str) -> Response:
    return exchange.answer(lambda page: with_foreign_next(page, value))


def _is_list(request: Request) -> bool:
    return request.path.endswith("/logs")


def _has_token(request: Request) -> bool:
    return _is_list(request) and "page_token" in request.query


def _has_date(request: Request) -> bool:
    return _is_list(request) and any(name in request.query for name in DATE_PARAMETERS)


FAULTS: dict[str, Kind] = {
    "429": Kind(_too_many_requests, "1"),  # =SECONDS, =date+SECONDS, =none
    "500": Kind(_plain(500)),
    "503": Kind(_gateway_page),  # =SECONDS; HTML, as from a gateway
    "400": Kind(_plain(400)),
    "401": Kind(_plain(401)),
    "403": Kind(_plain(403)),
    "cut": Kind(_cut),  # the connection closes in the middle of the body
    "reset": Kind(_reset),  # the connection is reset before the response
    "slow": Kind(_slow, "1"),  # =SECONDS
    "garbage": Kind(_garbage),  # 200 with truncated JSON
    "expired-token": Kind(_expired_token, applies_to=_has_token),  # 422 page_token_is_invalid
    "history-limit": Kind(_history_limit, applies_to=_has_date),  # =DATE; 422 exceeds_history_logs_limit
    "repeated-next": Kind(_repeated_next, applies_to=_is_list),
    "foreign-next": Kind(_foreign_next, "http://other.invalid", _is_list),  # =URL
    "empty-page": Kind(_empty_page, applies_to=_is_list),  # no rows, but a next link to them
}
