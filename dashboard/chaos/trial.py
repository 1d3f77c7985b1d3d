"""One seed: a space is made, pulled under faults while it changes, then pulled once in peace and verified."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from django.db import connection
from django.test import override_settings
from django.utils import timezone

from dashboard.chaos.promises import broken_in_the_end, broken_on_the_way
from dashboard.chaos.space import TYPES, RestlessSpace
from dashboard.chaos.storm import ALL, rules
from logsync.choices import RunKind
from logsync.dispatch import head_lease
from logsync.foreground import Pull
from logsync.head import pull_head
from logsync.leases import take
from logsync.models import ChargeChange, DailyCharge, Feed, Log, Project
from logsync.projects import ensure_project
from logsync.retry import RetryPolicy
from logsync.runs import Counts
from logsync.schedule import active_feeds
from logsync.simulator import Behaviour, DateRules, serving
from logsync.simulator import Project as Account
from logsync.simulator.dice import Dice, Odds
from logsync.work import work_on_feed

DAYS, ROWS, CHANGES_UNDER_A_PULL = 1, 12, 8
WORKERS, PULLS, PROJECTS = Odds((1, 3), (80, 20)), Odds((1, 2, 3), (70, 25, 5)), Odds((1, 2), (85, 15))
MEDIA = Odds((("voice",), ("video",), ("voice", "video")), (35, 30, 35))
# Of all pulls, so many have the heads of the lists read before them, and so many after them.
HEADS = 0.3
ZONES = ("UTC", "UTC", "America/New_York", "Asia/Kolkata", "Pacific/Auckland")
# Some tries, as ever, but with no time to lose.
QUICK = RetryPolicy(attempts=3, first_wait_s=0.0005, longest_wait_s=0.01, give_up_after_s=5)
SETTINGS = {
    "REDIS_URL": "",
    "PULL_DAYS_BACK": DAYS,
    "PULL_OVERLAP_DAYS": 1,
    "PULL_RETRIES": QUICK,
    "PULL_REQUESTS_PER_SECOND": 1000,
    "PULL_REQUESTS_IN_FLIGHT": 1000,
}
OUR_FAULT = "Tollbook itself failed"


@dataclass
class Verdict:
    """What one seed went through. `broken` are the promises that did not hold, in words."""

    seed: int
    workers: int
    kinds: Sequence[str]
    faults: list[str] = field(default_factory=list)
    struck: int = 0
    changes: int = 0
    compared: int = 0
    broken: list[str] = field(default_factory=list)

    @property
    def again(self) -> str:
        """The command that does it all once more."""
        address = "DATABASE_URL=postgres://… " if connection.vendor == "postgresql" else ""
        only = "" if tuple(self.kinds) == ALL else "".join(f" --fault {kind}" for kind in self.kinds)
        return f"{address}./tollbook chaos --seed {self.seed} --workers {self.workers}{only}"


class Trial:
    """Everything it does follows from its seed. It hears of its pulls, too, as their Watch."""

    def __init__(self, seed: int, kinds: Sequence[str], workers: int | None) -> None:
        self._dice = Dice(f"chaos|{seed}")
        drawn = self._dice.draw(WORKERS)
        self.verdict = Verdict(seed, workers or drawn, kinds)
        accounts = tuple(_account(number) for number in range(self._dice.draw(PROJECTS)))
        self._media = self._dice.draw(MEDIA)
        self._space = RestlessSpace(self._dice, accounts, self._media, _behaviour(self._dice), DAYS)
        self._report_zone = ZoneInfo(self._dice.one_of(ZONES))
        self._feeds: list[Feed] = []

    def run(self) -> Verdict:
        with (
            TemporaryDirectory(prefix="tollbook-chaos-") as folder,
            self._settings(folder),
            serving(self._space) as url,
        ):
            try:
                self._feeds = [
                    feed for account in self._space.projects.values() for feed in self._feeds_of(account, url)
                ]
                self._endure()
                self._recover()
            finally:
                _forget(sorted({feed.project_id for feed in self._feeds}))
        self.verdict.changes = self._space.changes
        return self.verdict

    def _settings(self, folder: str) -> override_settings:
        """Nothing of the installation's own is touched: neither its files nor its Redis."""
        return override_settings(REPORT_TIME_ZONE=self._report_zone, VAR_DIR=folder, **SETTINGS)

    def _endure(self) -> None:
        for _ in range(ROWS):
            self._space.turn_up_late()
        for _ in range(self._dice.draw(PULLS)):
            self._pull_under_faults()
            self.verdict.broken += broken_on_the_way(self._space, self._feeds)
            for _ in range(self._dice.randrange(10)):
                self._space.change()

    def _pull_under_faults(self) -> None:
        texts = rules(self._dice, self.verdict.kinds, self._media, datetime.now(UTC).date())
        self.verdict.faults += texts
        faults = [self._space.faults.add(text) for text in texts]
        self._space.restless = CHANGES_UNDER_A_PULL
        self._perhaps_read_heads()
        self._pull(everything=self._dice.chance(0.3))
        self._perhaps_read_heads()
        self._space.restless = 0
        self._space.faults.clear()
        self.verdict.struck += sum(fault.struck for fault in faults)

    def _recover(self) -> None:
        self._space.mend()
        began_at = timezone.now()
        self._pull(everything=True)
        self.verdict.broken += broken_in_the_end(self._space, self._feeds, began_at)
        self.verdict.compared = len(self._space.journal)

    def _pull(self, *, everything: bool) -> None:
        """All days, whatever is known of them, or what is due."""
        pull = Pull(self._feeds, self.verdict.workers, self)
        if everything:
            today = datetime.now(UTC).date()
            pull.read_days(today - timedelta(days=DAYS), today)
        else:
            pull.read_what_is_due()

    def _perhaps_read_heads(self) -> None:
        """As workers do every few minutes."""
        if not self._dice.chance(HEADS):
            return
        for feed in self._feeds:
            if held := take(head_lease(feed.pk)):
                self.ends(work_on_feed(RunKind.HEAD, feed, held, pull_head).error)

    def _feeds_of(self, account: Account, url: str) -> list[Feed]:
        project = ensure_project(f"chaos {account.id[-1]}", url, account.id, account.token)
        Project.objects.filter(pk=project.pk).update(**{f"pulls_{medium}": medium in self._media for medium in TYPES})
        return [feed for feed in active_feeds() if feed.project_id == project.pk]

    def begins(self, title: str, units: int) -> None:
        pass

    def adds(self, counts: Counts) -> None:
        pass

    def ends(self, error: str) -> None:
        if error.startswith(OUR_FAULT):
            self.verdict.broken.append(error)


def endure(seed: int, kinds: Sequence[str] = ALL, workers: int | None = None) -> Verdict:
    """Run one seed in the present database, which must be there for nothing else: it is left as empty as it was.

    Of several workers, chance alone decides who comes first.
    """
    if Project.objects.exists():
        raise RuntimeError("Chaos belongs into a database of its own: this one has projects.")
    return Trial(seed, kinds, workers).run()


def _behaviour(dice: Dice) -> Behaviour:
    return Behaviour(
        DateRules(zone=ZoneInfo(dice.one_of(ZONES))),
        relative_links=dice.chance(0.3),
        empty_pages=dice.chance(0.3),
        largest_page=dice.one_of((2, 5, 1000)),
    )


def _account(number: int) -> Account:
    return Account(f"5f1c8b64-0f3e-4a57-9d22-00000000000{number}", f"PTchaos{number}")


def _forget(project_ids: Sequence[int]) -> None:
    for model in (ChargeChange, DailyCharge, Log):
        model.objects.filter(project__in=project_ids).delete()
    Project.objects.filter(pk__in=project_ids).delete()
