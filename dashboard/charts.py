"""What the charts draw, from the same values as the tables under them. Money goes over as exact decimal text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import repeat
from typing import Any

from dashboard import figures, links
from dashboard.filters import Filter
from dashboard.frame import rows_query
from dashboard.results import ChargeRow, DayRow, Overview, Totals
from dashboard.words import colour_of, in_words
from logsync.money import plain

MAX_SERIES = 6
OTHER = "other"
NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Series:
    """One colour of the chart and one column of its table: a value, or all the small ones together.

    `rows` leads to the logs behind it, `toggle` adds it to the page's filter or takes it out.
    """

    colour: str
    label: str
    hover: str
    values: tuple[str | None, ...]
    total: Totals
    rows: str
    toggle: str
    is_chosen: bool

    def by_day(self, days: Sequence[DayRow]) -> list[Decimal]:
        """The charge of each day, in their order."""
        if len(self.values) == 1:
            [value] = self.values
            return [day.charges.get(value, NOTHING) for day in days]
        return [sum(map(day.charges.get, self.values, repeat(NOTHING)), NOTHING) for day in days]


@dataclass(frozen=True, slots=True)
class Bar:
    """One horizontal bar; `width` in thousandths of the longest."""

    colour: str
    label: str
    hover: str
    charge: Decimal
    share: str
    logs: int
    width: int
    rows: str


def series_of(overview: Overview, dimension: str, asked: Filter) -> list[Series]:
    """At most MAX_SERIES values, the costliest first, and the rest as "other"."""
    rows = [row for row in overview.series if row.totals.logs]
    drawn, rest = (rows, []) if len(rows) <= MAX_SERIES + 1 else (rows[:MAX_SERIES], rows[MAX_SERIES:])
    series = [_series([row], dimension, asked) for row in drawn]
    return [*series, _series(rest, dimension, asked)] if rest else series


def day_chart(days: Sequence[DayRow], series: Sequence[Series], query: str) -> dict[str, Any]:
    """For json_script: one entry of each list per day, in order."""
    return {
        "days": [row.day.isoformat() for row in days],
        "ends": [(row.end or row.day).isoformat() for row in days],
        "labels": [figures.span(row.day, row.end or row.day) for row in days],
        "running": [row.is_running for row in days],
        "incomplete": [row.incomplete for row in days],
        "totals": [plain(row.totals.charge) for row in days],
        "logs": [row.totals.logs for row in days],
        "rows": rows_query(query, period=None, start=None, end=None),
        "series": [
            {
                "colour": one.colour,
                "label": one.label,
                "rows": rows_query(one.rows.partition("?")[2], period=None, start=None, end=None),
                "charges": list(map(plain, one.by_day(days))),
            }
            for one in series
        ],
    }


def bars(rows: Sequence[ChargeRow], dimension: str, asked: Filter, total: Totals) -> list[Bar]:
    longest = max((abs(row.totals.charge) for row in rows), default=NOTHING)
    return [_bar(row, dimension, asked, total.charge, longest) for row in rows if row.totals.logs]


def _bar(row: ChargeRow, dimension: str, asked: Filter, whole: Decimal, longest: Decimal) -> Bar:
    [value] = row.group
    charge = row.totals.charge
    return Bar(
        colour=colour_of(value),
        label=_label(dimension, value),
        hover=value or "",
        charge=charge,
        share=figures.share(charge, whole),
        logs=row.totals.logs,
        width=max(4, int(abs(charge) * 1000 / longest)) if charge else 0,
        rows=_rows(asked, dimension, [value]),
    )


def _series(rows: Sequence[ChargeRow], dimension: str, asked: Filter) -> Series:
    values = tuple(row.group[0] for row in rows)
    is_one = len(values) == 1
    label = _label(dimension, values[0]) if is_one else OTHER
    chosen = getattr(asked, dimension)
    query = asked.query()
    for value in values:
        query = links.toggled(query, dimension, value)
    return Series(
        colour=colour_of(values[0]) if is_one else OTHER,
        label=label,
        hover=", ".join(value or "none" for value in values),
        values=values,
        total=_added([row.totals for row in rows]),
        rows=_rows(asked, dimension, values),
        toggle=query,
        is_chosen=bool(chosen) and all(value in chosen for value in values),
    )


def _rows(asked: Filter, dimension: str, values: Sequence[str | None]) -> str:
    query = links.without(rows_query(asked.query()), dimension)
    for value in values:
        query = links.with_value(query, dimension, value)
    return f"/logs/?{query}"


def _label(dimension: str, value: str | None) -> str:
    return f"no {dimension}" if value is None else in_words(dimension, value)


def _added(totals: Sequence[Totals]) -> Totals:
    return Totals(logs=sum(one.logs for one in totals), charge=sum((one.charge for one in totals), NOTHING))


def reasons(days: Sequence[DayRow]) -> Mapping[str, int]:
    """Why days are incomplete, and how many for each reason."""
    found: dict[str, int] = {}
    for row in days:
        if row.incomplete:
            found[row.incomplete] = found.get(row.incomplete, 0) + 1
    return found
