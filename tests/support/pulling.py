"""Puts logs into a simulated space, pulls them, and reads what was stored."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from logsync.jobs.foreground import ForegroundPull
from logsync.models import DailyCharge, Feed, Log
from logsync.scheduling.due_days import active_feeds
from logsync.simulator import sample

MANY = 1_000_000


class Listener:
    """Records the progress of a pull."""

    def __init__(self):
        self.titles, self.errors, self.rows = [], [], 0

    def on_begin(self, title, _units):
        self.titles.append(title)

    def on_counts(self, counts):
        self.rows += counts.rows

    def on_end(self, error):
        if error:
            self.errors.append(error)


def pull(*days, workers=1):
    """Pull what is due, or the days from the first to the last; returns the pull with its errors and titles."""
    listener = Listener()
    pull = ForegroundPull(active_feeds(), workers, listener)
    if days:
        pull.pull_days(days[0], days[-1])
    else:
        pull.pull_due()
    pull.errors = listener.errors
    pull.titles = listener.titles
    return pull


def ago(**time):
    """An instant before now in SignalWire's format."""
    return iso(datetime.now(UTC) - timedelta(**time))


def iso(instant):
    return instant.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def today():
    return datetime.now(UTC).date()


def put(space, medium="voice", log_type=None, **changes):
    """Put a log into the space, an hour old by default; returns its id."""
    log_type = log_type or ("relay_pstn_call" if medium == "voice" else "video_room_session")
    return space.put(medium, sample(log_type, **({"created_at": ago(hours=1)} | changes)))


def put_many(space, number, *, created_at, medium="voice"):
    """Put logs of the same instant into the space, each with a charge of 0.01."""
    for _ in range(number):
        put(space, medium, created_at=created_at, charge=Decimal("0.01"))


def stored(log_id):
    return Log.objects.get(id=log_id)


def total():
    """The number and charge of all logs by the stored totals."""
    rows = list(DailyCharge.objects.all())
    return sum(row.logs for row in rows), sum((row.charge for row in rows), Decimal(0))


def voice():
    return Feed.objects.get(medium="voice")


def video():
    return Feed.objects.get(medium="video")


def requests_of(pull):
    return sum(summary.counts.requests for summary in pull.summaries.values())


def failed_of(pull):
    return sum(summary.failed for summary in pull.summaries.values())
