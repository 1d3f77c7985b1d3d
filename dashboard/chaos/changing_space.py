"""A small space whose rows change while they are read. It keeps track of what happened to each."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from logsync.simulator import Behaviour, Project, Space, sample
from logsync.simulator.api.http import Request, Response
from logsync.simulator.traffic.chance import Chance, Odds

TYPES = {"voice": ("relay_pstn_call", "laml_call", "dialogflow_call"), "video": ("video_room_session",)}
# Share of requests before which a row changes.
CHANGE_SHARE = 0.4
LIVE: dict[str, Any] = {
    "status": "in-progress",
    "charge": None,
    "duration": None,
    "ended_at": None,
    "charge_details": [],
}


@dataclass
class TrackedRow:
    """The history of one row. `charges` are all charges it has had; `changed_at` is the last change."""

    project: str
    medium: str
    id: str
    created_at: datetime
    changed_at: datetime
    is_live: bool
    is_deleted: bool = False
    is_corrupt: bool = False
    charges: list[Decimal | None] = field(default_factory=list)


class ChangingSpace(Space):
    """Rows of the last `days` days. While `changes_left` is above zero, requests may trigger changes."""

    def __init__(
        self, chance: Chance, projects: tuple[Project, ...], media: tuple[str, ...], behaviour: Behaviour, days: int
    ) -> None:
        super().__init__(projects=projects, behaviour=behaviour)
        self.changes_left = 0
        self.changes = 0
        self.tracked: list[TrackedRow] = []
        self._chance, self._media = chance, media
        self._max_age_s = days * 86_400

    def respond(self, request: Request) -> Response:
        if self.changes_left and self._chance.happens(CHANGE_SHARE):
            self.changes_left -= 1
            self.change()
        return super().respond(request)

    def change(self) -> None:
        """Make one random change: a new, late, ended, restated, deleted or corrupt row."""
        self.changes += 1
        self._chance.draw(CHANGES)(self)

    def start_call(self) -> None:
        self._put(timedelta(), is_live=True)

    def add_late_call(self) -> None:
        self._put(timedelta(seconds=self._chance.uniform(60, self._max_age_s)), is_live=self._chance.happens(0.2))

    def end_call(self) -> None:
        for row in self._pick(lambda row: row.is_live):
            row.is_live = False
            ended = {"status": "completed", "duration": 9, "ended_at": _iso(datetime.now(UTC))}
            self._update(row, ended | {"charge": self._charge()})

    def restate_charge(self) -> None:
        for row in self._pick(lambda row: not row.is_live):
            self._update(row, {"charge": self._charge()})

    def corrupt(self) -> None:
        """Make a row unreadable until its next change."""
        for row in self._pick(lambda _row: True):
            self.update(row.medium, row.id, {"charge": "much"}, project=row.project)
            row.is_corrupt, row.changed_at = True, datetime.now(UTC)

    def repair(self) -> None:
        """Make all rows readable again."""
        for row in self.tracked:
            if row.is_corrupt:
                self._update(row, {"charge": self._charge()})

    def delete_call(self) -> None:
        for row in self._pick(lambda _row: True):
            self.delete(row.medium, row.id, project=row.project)
            row.is_live, row.is_deleted, row.is_corrupt = False, True, False
            row.changed_at = datetime.now(UTC)

    def _put(self, age: timedelta, *, is_live: bool) -> None:
        project, medium = self._chance.one_of(list(self.projects)), self._chance.one_of(self._media)
        created_at = datetime.now(UTC) - age
        log_id = f"{medium}-{len(self.tracked)}"
        content: dict[str, Any] = {"created_at": _iso(created_at), "charge": self._charge()} | (LIVE if is_live else {})
        content |= {"parent_id": self._parent(project, medium)} if medium == "voice" else {}
        self.put(medium, sample(self._chance.one_of(TYPES[medium]), id=log_id, **content), project=project)
        charges = [content["charge"]]
        row = TrackedRow(project, medium, log_id, created_at, datetime.now(UTC), is_live, charges=charges)
        self.tracked.append(row)

    def _update(self, row: TrackedRow, changes: dict[str, Any]) -> None:
        self.update(row.medium, row.id, changes, project=row.project)
        row.charges.append(changes["charge"])
        row.is_corrupt, row.changed_at = False, datetime.now(UTC)

    def _pick(self, matches: Callable[[TrackedRow], bool]) -> Iterator[TrackedRow]:
        """A random matching row that is not deleted, or nothing."""
        rows = [row for row in self.tracked if matches(row) and not row.is_deleted]
        if rows:
            yield self._chance.one_of(rows)

    def _charge(self) -> Decimal | None:
        return None if self._chance.happens(0.1) else Decimal(self._chance.randrange(10**11)).scaleb(-9)

    def _parent(self, project: str, medium: str) -> str | None:
        """Usually none; sometimes a row of the same list, or one that does not exist."""
        if not self._chance.happens(0.15):
            return None
        ids = [row.id for row in self.tracked if (row.project, row.medium) == (project, medium)]
        return self._chance.one_of([*ids, "nowhere"])


CHANGES: Odds[Callable[[ChangingSpace], None]] = Odds(
    (
        ChangingSpace.start_call,
        ChangingSpace.add_late_call,
        ChangingSpace.end_call,
        ChangingSpace.restate_charge,
        ChangingSpace.delete_call,
        ChangingSpace.corrupt,
    ),
    (15, 30, 20, 20, 10, 5),
)


def _iso(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")
