"""What queries.metrics answers: how the reading stands, as plain numbers. Labels first, the number last."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from logsync.budget import Standing


@dataclass(frozen=True, slots=True)
class FeedMetrics:
    """`lag_s` is None before the feed was read for the first time; `failures` are those in a row."""

    project: str
    medium: str
    lag_s: float | None
    failures: int
    is_failing: bool


@dataclass(frozen=True, slots=True)
class RunMetrics:
    """The sums over the passes of one kind that began within a day."""

    kind: str
    runs: int
    requests: int
    rows: int
    rows_new: int
    rows_changed: int
    units_failed: int


@dataclass(frozen=True, slots=True)
class Metrics:
    """`logs` and `quarantined` by project and medium, `units` by their state too, `paces` by project."""

    feeds: Sequence[FeedMetrics]
    logs: Sequence[tuple[str, str, int]]
    units: Sequence[tuple[str, str, str, int]]
    quarantined: Sequence[tuple[str, str, int]]
    runs: Sequence[RunMetrics]
    paces: Mapping[str, Standing]
    stale_days: int
    queued: int
    at_work: int
