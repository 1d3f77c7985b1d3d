"""A small space whose rows change while they are read, with a journal of what became of each."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from logsync.simulator import Behaviour, Project, Space, sample
from logsync.simulator.dice import Dice, Odds
from logsync.simulator.messages import Request, Response

TYPES = {"voice": ("relay_pstn_call", "laml_call", "dialogflow_call"), "video": ("video_room_session",)}
# Of all requests, so many find a row changed just before they are answered.
CHANGED_UNDER_A_REQUEST = 0.4
LIVE: dict[str, Any] = {
    "status": "in-progress",
    "charge": None,
    "duration": None,
    "ended_at": None,
    "charge_details": [],
}


@dataclass
class Entry:
    """What the space has shown of one row. `changed_at` is when it last became something else."""

    project: str
    medium: str
    id: str
    created_at: datetime
    changed_at: datetime
    is_live: bool
    is_deleted: bool = False
    # Whether it cannot be read as it is.
    is_spoiled: bool = False
    charges: list[Decimal | None] = field(default_factory=list)


class RestlessSpace(Space):
    """Rows of the last `days` days and of now. So many times as `restless` says they change under requests."""

    def __init__(
        self, dice: Dice, projects: tuple[Project, ...], media: tuple[str, ...], behaviour: Behaviour, days: int
    ) -> None:
        super().__init__(projects=projects, behaviour=behaviour)
        self.restless = 0
        self.changes = 0
        self.journal: list[Entry] = []
        self._dice, self._media = dice, media
        self._reach_s = days * 86_400

    def respond(self, request: Request) -> Response:
        if self.restless and self._dice.chance(CHANGED_UNDER_A_REQUEST):
            self.restless -= 1
            self.change()
        return super().respond(request)

    def change(self) -> None:
        """One thing that happens to calls: a new one, one that turns up late, an end, a restated charge, a deletion,
        a row that makes no sense."""
        self.changes += 1
        self._dice.draw(CHANGES)(self)

    def begin(self) -> None:
        """A call that goes on now."""
        self._put(timedelta(), is_live=True)

    def turn_up_late(self) -> None:
        self._put(timedelta(seconds=self._dice.uniform(60, self._reach_s)), is_live=self._dice.chance(0.2))

    def end(self) -> None:
        for entry in self._one_of(lambda entry: entry.is_live):
            entry.is_live = False
            ended = {"status": "completed", "duration": 9, "ended_at": _iso(datetime.now(UTC))}
            self._update(entry, ended | {"charge": self._charge()})

    def restate(self) -> None:
        for entry in self._one_of(lambda entry: not entry.is_live):
            self._update(entry, {"charge": self._charge()})

    def spoil(self) -> None:
        """No log any more, until something else becomes of it."""
        for entry in self._one_of(lambda _entry: True):
            self.update(entry.medium, entry.id, {"charge": "much"}, project=entry.project)
            entry.is_spoiled, entry.changed_at = True, datetime.now(UTC)

    def mend(self) -> None:
        """Every row can be read again."""
        for entry in self.journal:
            if entry.is_spoiled:
                self._update(entry, {"charge": self._charge()})

    def discard(self) -> None:
        for entry in self._one_of(lambda _entry: True):
            self.delete(entry.medium, entry.id, project=entry.project)
            entry.is_live, entry.is_deleted, entry.is_spoiled = False, True, False
            entry.changed_at = datetime.now(UTC)

    def _put(self, age: timedelta, *, is_live: bool) -> None:
        project, medium = self._dice.one_of(list(self.projects)), self._dice.one_of(self._media)
        created_at = datetime.now(UTC) - age
        log_id = f"{medium}-{len(self.journal)}"
        content: dict[str, Any] = {"created_at": _iso(created_at), "charge": self._charge()} | (LIVE if is_live else {})
        content |= {"parent_id": self._parent(project, medium)} if medium == "voice" else {}
        self.put(medium, sample(self._dice.one_of(TYPES[medium]), id=log_id, **content), project=project)
        charges = [content["charge"]]
        entry = Entry(project, medium, log_id, created_at, datetime.now(UTC), is_live, charges=charges)
        self.journal.append(entry)

    def _update(self, entry: Entry, changes: dict[str, Any]) -> None:
        self.update(entry.medium, entry.id, changes, project=entry.project)
        entry.charges.append(changes["charge"])
        entry.is_spoiled, entry.changed_at = False, datetime.now(UTC)

    def _one_of(self, fits: Callable[[Entry], bool]) -> Iterator[Entry]:
        """One that fits and was not deleted, or none."""
        entries = [entry for entry in self.journal if fits(entry) and not entry.is_deleted]
        if entries:
            yield self._dice.one_of(entries)

    def _charge(self) -> Decimal | None:
        return None if self._dice.chance(0.1) else Decimal(self._dice.randrange(10**11)).scaleb(-9)

    def _parent(self, project: str, medium: str) -> str | None:
        """Mostly none; now and then a row of the same list, or one that does not exist."""
        if not self._dice.chance(0.15):
            return None
        known = [entry.id for entry in self.journal if (entry.project, entry.medium) == (project, medium)]
        return self._dice.one_of([*known, "nowhere"])


CHANGES: Odds[Callable[[RestlessSpace], None]] = Odds(
    (
        RestlessSpace.begin,
        RestlessSpace.turn_up_late,
        RestlessSpace.end,
        RestlessSpace.restate,
        RestlessSpace.discard,
        RestlessSpace.spoil,
    ),
    (15, 30, 20, 20, 10, 5),
)


def _iso(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")
