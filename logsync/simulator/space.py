"""A SignalWire space in memory: its projects, their rows, what goes wrong, and what was asked."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from threading import RLock
from typing import Any, Self

import msgspec

from logsync.simulator.api import Api, Behaviour
from logsync.simulator.clock import Clock
from logsync.simulator.faults import Exchange, Faults
from logsync.simulator.ledger import Ledger
from logsync.simulator.listing import DateRules
from logsync.simulator.messages import Request, Response
from logsync.simulator.paging import PageEdit
from logsync.simulator.projects import Project
from logsync.simulator.recording import RequestLog
from logsync.simulator.rows import NEWEST, Position, PutRow, Row
from logsync.simulator.shapes import MEDIA
from logsync.simulator.times import FIRST_US, iso, read_iso, to_us
from logsync.simulator.traffic import Plan, Traffic
from logsync.simulator.volume import Volume, exactly, living

encode = msgspec.json.Encoder(decimal_format="number").encode
TEXT_OF = {name: re.compile(rf'"{name}"\s*:\s*"([^"]*)"') for name in ("id", "created_at")}


class Space:
    """With a seed it has traffic of its own; without, only the rows put into it.

    Every project gets `logs_per_day` rows a day (the mean; see `volume.living`) for the last `days` days and from
    then on. `now` decides which calls exist and how they stand. All methods may be called while the space is served.
    """

    def __init__(
        self,
        *,
        seed: int | None = None,
        now: Callable[[], datetime] | None = None,
        projects: Sequence[Project] = (Project(),),
        name: str = "example",
        logs_per_day: float = 200,
        days: int = 365,
        volume: Volume | None = None,
        audio_keys: bool = False,
        novelties: float = 0.0,
        behaviour: Behaviour | None = None,
    ) -> None:
        self.now = now or Clock()
        self.projects = {project.id: project for project in projects}
        self.behaviour = behaviour or Behaviour()
        self.faults = Faults()
        self.requests = RequestLog()
        self._lock = RLock()
        self._default = projects[0]
        self._first_day = self.now().date() - timedelta(days=days)
        plan = None
        if seed is not None:
            plan = Plan(seed, volume or living(seed, logs_per_day), volume is None, audio_keys, novelties)
        self._ledgers = {
            project_id: Ledger(Traffic(plan, project_id, name) if plan else None, self._first_day)
            for project_id in self.projects
        }

    @classmethod
    def bulk(
        cls, *, rows: int, days: int, seed: int = 1, until: date, projects: Sequence[Project] = (Project(),)
    ) -> Self:
        """For benchmarks: exactly so many rows on the days before `until`, all made ready; time stands still."""
        now = Clock(datetime.fromisoformat(f"{until}T06:00:00+00:00"))
        volume = exactly(rows, until - timedelta(days=days), days)
        space = cls(seed=seed, now=now, projects=projects, days=days, volume=volume)
        space.make_ready()
        return space

    @property
    def credentials(self) -> tuple[str, str]:
        """Project id and token of the first project."""
        return self._default.id, self._default.token

    def respond(self, request: Request) -> Response:
        """What the space answers, faults included. The server waits out `delay_s`."""
        now = self.now()

        def answer(edit: PageEdit | None = None) -> Response:
            with self._lock:
                api = Api(self.projects, self._ledgers, self.behaviour)
                return api.answer(request, to_us(now), edit)

        response = self.faults.respond(Exchange(request, answer, now))
        self.requests.add(now, request, None if response.reset else response.status)
        return response

    def put(
        self,
        medium: str,
        row: Mapping[str, Any] | str | bytes,
        *,
        project: str | None = None,
        log_id: str | None = None,
        created_at: str | None = None,
    ) -> str:
        """Adds a row, or replaces the one with its id; answers the id.

        A text is sent as it is, whatever it is; when it cannot be read, log_id and created_at place it in the list.
        """
        raw = row.encode() if isinstance(row, str) else row if isinstance(row, bytes) else encode(row)
        text = raw.decode(errors="replace")
        log_id = log_id or _text_of("id", text)
        created_us = read_iso(created_at or _text_of("created_at", text))
        with self._lock:
            deleted = '"discarded_at"' in text and '"type"' not in text
            self._ledger(project).put(medium, PutRow(Position(created_us, log_id), raw, deleted=deleted))
        return log_id

    def update(self, medium: str, log_id: str, changes: Mapping[str, Any], *, project: str | None = None) -> None:
        """Some keys of a row changed; the rest stays. Raises KeyError for an unknown id."""
        with self._lock:
            row = self._row(medium, log_id, project)
            content = {**_decoded(row.body(to_us(self.now()))), **changes}
            self.put(medium, content, project=project)

    def delete(self, medium: str, log_id: str, *, project: str | None = None) -> None:
        """Leaves a tombstone. Raises KeyError for an unknown id."""
        with self._lock:
            row = self._row(medium, log_id, project)
            now_us = to_us(self.now())
            tombstone = {"id": log_id, "discarded_at": iso(now_us), "created_at": iso(row.position.created_us)}
            self._ledger(project).put(medium, PutRow(row.position, encode(tombstone), deleted=True))

    def remove(self, medium: str, log_id: str, *, project: str | None = None) -> None:
        """Without a trace, as what is older than the retention. No error for an unknown id."""
        with self._lock:
            self._ledger(project).remove(medium, log_id)

    def rows(self, medium: str, *, project: str | None = None) -> list[dict[str, Any]]:
        """All rows as the API shows them now, tombstones included, newest first; numbers are Decimal."""
        now_us = to_us(self.now())
        with self._lock:
            return [_decoded(row.body(now_us)) for row in self._all(medium, project, now_us)]

    def make_ready(self) -> int:
        """Makes all rows beforehand, so that no request waits for it; answers how many there are."""
        now_us = to_us(self.now())
        count = 0
        with self._lock:
            for project_id in self.projects:
                for medium in MEDIA:
                    for row in self._all(medium, project_id, now_us):
                        row.body(now_us)
                        count += 1
        return count

    def limit_history(self, first_day: date | None) -> None:
        """From now on dates before this day are answered with the account's history limit; None lifts it."""
        rules: DateRules = replace(self.behaviour.dates, limit=first_day)
        self.behaviour = replace(self.behaviour, dates=rules)

    def _all(self, medium: str, project: str | None, now_us: int) -> Iterator[Row]:
        return self._ledger(project).older(medium, NEWEST, FIRST_US, now_us)

    def _row(self, medium: str, log_id: str, project: str | None) -> Row:
        row = self._ledger(project).find(medium, log_id, to_us(self.now()))
        if row is None:
            raise KeyError(log_id)
        return row

    def _ledger(self, project: str | None) -> Ledger:
        return self._ledgers[project or self._default.id]


def _decoded(raw: bytes) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(raw, parse_float=Decimal)
    return content


def _text_of(name: str, text: str) -> str:
    """The value of a key in a row that need not be JSON. Raises ValueError when it has none."""
    match = TEXT_OF[name].search(text)
    if not match:
        raise ValueError(f"the row has no {name}: name it as an argument")
    return match[1]
