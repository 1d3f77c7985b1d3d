"""The rows of the table under the chart. A year of them is thousands of cells, so they are written here rather than by
a template: a tenth of the time."""

from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext

from django.utils.html import escape
from django.utils.safestring import SafeString

from dashboard import figures
from dashboard.charts import Series
from dashboard.frame import day_query, rows_address
from dashboard.results import DayRow
from logsync.money import dollars, exact_dollars

_ZERO = '<td class="r zero">$0.00</td>'
HALF_UP = Context(prec=64, rounding=ROUND_HALF_UP)


def day_rows(days: Sequence[DayRow], series: Sequence[Series], query: str, today: date) -> SafeString:
    """The newest day first: its name leads to its logs; then the charge of each series, the total, logs and minutes."""
    address = escape(rows_address(day_query(query, date.min)))
    before, between, after = address.split(date.min.isoformat())  # a start and an end
    columns = [one.by_day(days) for one in series]

    def row(place: int) -> str:
        day = days[place]
        iso = day.day.isoformat()
        kind, why = _state(day)
        cells = "".join([cell(column[place]) for column in columns])
        totals = day.totals
        return (
            f'<tr{kind}><th scope="row"{why}><a href="{before}{iso}{between}{day.end or iso}{after}">'
            f"{_name(day, today)}</a></th>{cells}{cell(totals.charge, ' total')}"
            f'<td class="r">{totals.logs:,}</td><td class="r">{_minutes(day)}</td></tr>'
        )

    with localcontext(HALF_UP):  # for the formats of `cell`
        rows = [row(place) for place in reversed(range(len(days)))]
    # Safe: figures, dates, and what is escaped above.
    return SafeString("".join(rows))


def cell(charge: Decimal, kind: str = "") -> str:
    """To the cent, exact on hover, as money.dollars and money.exact_dollars write it. To be called within HALF_UP."""
    if not charge:
        return _ZERO
    if charge < 0:
        text, exact = dollars(charge), exact_dollars(charge)
    else:
        text, exact = f"${charge:,.2f}", f"${charge:,f}".rstrip("0")
    hover = f' title="{exact}"' if len(exact) > len(text) else ""
    return f'<td class="r{kind}"{hover}>{text}</td>'


def _name(row: DayRow, today: date) -> str:
    return figures.span(row.day, row.end) if row.end else figures.day(row.day, today)


def _state(day: DayRow) -> tuple[str, str]:
    if day.incomplete:
        return ' class="is-incomplete"', f' title="{escape(day.incomplete)}"'
    return (' class="is-running"', ' title="still running"') if day.is_running else ("", "")


def _minutes(day: DayRow) -> str:
    totals = day.totals
    if totals.billed_logs:
        return figures.minutes(totals.billing_ms)
    return "–" if totals.logs else "0.0"
