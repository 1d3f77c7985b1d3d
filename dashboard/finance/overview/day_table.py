"""The rows of the table under the chart. Python writes them in a tenth of the time of a template: a year has thousands
of cells."""

from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext

from django.utils.html import escape
from django.utils.safestring import SafeString

from dashboard.finance.overview.chart import Series, days_add_up
from dashboard.finance.overview.results import DayRow
from dashboard.pages import formats
from dashboard.pages.context_bar import logs_query, logs_url
from logsync.money import CENT, adds_up, dollars, exact_dollars, total_note

_ZERO = '<td class="r zero">$0.00</td>'
# The table of more days weighs more than the rest of the page, so it is a page of its own.
MAX_ROWS = 100
HALF_UP = Context(prec=64, rounding=ROUND_HALF_UP)


def day_rows(days: Sequence[DayRow], series: Sequence[Series], query: str, today: date) -> SafeString:
    """The newest day first: a link to its logs, the charge of each series, the total, logs and minutes."""
    address = escape(logs_url(logs_query(query, period=None, start=None, end=None)))
    joint = "&amp;" if "?" in address else "?"
    columns = [item.by_day(days) for item in series]

    def row(position: int) -> str:
        day = days[position]
        iso = day.day.isoformat()
        row_class, tooltip, words = _state(day)
        cells = "".join([cell(column[position]) for column in columns])
        totals = day.totals
        return (
            f'<tr{row_class}><th scope="row"{tooltip}><a href="{address}{joint}start={iso}&amp;end={day.end or iso}">'
            f"{_name(day, today)}</a>{words}</th>{cells}{cell(totals.charge, ' total')}"
            f'<td class="r">{totals.logs:,}</td><td class="r">{_minutes(day)}</td></tr>'
        )

    with localcontext(HALF_UP):  # which the cells need
        rows = [row(position) for position in reversed(range(len(days)))]
    # Safe: numbers, dates and escaped text.
    return SafeString("".join(rows))


def day_note(days: Sequence[DayRow], series: Sequence[Series], total: Decimal) -> str:
    """What to say where the amounts of a row or a column do not add to its total, as shown."""
    columns = [item.by_day(days) for item in series]
    is_exact = (
        adds_up((day.totals.charge for day in days), total)
        and all(adds_up(column, item.total.charge) for item, column in zip(series, columns, strict=True))
        and all(days_add_up(days, columns))
    )
    return "" if is_exact else total_note(total)


def cell(charge: Decimal, extra_class: str = "") -> str:
    """The same text as money.dollars, with money.exact_dollars in the tooltip and for screen readers.

    Call it in the context HALF_UP.
    """
    if not charge:
        return _ZERO
    if charge < CENT:
        text, exact = dollars(charge), exact_dollars(charge)
    else:
        text, exact = f"${charge:,.2f}", f"${charge:,f}".rstrip("0")
    tooltip = f' title="{exact}" aria-label="{exact}"' if len(exact) > len(text) else ""
    return f'<td class="r{extra_class}"{tooltip}>{text}</td>'


def _name(row: DayRow, today: date) -> str:
    return formats.span(row.day, row.end) if row.end else formats.day(row.day, today)


def _state(day: DayRow) -> tuple[str, str, str]:
    """The class attribute of the row, the title attribute of its header, and what stands in the header."""
    if day.is_gap:
        return ' class="is-incomplete"', f' title="{escape(day.incomplete)}"', ""
    words = day.open_words
    if not words:
        return "", "", ""
    return ' class="is-running"', f' title="{escape(day.incomplete or words)}"', f' <span class="faint">{words}</span>'


def _minutes(day: DayRow) -> str:
    totals = day.totals
    if totals.billed_logs:
        return formats.minutes(totals.billing_ms)
    return "–" if totals.logs else "0.0"
