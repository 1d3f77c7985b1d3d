"""The rows of the table under the chart. A year of them is thousands of cells, so they are written here rather than by
a template: a tenth of the time."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.utils.html import escape
from django.utils.safestring import SafeString

from dashboard import figures
from dashboard.charts import Series
from dashboard.frame import day_query, rows_address
from dashboard.results import DayRow
from logsync.money import dollars, exact_dollars

_ZERO = '<td class="r zero">$0.00</td>'


def day_rows(days: Sequence[DayRow], series: Sequence[Series], query: str, today: date) -> SafeString:
    """The newest day first: its name leads to its logs; then the charge of each series, the total, logs and minutes."""
    address = escape(rows_address(day_query(query, date.min)))
    before, _, after = address.partition(date.min.isoformat())
    middle, _, after = after.partition(date.min.isoformat())

    def row(day: DayRow) -> str:
        iso = day.day.isoformat()
        kind, why = _state(day)
        link = f'<a href="{before}{iso}{middle}{iso}{after}">{figures.day(day.day, today)}</a>'
        cells = "".join(_cell(one.charge_of(day)) for one in series)
        totals = day.totals
        return (
            f'<tr{kind}><th scope="row"{why}>{link}</th>{cells}{_cell(totals.charge, " total")}'
            f'<td class="r">{totals.logs:,}</td><td class="r">{_minutes(day)}</td></tr>'
        )

    # Safe: figures, dates, and what is escaped above.
    return SafeString("".join(map(row, reversed(days))))


def _state(day: DayRow) -> tuple[str, str]:
    if day.incomplete:
        return ' class="is-incomplete"', f' title="{escape(day.incomplete)}"'
    return (' class="is-running"', ' title="still running"') if day.is_running else ("", "")


def _cell(charge: Decimal, kind: str = "") -> str:
    if not charge:
        return _ZERO
    text, exact = dollars(charge), exact_dollars(charge)
    hover = "" if text == exact else f' title="{exact}"'
    return f'<td class="r{kind}"{hover}>{text}</td>'


def _minutes(day: DayRow) -> str:
    totals = day.totals
    if totals.billed_logs:
        return figures.minutes(totals.billing_ms)
    return "–" if totals.logs else "0.0"
