"""The request log: the last requests with their outcome, and counts of all."""

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from logsync.simulator.api.http import Request

MAX_RECORDS = 20_000


@dataclass(frozen=True)
class RequestRecord:
    """`with_credentials`: it had an Authorization header. `status` is None if the connection was reset."""

    at: datetime
    method: str
    path: str
    query: dict[str, str]
    with_credentials: bool
    status: int | None


class RequestLog:
    """Iterates over the last 20,000 requests, oldest first; `total` and `by_status` count all since the last clear."""

    def __init__(self) -> None:
        self._records: deque[RequestRecord] = deque(maxlen=MAX_RECORDS)
        self.clear()

    def clear(self) -> None:
        self._records.clear()
        self.total = 0
        self.in_flight = 0
        self.most_in_flight = 0
        self.by_status: Counter[int | None] = Counter()

    def add(self, at: datetime, request: Request, status: int | None) -> None:
        with_credentials = "authorization" in request.headers
        self._records.append(RequestRecord(at, request.method, request.path, request.query, with_credentials, status))
        self.total += 1
        self.by_status[status] += 1

    def begin(self) -> None:
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)

    def end(self) -> None:
        self.in_flight = max(self.in_flight - 1, 0)

    def __iter__(self) -> Iterator[RequestRecord]:
        return iter(tuple(self._records))

    def __len__(self) -> int:
        return len(self._records)

    def __getitem__(self, index: int) -> RequestRecord:
        return self._records[index]
