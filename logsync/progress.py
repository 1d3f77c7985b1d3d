"""How a pull in the foreground goes on, for a terminal and for a log file."""

from threading import Lock
from time import monotonic
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from logsync.runs import Counts

SECONDS_BETWEEN_LINES = 10
WIDTH_OF_A_FILE = 160


def console_to(stream: Any) -> Console:
    """Wide enough for the tables when nobody looks."""
    return Console(file=stream, width=None if stream.isatty() else WIDTH_OF_A_FILE)


class Told:
    """What every way of telling shares: how far it is, and each error once."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.title, self.units, self.ended, self.rows = "", 0, 0, 0
        self._errors: set[str] = set()
        self._lock = Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def begins(self, title: str, units: int) -> None:
        if title == self.title:  # the next batch of the same
            self.units += units
        else:
            self.title, self.units, self.ended, self.rows = title, units, 0, 0

    def adds(self, counts: Counts) -> None:
        with self._lock:
            self.rows += counts.rows

    def ends(self, error: str) -> None:
        self.ended += 1
        if error and error not in self._errors:
            self._errors.add(error)
            self.console.print(error, style="red", markup=False, highlight=False, soft_wrap=True)


class Lines(Told):
    """A line now and then."""

    def __init__(self, console: Console) -> None:
        super().__init__(console)
        self._told_at = 0.0

    def ends(self, error: str) -> None:
        super().ends(error)
        if self.ended == self.units or monotonic() - self._told_at > SECONDS_BETWEEN_LINES:
            self._told_at = monotonic()
            self.console.print(
                f"{self.title}: {self.ended} of {self.units}, {self.rows:,} rows", highlight=False, soft_wrap=True
            )


class Bar(Told):
    """A bar for each pass."""

    def __init__(self, console: Console) -> None:
        super().__init__(console)
        columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rows]:,} rows"), TimeElapsedColumn())
        self._progress = Progress(TextColumn("{task.description}"), *columns, console=console)
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def begins(self, title: str, units: int) -> None:
        is_new = title != self.title
        super().begins(title, units)
        if is_new or self._task is None:
            self._task = self._progress.add_task(title, total=units, rows=0)
        self._show()

    def adds(self, counts: Counts) -> None:
        super().adds(counts)
        self._show()

    def ends(self, error: str) -> None:
        super().ends(error)
        self._show()

    def _show(self) -> None:
        if self._task is not None:
            self._progress.update(self._task, completed=self.ended, total=self.units, rows=self.rows)


def told_to(console: Console) -> Told:
    return Bar(console) if console.is_terminal else Lines(console)
