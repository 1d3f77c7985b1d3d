"""Shows the progress of a pull: a bar in a terminal, lines in a log file."""

from datetime import timedelta
from threading import Lock
from time import monotonic
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from logsync.scheduling.runs import Counts
from logsync.scheduling.time_left import SOON, time_left, words
from logsync.text import counted, visible

SECONDS_BETWEEN_LINES = 10
FILE_WIDTH = 160
MAX_TABLE_WIDTH = 10_000


def console_to(stream: Any) -> Console:
    """A console as wide as the terminal, or wide enough for the tables in a file."""
    return Console(file=stream, width=None if stream.isatty() else FILE_WIDTH)


def print_text(console: Console, text: str, **style: Any) -> None:
    """Print text that may hold anything a customer or SignalWire wrote: no markup, no control characters."""
    console.print(Text(visible(text), **style), soft_wrap=True)


def print_table(console: Console, table: Table) -> None:
    """Print a table without cutting a cell: where it is wider than the terminal, its lines go on in the next line."""
    width = console.measure(table, options=console.options.update(max_width=MAX_TABLE_WIDTH)).maximum
    console.print(table, width=width, soft_wrap=True)


def cell(value: object) -> Text:
    """A cell of a table, made as safe as in `print_text`."""
    return Text(visible(str(value)))


class ProgressPrinter:
    """Tracks the progress, and prints each error message once."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.title, self.units, self.finished, self.rows = "", 0, 0, 0
        self._began_at = monotonic()
        self._errors: set[str] = set()
        self._lock = Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def on_begin(self, title: str, units: int) -> None:
        if title == self.title:  # the next batch of the same pass
            self.units += units
        else:
            self.title, self.units, self.finished, self.rows = title, units, 0, 0
            self._began_at = monotonic()

    @property
    def remaining(self) -> str:
        """The time left, in words; "" at the end."""
        left, elapsed = self.units - self.finished, timedelta(seconds=monotonic() - self._began_at)
        return f"{words(time_left(self.finished, left, elapsed))} left" if left else ""

    def on_counts(self, counts: Counts) -> None:
        with self._lock:
            self.rows += counts.rows

    def on_end(self, error: str) -> None:
        self.finished += 1
        if error and error not in self._errors:
            self._errors.add(error)
            print_text(self.console, error, style="red")


class LinePrinter(ProgressPrinter):
    """Prints a line every few seconds."""

    def __init__(self, console: Console) -> None:
        super().__init__(console)
        self._printed_at = 0.0

    def on_begin(self, title: str, units: int) -> None:
        super().on_begin(title, units)
        if SOON not in self.remaining:
            self._print()

    def on_end(self, error: str) -> None:
        super().on_end(error)
        if self.finished == self.units or monotonic() - self._printed_at > SECONDS_BETWEEN_LINES:
            self._print()

    def _print(self) -> None:
        self._printed_at = monotonic()
        progress = f"{self.finished} of {self.units}, {counted(self.rows, 'row')}"
        line = ", ".join(filter(None, (progress, self.remaining)))
        self.console.print(f"{self.title}: {line}", highlight=False, soft_wrap=True)


class BarPrinter(ProgressPrinter):
    """Shows a bar for each pass."""

    def __init__(self, console: Console) -> None:
        super().__init__(console)
        fields = (TextColumn("{task.fields[rows]:,} rows"), TimeElapsedColumn(), TextColumn("{task.fields[left]}"))
        columns = (BarColumn(), MofNCompleteColumn(), *fields)
        self._progress = Progress(TextColumn("{task.description}"), *columns, console=console)
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def on_begin(self, title: str, units: int) -> None:
        is_new = title != self.title
        super().on_begin(title, units)
        if is_new or self._task is None:
            self._task = self._progress.add_task(title, total=units, rows=0, left="")
        self._show()

    def on_counts(self, counts: Counts) -> None:
        super().on_counts(counts)
        self._show()

    def on_end(self, error: str) -> None:
        super().on_end(error)
        self._show()

    def _show(self) -> None:
        if self._task is not None:
            self._progress.update(
                self._task, completed=self.finished, total=self.units, rows=self.rows, left=self.remaining
            )


def progress_printer(console: Console) -> ProgressPrinter:
    return BarPrinter(console) if console.is_terminal else LinePrinter(console)
