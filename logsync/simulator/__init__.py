"""A SignalWire space on loopback, for the demo, the tests and the benchmarks. Knows no Django.

In a test, a space holds exactly the rows it was given:

    space = Space()
    space.put("voice", sample("laml_call", charge=Decimal("0.0066"), created_at="2026-03-10T12:00:00Z"))
    space.put("voice", '{"id": "…", "created_at": "2026-03-10T12:00:00Z", "charge": 1e-7, …}')   # sent byte for byte
    with serving(space) as url:                       # http://127.0.0.1:PORT, in a thread of this process
        httpx.get(f"{url}/api/voice/logs", auth=space.credentials)
    space.update("voice", log_id, {"charge": Decimal("0.5")})
    space.delete("voice", log_id)                     # leaves a tombstone; remove() leaves nothing
    space.rows("voice")                               # what the API shows now
    space.requests.total, space.requests[-1].query    # the request log; also by_status, most_in_flight, clear()

With a seed, the space generates its own traffic from the seed and the time alone: a later start gives the same rows.
Some calls are always in progress.

    clock = Clock(datetime(2026, 3, 10, 12, tzinfo=UTC))          # stands still until clock.advance(minutes=5)
    Space(seed=7, now=clock, logs_per_day=200, days=30)           # also audio_keys=True, novelties=0.01
    Space.bulk(rows=200_000, days=30, until=date(2026, 3, 10))    # for benchmarks: an exact number, generated up front

Several projects, a missing scope, and behaviour that SignalWire does not document:

    Space(projects=[Project(), Project("uuid", "PT…", scopes=("voice",), missing_scope_status=403)])
    Space(behaviour=Behaviour(DateRules(zone=ZoneInfo("America/New_York"), inclusive=True), relative_links=True))
    space.limit_history(date(2025, 11, 21))

Faults are written as text; `faults.FAULTS` lists them all:

    space.faults.add("429=30 on 3"); space.faults.add("cut every 7 for /api/video"); space.faults.latency_s = 0.3
    space.faults.clear()

To run it as a separate process: `python -m logsync.simulator --help`, or `manage.py simulate`. With `--control`,
another process can control it (see `serving/control.py`).
"""

from logsync.simulator.api.credentials import Project
from logsync.simulator.api.endpoints import Behaviour
from logsync.simulator.api.listing import DateRules
from logsync.simulator.clock import Clock
from logsync.simulator.samples import sample, tombstone
from logsync.simulator.serving.server import serving
from logsync.simulator.space import Space

__all__ = ["Behaviour", "Clock", "DateRules", "Project", "Space", "sample", "serving", "tombstone"]
