"""What a pull prints of its progress where no terminal is."""

from io import StringIO

from rich.console import Console

from logsync.management.console import FILE_WIDTH, LinePrinter
from logsync.scheduling.runs import Counts


def printer_and_lines():
    stream = StringIO()
    return LinePrinter(Console(file=stream, width=FILE_WIDTH)), lambda: stream.getvalue().splitlines()


def test_a_long_pass_begins_with_how_long_it_takes(settings):
    settings.PULL_REQUESTS_PER_SECOND = 10
    printer, lines = printer_and_lines()
    printer.on_begin("First history", 732)
    assert lines() == ["First history: 0 of 732, 0 rows, about 2 min left"]


def test_a_short_pass_prints_its_end_alone(settings):
    settings.PULL_REQUESTS_PER_SECOND = 10
    printer, lines = printer_and_lines()
    printer.on_begin("Last days", 2)
    printer.on_counts(Counts(rows=3))
    printer.on_end("")
    printer.on_end("")
    assert lines()[-1] == "Last days: 2 of 2, 3 rows"
    assert len(lines()) <= 2
