"""What queries.metrics returns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from logsync.rate_limit.limiter import LimiterStatus


@dataclass(frozen=True, slots=True)
class FeedMetrics:
    """`lag_s` is None before the first read, and when the feed is switched off; `failures` are consecutive."""

    project: str
    medium: str
    lag_s: float | None = None
    failures: int = 0
    is_failing: bool = False
    is_off: bool = False


@dataclass(frozen=True, slots=True)
class RunMetrics:
    """The sums over the runs of one kind that started within a day."""

    kind: str
    runs: int
    requests: int
    rows: int
    rows_new: int
    rows_changed: int
    units_failed: int


@dataclass(frozen=True, slots=True)
class Metrics:
    """`logs` and `quarantined` are by project and medium, `units` also by state, `rate_limits` by project."""

    feeds: Sequence[FeedMetrics]
    logs: Sequence[tuple[str, str, int]]
    units: Sequence[tuple[str, str, str, int]]
    quarantined: Sequence[tuple[str, str, int]]
    runs: Sequence[RunMetrics]
    rate_limits: Mapping[str, LimiterStatus]
    stale_days: int
    queued: int
    at_work: int
