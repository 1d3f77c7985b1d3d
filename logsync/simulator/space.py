"""A SignalWire space in memory: its projects, their rows, faults and the request log."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from threading import RLock
from typing import Any, Self

import msgspec

from logsync.simulator.api.credentials import Project
from logsync.simulator.api.endpoints import Behaviour, Endpoints
from logsync.simulator.api.faults import Exchange, Faults
from logsync.simulator.api.http import Request, Response
from logsync.simulator.api.listing import DateRules
from logsync.simulator.api.pagination import PageEdit
from logsync.simulator.api.request_log import RequestLog
from logsync.simulator.clock import Clock
from logsync.simulator.row_store import RowStore
from logsync.simulator.rows import NEWEST, Position, PutRow, Row
from logsync.simulator.shapes import MEDIA
from logsync.simulator.times import FIRST_US, iso, read_iso, to_us
from logsync.simulator.traffic.generator import Plan, Traffic
from logsync.simulator.traffic.volume import Volume, fixed_volume, typical_volume

encode = msgspec.json.Encoder(decimal_format="number").encode
TEXT_OF = {name: re.compile(rf'"{name}"\s*:\s*"([^"]*)"') for name in ("id", "created_at")}


class Space:
    """With a seed it generates its own traffic; without one it has only the rows put into it.

    Every project gets `logs_per_day` rows a day on average (see `typical_volume`), from `days` days ago onwards.
    `now` decides which calls exist and their state. All methods may be called while the space is served.
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
            plan = Plan(seed, volume or typical_volume(seed, logs_per_day), volume is None, audio_keys, novelties)
        self._row_stores = {
            project_id: RowStore(
                Traffic(plan, project_id, name) if plan else None, self._first_day, keeps_all=volume is not None
            )
            for project_id in self.projects
        }

    @classmethod
    def bulk(
        cls, *, rows: int, days: int, seed: int = 1, until: date, projects: Sequence[Project] = (Project(),)
    ) -> Self:
        """For benchmarks: exactly `rows` rows on the `days` days before `until`, rendered up front. The clock stops."""
        now = Clock(datetime.fromisoformat(f"{until}T06:00:00+00:00"))
        volume = fixed_volume(rows, until - timedelta(days=days), days)
        space = cls(seed=seed, now=now, projects=projects, days=days, volume=volume)
        space.make_ready()
        return space

    @property
    def credentials(self) -> tuple[str, str]:
        """Id and token of the first project."""
        return self._default.id, self._default.token

    def respond(self, request: Request) -> Response:
        """The response, faults included. The server must wait `delay_s` before sending it."""
        now = self.now()

        def answer(edit: PageEdit | None = None) -> Response:
            with self._lock:
                api = Endpoints(self.projects, self._row_stores, self.behaviour)
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
        """Add a row, or replace the one with its id. Returns the id.

        Text is sent byte for byte, valid or not. If it has no readable id or created_at, pass them as arguments;
        ValueError otherwise.
        """
        raw = row.encode() if isinstance(row, str) else row if isinstance(row, bytes) else encode(row)
        text = raw.decode(errors="replace")
        log_id = log_id or _text_of("id", text)
        created_us = read_iso(created_at or _text_of("created_at", text))
        with self._lock:
            deleted = '"discarded_at"' in text and '"type"' not in text
            self._row_store(project).put(medium, PutRow(Position(created_us, log_id), raw, deleted=deleted))
        return log_id

    def update(self, medium: str, log_id: str, changes: Mapping[str, Any], *, project: str | None = None) -> None:
        """Change some keys of a row. Raises KeyError for an unknown id."""
        with self._lock:
            row = self._row(medium, log_id, project)
            content = {**_decoded(row.body(to_us(self.now()))), **changes}
            self.put(medium, content, project=project)

    def delete(self, medium: str, log_id: str, *, project: str | None = None) -> None:
        """Replace a row by a tombstone. Raises KeyError for an unknown id."""
        with self._lock:
            row = self._row(medium, log_id, project)
            now_us = to_us(self.now())
            tombstone = {"id": log_id, "discarded_at": iso(now_us), "created_at": iso(row.position.created_us)}
            self._row_store(project).put(medium, PutRow(row.position, encode(tombstone), deleted=True))

    def remove(self, medium: str, log_id: str, *, project: str | None = None) -> None:
        """Remove a row without a tombstone, as at the end of its retention. An unknown id is ignored."""
        with self._lock:
            self._row_store(project).remove(medium, log_id)

    def rows(self, medium: str, *, project: str | None = None) -> list[dict[str, Any]]:
        """All rows as the API shows them now, newest first, tombstones included. Numbers are Decimal."""
        now_us = to_us(self.now())
        with self._lock:
            return [_decoded(row.body(now_us)) for row in self._all(medium, project, now_us)]

    def make_ready(self) -> int:
        """Render all rows now, so that no request has to wait for it. Returns their number."""
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
        """Refuse dates before this day with SignalWire's history limit error. None removes the limit."""
        rules: DateRules = replace(self.behaviour.dates, limit=first_day)
        self.behaviour = replace(self.behaviour, dates=rules)

    def _all(self, medium: str, project: str | None, now_us: int) -> Iterator[Row]:
        return self._row_store(project).older(medium, NEWEST, FIRST_US, now_us)

    def _row(self, medium: str, log_id: str, project: str | None) -> Row:
        row = self._row_store(project).find(medium, log_id, to_us(self.now()))
        if row is None:
            raise KeyError(log_id)
        return row

    def _row_store(self, project: str | None) -> RowStore:
        return self._row_stores[project or self._default.id]


def _decoded(raw: bytes) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(raw, parse_float=Decimal)
    return content


def _text_of(name: str, text: str) -> str:
    """The value of a key in a row that need not be valid JSON. Raises ValueError if it is missing."""
    match = TEXT_OF[name].search(text)
    if not match:
        raise ValueError(f"the row has no {name}: pass it as an argument")
    return match[1]
