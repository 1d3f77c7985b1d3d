"""The simulator's command line, shared by `python -m logsync.simulator` and `manage.py simulate`."""

import asyncio
import gc
import signal
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from logsync.simulator.api.credentials import Project
from logsync.simulator.api.endpoints import Behaviour
from logsync.simulator.api.faults import read_rule
from logsync.simulator.api.listing import DateRules
from logsync.simulator.serving.server import serve
from logsync.simulator.space import Space

DEFAULT_PORT = 8930


def add_arguments(parser: ArgumentParser) -> None:
    default = Project()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="0 picks any free port, and prints it")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same logs")
    parser.add_argument("--logs-per-day", type=float, default=200, help="mean number of logs per project and day")
    parser.add_argument("--days", type=int, default=365, help="days of logs before today")
    parser.add_argument("--bulk-rows", type=int, help="exactly this many rows over --days; time stands still")
    today = datetime.now(UTC).date()
    parser.add_argument("--until", type=date.fromisoformat, default=today, help="the end of --bulk-rows")
    parser.add_argument("--project-id", default=default.id)
    parser.add_argument("--token", default=default.token)
    parser.add_argument("--scopes", default=",".join(default.scopes), help="scopes of the token")
    parser.add_argument("--fault", type=_fault, action="append", default=[], help='e.g. "429 every 7"; repeatable')
    parser.add_argument("--latency", type=float, default=0, help="delay of every response, in seconds")
    parser.add_argument("--date-zone", type=ZoneInfo, default=ZoneInfo("UTC"), help="timezone of a date without a time")
    parser.add_argument("--history-days", type=int, help="answer 422 to dates further back than this")
    parser.add_argument("--relative-links", action="store_true")
    parser.add_argument("--audio-keys", action="store_true", help="add the newer audio quality keys")
    parser.add_argument("--novelties", type=float, default=0, help="share of rows with unknown types, statuses or keys")
    parser.add_argument("--control", action="store_true", help="serve /_control/ to clients on this machine")


def _fault(text: str) -> str:
    try:
        read_rule(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from error
    return text


def space_of(options: Namespace) -> Space:
    """The space that the options describe."""
    project = Project(options.project_id, options.token, tuple(options.scopes.split(",")))
    behaviour = Behaviour(DateRules(zone=options.date_zone), relative_links=options.relative_links)
    if options.bulk_rows:
        space = Space.bulk(
            rows=options.bulk_rows, days=options.days, seed=options.seed, until=options.until, projects=[project]
        )
        gc.freeze()  # the rows live until exit, so the collector need not scan them
        space.behaviour = behaviour
    else:
        space = Space(
            seed=options.seed,
            projects=[project],
            logs_per_day=options.logs_per_day,
            days=options.days,
            audio_keys=options.audio_keys,
            novelties=options.novelties,
            behaviour=behaviour,
        )
    if options.history_days is not None:
        space.limit_history(space.now().date() - timedelta(days=options.history_days))
    space.faults.latency_s = options.latency
    for fault in options.fault:
        space.faults.add(fault)
    return space


def run(options: Namespace) -> None:
    """Serve until SIGINT or SIGTERM."""
    asyncio.run(_serve_until_signal(space_of(options), options))


async def _serve_until_signal(space: Space, options: Namespace) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await serve(space, options.host, options.port, control=options.control, started=_announce, stop=stop)


def _announce(url: str) -> None:
    sys.stdout.write(f"Simulated SignalWire space on {url}\n")
    sys.stdout.flush()
