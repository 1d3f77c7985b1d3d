"""The control endpoint: lets another process steer the space while it is served.

    POST   /_control/faults    {"fault": "429 every 7"}
    DELETE /_control/faults                                      no faults, no latency
    POST   /_control/latency   {"seconds": 0.3}
    POST   /_control/put       {"medium": "voice", "row": {…} or "text as it is", "project": …}
    POST   /_control/update    {"medium": …, "id": …, "changes": {…}, "project": …}
    POST   /_control/delete    {"medium": …, "id": …, "project": …}     leaves a tombstone
    POST   /_control/remove    {"medium": …, "id": …, "project": …}     leaves nothing
    POST   /_control/history   {"limit": "2026-01-31"}                  null lifts it
    POST   /_control/clock     {"seconds": 3600}                        moves the time of the space on
    GET    /_control/requests                                    {"total": …, "by_status": {…}, "most_in_flight": …}
    DELETE /_control/requests                                    counts from 0 again

A number inside "row" or "changes" keeps its digits. Errors are 400 with {"error": …}.
"""

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from logsync.simulator.clock import Clock
from logsync.simulator.errors import plain
from logsync.simulator.messages import Request, Response, json_response
from logsync.simulator.space import Space

CONTROL_PATH = "/_control/"
Content = dict[str, Any]


class ControlPanel:
    def __init__(self, space: Space) -> None:
        self._space = space
        self._actions: dict[tuple[str, str], Callable[[Content], object]] = {
            ("POST", "faults"): self._add_fault,
            ("DELETE", "faults"): lambda _content: space.faults.clear(),
            ("POST", "latency"): self._set_latency,
            ("POST", "put"): lambda content: {"id": space.put(**content)},
            ("POST", "update"): lambda content: space.update(**_named(content)),
            ("POST", "delete"): lambda content: space.delete(**_named(content)),
            ("POST", "remove"): lambda content: space.remove(**_named(content)),
            ("POST", "history"): self._limit_history,
            ("POST", "clock"): self._move_clock,
            ("GET", "requests"): self._count_requests,
            ("DELETE", "requests"): lambda _content: space.requests.clear(),
        }

    def answer(self, request: Request) -> Response:
        action = self._actions.get((request.method, request.path.removeprefix(CONTROL_PATH)))
        if action is None:
            return plain(404)
        try:
            content = json.loads(request.body or b"{}", parse_float=Decimal)
            return json_response(200, action(content) or {})
        except (ValueError, KeyError, TypeError) as error:
            return json_response(400, {"error": str(error)})

    def _add_fault(self, content: Content) -> None:
        self._space.faults.add(content["fault"])

    def _set_latency(self, content: Content) -> None:
        self._space.faults.latency_s = float(content["seconds"])

    def _limit_history(self, content: Content) -> None:
        limit = content["limit"]
        self._space.limit_history(date.fromisoformat(limit) if limit else None)

    def _move_clock(self, content: Content) -> None:
        clock = self._space.now
        if not isinstance(clock, Clock):
            raise TypeError("this space has a clock of its own")
        clock.advance(seconds=float(content["seconds"]))

    def _count_requests(self, _content: Content) -> Content:
        requests = self._space.requests
        return {
            "total": requests.total,
            "by_status": {str(status): count for status, count in requests.by_status.items()},
            "most_in_flight": requests.most_in_flight,
        }


def _named(content: Content) -> Content:
    """`id` in JSON is `log_id` in Python."""
    return {"log_id" if name == "id" else name: value for name, value in content.items()}
