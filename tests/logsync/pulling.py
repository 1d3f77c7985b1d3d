"""What the tests of the pull share: logs put into a space, pulls of it, and what became of them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from logsync.foreground import Pull
from logsync.models import DailyCharge, Feed, Log
from logsync.schedule import active_feeds
from logsync.simulator import sample

MANY = 1_000_000


class Listener:
    """Hears how a pull goes on."""

    def __init__(self):
        self.titles, self.errors, self.rows = [], [], 0

    def begins(self, title, _units):
        self.titles.append(title)

    def adds(self, counts):
        self.rows += counts.rows

    def ends(self, error):
        if error:
            self.errors.append(error)


def pull(*days, workers=1):
    """Pull what is due, or the days from the first to the last; answers what it did."""
    listener = Listener()
    pull = Pull(active_feeds(), workers, listener)
    if days:
        pull.read_days(days[0], days[-1])
    else:
        pull.read_what_is_due()
    pull.errors = listener.errors
    pull.titles = listener.titles
    return pull


def ago(**time):
    """An instant before now, as SignalWire writes it."""
    return iso(datetime.now(UTC) - timedelta(**time))


def iso(instant):
    return instant.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def today():
    return datetime.now(UTC).date()


def put(space, medium="voice", log_type=None, **changes):
    """Put a log of an hour ago, unless it says otherwise; answers its id."""
    log_type = log_type or ("relay_pstn_call" if medium == "voice" else "video_room_session")
    return space.put(medium, sample(log_type, **({"created_at": ago(hours=1)} | changes)))


def put_many(space, number, *, created_at, medium="voice"):
    """More than one page of logs, all of one moment; charge 0.01 each."""
    for _ in range(number):
        put(space, medium, created_at=created_at, charge=Decimal("0.01"))


def stored(log_id):
    return Log.objects.get(id=log_id)


def total():
    """Logs and charge over all days, as the dashboard counts them."""
    rows = list(DailyCharge.objects.all())
    return sum(row.logs for row in rows), sum((row.charge for row in rows), Decimal(0))


def voice():
    return Feed.objects.get(medium="voice")


def video():
    return Feed.objects.get(medium="video")


def requests_of(pull):
    return sum(tally.counts.requests for tally in pull.tallies.values())


def failed_of(pull):
    return sum(tally.failed for tally in pull.tallies.values())
