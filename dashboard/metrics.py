"""The metrics as Prometheus reads them. What the database knows is asked anew for each answer: it is right for every
process, whichever of them answers."""

from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from dashboard.monitoring import Metrics

FEED = ("project", "medium")


class _Snapshot(Collector):
    def __init__(self, known: Metrics) -> None:
        self._known = known

    def collect(self) -> Iterator[Metric]:
        yield from _of_feeds(self._known)
        yield from _of_runs(self._known)
        yield from _of_paces(self._known)
        yield _gauge("stale_days", "Days whose totals are being made anew", [((), self._known.stale_days)])
        yield _gauge("queue_length", "Pieces of work in the queue", [((), self._known.queued)])
        yield _gauge("work_in_progress", "Pieces of work that processes are at", [((), self._known.at_work)])


def exposition(known: Metrics) -> bytes:
    """In the text format of Prometheus."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Snapshot(known))
    return generate_latest(registry)


def _of_feeds(known: Metrics) -> Iterator[Metric]:
    feeds = known.feeds
    lags = [((feed.project, feed.medium), feed.lag_s) for feed in feeds if feed.lag_s is not None]
    yield _gauge("feed_lag_seconds", "Time since which the feed was not read; absent before its first time", lags, FEED)
    failing = [((feed.project, feed.medium), float(feed.is_failing)) for feed in feeds]
    yield _gauge("feed_failing", "1 while the feed cannot be read", failing, FEED)
    failures = [((feed.project, feed.medium), feed.failures) for feed in feeds]
    yield _gauge("feed_failures", "Failures in a row", failures, FEED)
    yield _gauge("logs", "Logs in the totals", _labelled(known.logs), FEED)
    yield _gauge("units", "Days of lists, by their state", _labelled(known.units), (*FEED, "state"))
    yield _gauge("quarantined_rows", "Rows set aside: they could not be read", _labelled(known.quarantined), FEED)


def _of_runs(known: Metrics) -> Iterator[Metric]:
    names = {
        "runs": "Passes over SignalWire begun in the last 24 hours",
        "requests": "Requests of these passes",
        "rows": "Rows that they read",
        "rows_new": "Rows that were not known before",
        "rows_changed": "Rows that had changed",
        "units_failed": "Days and feeds that they could not read",
    }
    for name, words in names.items():
        yield _gauge(f"last_day_{name}", words, [((run.kind,), getattr(run, name)) for run in known.runs], ("kind",))


def _of_paces(known: Metrics) -> Iterator[Metric]:
    requests = CounterMetricFamily("tollbook_requests", "Requests sent to SignalWire", labels=("project",))
    refusals = CounterMetricFamily("tollbook_refusals", "Answers that asked to be asked less", labels=("project",))
    for project, standing in known.paces.items():
        requests.add_metric((project,), standing.requests)
        refusals.add_metric((project,), standing.refusals)
    yield from (requests, refusals)
    shares = [((project,), 0 if now.slowed_until else now.share) for project, now in known.paces.items()]
    yield _gauge("budget_share", "Part of the budget of requests in use; 0 during a pause", shares, ("project",))


def _gauge(
    name: str, words: str, values: Iterable[tuple[tuple[str, ...], float]], labels: tuple[str, ...] = ()
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"tollbook_{name}", words, labels=labels)
    for of, value in values:
        family.add_metric(of, value)
    return family


def _labelled(rows: Iterable[tuple[str | int, ...]]) -> Iterator[tuple[tuple[str, ...], float]]:
    """Labels, and the number that stands last."""
    for *labels, number in rows:
        yield tuple(str(label) for label in labels), float(number)
