"""The metrics in Prometheus's text format. They come from the database, so every process reports the same values."""

from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from dashboard.monitoring.metrics.results import Metrics

FEED = ("project", "medium")


class _Snapshot(Collector):
    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def collect(self) -> Iterator[Metric]:
        yield from _feed_metrics(self._metrics)
        yield from _run_metrics(self._metrics)
        yield from _rate_limit_metrics(self._metrics)
        yield _gauge("stale_days", "Days whose totals are due for a rebuild", [((), self._metrics.stale_days)])
        yield _gauge("queue_length", "Tasks in the queue", [((), self._metrics.queued)])
        yield _gauge("work_in_progress", "Tasks in progress", [((), self._metrics.at_work)])


def exposition(metrics: Metrics) -> bytes:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Snapshot(metrics))
    return generate_latest(registry)


def _feed_metrics(metrics: Metrics) -> Iterator[Metric]:
    feeds = metrics.feeds
    lags = [((feed.project, feed.medium), feed.lag_s) for feed in feeds if feed.lag_s is not None]
    yield _gauge("feed_lag_seconds", "Seconds since the feed was read; absent if never read or off", lags, FEED)
    off = [((feed.project, feed.medium), float(feed.is_off)) for feed in feeds]
    yield _gauge(
        "feed_off", "1 while the project or the medium is switched off: it has no lag and no failures", off, FEED
    )
    failing = [((feed.project, feed.medium), float(feed.is_failing)) for feed in feeds]
    yield _gauge("feed_failing", "1 while reading the feed fails", failing, FEED)
    failures = [((feed.project, feed.medium), feed.failures) for feed in feeds]
    yield _gauge("feed_failures", "Consecutive failures", failures, FEED)
    yield _gauge("logs", "Logs in the totals", _labelled(metrics.logs), FEED)
    yield _gauge("units", "Days to read, by state", _labelled(metrics.units), (*FEED, "state"))
    yield _gauge(
        "quarantined_rows", "Rows in quarantine because they could not be parsed", _labelled(metrics.quarantined), FEED
    )


def _run_metrics(metrics: Metrics) -> Iterator[Metric]:
    names = {
        "runs": "Sync runs that started in the last 24 hours",
        "requests": "Requests of these runs",
        "rows": "Rows that these runs read",
        "rows_new": "Rows that were new",
        "rows_changed": "Rows that had changed",
        "units_failed": "Days that these runs could not read",
    }
    for name, help_text in names.items():
        yield _gauge(
            f"last_day_{name}", help_text, [((run.kind,), getattr(run, name)) for run in metrics.runs], ("kind",)
        )


def _rate_limit_metrics(metrics: Metrics) -> Iterator[Metric]:
    requests = CounterMetricFamily("tollbook_requests", "Requests sent to SignalWire", labels=("project",))
    refusals = CounterMetricFamily(
        "tollbook_refusals", "Responses that told Tollbook to slow down (429)", labels=("project",)
    )
    for project, status in metrics.rate_limits.items():
        requests.add_metric((project,), status.requests)
        refusals.add_metric((project,), status.refusals)
    yield from (requests, refusals)
    shares = [
        ((project,), 0 if status.slowed_until else status.share) for project, status in metrics.rate_limits.items()
    ]
    yield _gauge("budget_share", "Share of the request budget in use; 0 during a pause", shares, ("project",))


def _gauge(
    name: str, help_text: str, values: Iterable[tuple[tuple[str, ...], float]], labels: tuple[str, ...] = ()
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"tollbook_{name}", help_text, labels=labels)
    for label_values, value in values:
        family.add_metric(label_values, value)
    return family


def _labelled(rows: Iterable[tuple[str | int, ...]]) -> Iterator[tuple[tuple[str, ...], float]]:
    """Each row is the values of its labels, then the number."""
    for *labels, number in rows:
        yield tuple(map(str, labels)), float(number)
