"""One seed: pull a space under faults while it changes, then pull it once without faults and verify everything."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from django.db import connection
from django.test import override_settings
from django.utils import timezone

from dashboard.chaos.changing_space import TYPES, ChangingSpace
from dashboard.chaos.fault_rules import ALL_KINDS, draw_rules
from dashboard.chaos.invariants import violations_after_recovery, violations_during_faults
from logsync.jobs.foreground import ForegroundPull
from logsync.jobs.job import run_feed_job
from logsync.models import ChargeChange, DailyCharge, Feed, Log, Project, ReportZone
from logsync.models.choices import RunKind
from logsync.projects import ensure_project
from logsync.pulling.attempt import UnexpectedError
from logsync.pulling.newest import pull_newest
from logsync.scheduling.due_days import active_feeds
from logsync.scheduling.leases import acquire, newest_lease
from logsync.scheduling.runs import Counts
from logsync.signalwire.retries import RetryPolicy
from logsync.simulator import Behaviour, DateRules, serving
from logsync.simulator import Project as Account
from logsync.simulator.traffic.chance import Chance, Odds

DAYS, ROWS, CHANGES_PER_PULL = 1, 12, 8
WORKERS, PULLS, PROJECTS = Odds((1, 3), (80, 20)), Odds((1, 2, 3), (70, 25, 5)), Odds((1, 2), (85, 15))
MEDIA = Odds((("voice",), ("video",), ("voice", "video")), (35, 30, 35))
# Share of pulls before which, and after which, the newest logs are read.
NEWEST_SHARE = 0.3
ZONES = ("UTC", "UTC", "America/New_York", "Asia/Kolkata", "Pacific/Auckland")
# Retries as usual, but with short waits.
RETRIES = RetryPolicy(attempts=3, first_wait_s=0.0005, longest_wait_s=0.01, give_up_after_s=5)
SETTINGS = {
    "REDIS_URL": "",
    "PULL_DAYS_BACK": DAYS,
    "PULL_OVERLAP_DAYS": 1,
    "PULL_RETRIES": RETRIES,
    "PULL_REQUESTS_PER_SECOND": 1000,
    "PULL_REQUESTS_IN_FLIGHT": 1000,
}
INTERNAL_ERROR = str(UnexpectedError(Exception())).partition("(")[0]


@dataclass
class Verdict:
    """The outcome of one seed. `violations` are the invariants that did not hold, in words."""

    seed: int
    workers: int
    kinds: Sequence[str]
    faults: list[str] = field(default_factory=list)
    injected: int = 0
    changes: int = 0
    compared: int = 0
    violations: list[str] = field(default_factory=list)

    @property
    def command(self) -> str:
        """The command that runs the same trial again."""
        database = "DATABASE_URL=postgres://… " if connection.vendor == "postgresql" else ""
        options = "" if tuple(self.kinds) == ALL_KINDS else "".join(f" --fault {kind}" for kind in self.kinds)
        return f"{database}./tollbook chaos --seed {self.seed} --workers {self.workers}{options}"


class Trial:
    """One seed's run. It is also the pull's progress listener, to catch internal errors."""

    def __init__(self, seed: int, kinds: Sequence[str], workers: int | None) -> None:
        self._chance = Chance(f"chaos|{seed}")
        drawn = self._chance.draw(WORKERS)  # always drawn, so that a given number does not change what follows
        self.verdict = Verdict(seed, workers or drawn, kinds)
        accounts = tuple(_account(number) for number in range(self._chance.draw(PROJECTS)))
        self._media = self._chance.draw(MEDIA)
        self._space = ChangingSpace(self._chance, accounts, self._media, _behaviour(self._chance), DAYS)
        self._report_zone = ZoneInfo(self._chance.one_of(ZONES))
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
                self._pull_repeatedly_under_faults()
                self._recover()
            finally:
                _delete_projects(sorted({feed.project_id for feed in self._feeds}))
        self.verdict.changes = self._space.changes
        return self.verdict

    def _settings(self, folder: str) -> override_settings:
        """Keeps the installation's own files and Redis untouched."""
        return override_settings(REPORT_TIME_ZONE=self._report_zone, VAR_DIR=folder, **SETTINGS)

    def _pull_repeatedly_under_faults(self) -> None:
        for _ in range(ROWS):
            self._space.add_late_call()
        for _ in range(self._chance.draw(PULLS)):
            self._pull_under_faults()
            self.verdict.violations += violations_during_faults(self._space, self._feeds)
            for _ in range(self._chance.randrange(10)):
                self._space.change()

    def _pull_under_faults(self) -> None:
        texts = draw_rules(self._chance, self.verdict.kinds, self._media, datetime.now(UTC).date())
        self.verdict.faults += texts
        rules = [self._space.faults.add(text) for text in texts]
        self._space.changes_left = CHANGES_PER_PULL
        self._maybe_pull_newest()
        self._pull(everything=self._chance.happens(0.3))
        self._maybe_pull_newest()
        self._space.changes_left = 0
        self._space.faults.clear()
        self.verdict.injected += sum(rule.injected for rule in rules)

    def _recover(self) -> None:
        self._space.repair()
        started_at = timezone.now()
        self._pull(everything=True)
        self.verdict.violations += violations_after_recovery(self._space, self._feeds, started_at)
        self.verdict.compared = len(self._space.tracked)

    def _pull(self, *, everything: bool) -> None:
        """Pull all days, or only what is due."""
        pull = ForegroundPull(self._feeds, self.verdict.workers, self)
        if everything:
            today = datetime.now(UTC).date()
            pull.pull_days(today - timedelta(days=DAYS), today)
        else:
            pull.pull_due()

    def _maybe_pull_newest(self) -> None:
        """As workers do every few minutes."""
        if not self._chance.happens(NEWEST_SHARE):
            return
        for feed in self._feeds:
            if lease := acquire(newest_lease(feed.pk)):
                self.on_end(run_feed_job(RunKind.NEWEST, feed, lease, pull_newest).error)

    def _feeds_of(self, account: Account, url: str) -> list[Feed]:
        project = ensure_project(f"chaos {account.id[-1]}", url, account.id, account.token)
        Project.objects.filter(pk=project.pk).update(**{f"pulls_{medium}": medium in self._media for medium in TYPES})
        return [feed for feed in active_feeds() if feed.project_id == project.pk]

    def on_begin(self, title: str, units: int) -> None:
        pass

    def on_counts(self, counts: Counts) -> None:
        pass

    def on_end(self, error: str) -> None:
        if error.startswith(INTERNAL_ERROR):
            self.verdict.violations.append(error)


def run_trial(seed: int, kinds: Sequence[str] = ALL_KINDS, workers: int | None = None) -> Verdict:
    """Run one seed in the current database, which must have no projects and has none afterwards.

    With several workers, their order is not reproducible. Raises RuntimeError if the database has projects.
    """
    if Project.objects.exists():
        raise RuntimeError("Run chaos trials in an empty database: this one has projects.")
    return Trial(seed, kinds, workers).run()


def _behaviour(chance: Chance) -> Behaviour:
    return Behaviour(
        DateRules(zone=ZoneInfo(chance.one_of(ZONES))),
        relative_links=chance.happens(0.3),
        empty_pages=chance.happens(0.3),
        largest_page=chance.one_of((2, 5, 1000)),
    )


def _account(number: int) -> Account:
    return Account(f"5f1c8b64-0f3e-4a57-9d22-00000000000{number}", f"PTchaos{number}")


def _delete_projects(project_ids: Sequence[int]) -> None:
    for model in (ChargeChange, DailyCharge, Log):
        model.objects.filter(project__in=project_ids).delete()
    Project.objects.filter(pk__in=project_ids).delete()
    # The next trial may have another timezone, which a running process must not change.
    ReportZone.objects.all().delete()
