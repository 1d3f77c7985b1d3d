"""The control endpoint: lets another process control the space while it is served.

    POST   /_control/faults    {"fault": "429 every 7"}
    DELETE /_control/faults                                      removes all faults and the latency
    POST   /_control/latency   {"seconds": 0.3}
    POST   /_control/put       {"medium": "voice", "row": {…} or "raw text", "project": …}
    POST   /_control/update    {"medium": …, "id": …, "changes": {…}, "project": …}
    POST   /_control/delete    {"medium": …, "id": …, "project": …}     leaves a tombstone
    POST   /_control/remove    {"medium": …, "id": …, "project": …}     leaves nothing
    POST   /_control/history   {"limit": "2026-01-31"}                  null removes the limit
    POST   /_control/clock     {"seconds": 3600}                        advances the clock of the space
    GET    /_control/requests                                    {"total": …, "by_status": {…}, "most_in_flight": …}
    DELETE /_control/requests                                    resets the counts

Numbers inside "row" or "changes" keep their digits. Errors are 400 with {"error": …}.
"""

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from logsync.simulator.api.errors import plain
from logsync.simulator.api.http import Request, Response, json_response
from logsync.simulator.clock import Clock
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
            ("POST", "update"): lambda content: space.update(**_as_arguments(content)),
            ("POST", "delete"): lambda content: space.delete(**_as_arguments(content)),
            ("POST", "remove"): lambda content: space.remove(**_as_arguments(content)),
            ("POST", "history"): self._limit_history,
            ("POST", "clock"): self._advance_clock,
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

    def _advance_clock(self, content: Content) -> None:
        clock = self._space.now
        if not isinstance(clock, Clock):
            raise TypeError("the clock of this space cannot be advanced")
        clock.advance(seconds=float(content["seconds"]))

    def _count_requests(self, _content: Content) -> Content:
        requests = self._space.requests
        return {
            "total": requests.total,
            "by_status": {str(status): count for status, count in requests.by_status.items()},
            "most_in_flight": requests.most_in_flight,
        }


def _as_arguments(content: Content) -> Content:
    """`id` in JSON is `log_id` in Python."""
    return {"log_id" if name == "id" else name: value for name, value in content.items()}
