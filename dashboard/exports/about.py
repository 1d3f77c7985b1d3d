"""What a file says of itself: its filter, the timezone of its days, and until when its logs were read.

A line above the header would break every parser, so a CSV says it in its last columns, the same in each row: that
survives sorting, pivots and files put together. An XLSX also has a sheet "About". The file's name holds the days and,
with more conditions, words of the filter and a hash that tells all filters apart.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from hashlib import sha256

from django.conf import settings
from django.utils.text import slugify

from dashboard.exports.tables import CACHE_SIZE, INVISIBLE, SET_ASIDE, Cell, Table
from dashboard.filters import periods, query_string
from dashboard.filters.parser import DEFAULT_PAGE_SIZE, ROLLUP_LISTS, Filter
from dashboard.results import Freshness
from logsync.days import iso_utc

# A filter can hold thousands of values; repeated in each row, it would outgrow the data.
MAX_FILTER = 300
MAX_WORDS = 40
HASH_LENGTH = 8
# Columns of phone numbers. In CSV, each has a second column, in which a spreadsheet keeps it as text.
NUMBERS = frozenset({"from", "to", "number", "own_number"})
_READ_AS_NUMBER = re.compile(rf"{INVISIBLE}[+(]?[0-9][0-9 ().,:/+*#eE\xa0\u202a-\u202e-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """`kind` is what the rows are, such as "logs"; `own` are parameters that only this kind has."""

    kind: str
    filter: Filter
    freshness: Freshness
    own: Mapping[str, str | None] = field(default_factory=dict)

    @property
    def query(self) -> str:
        """The filter with dates in place of a relative period, so that it means the same next month."""
        dated = self.filter if self.filter.start is None else replace(self.filter, period=None)
        return query_string.with_parameters(replace(dated, page_size=DEFAULT_PAGE_SIZE).query(), **self.own)

    def file_name(self, ending: str) -> str:
        """ "tollbook-logs-2026-10-22-to-2026-11-20-inbound-b1946ac9.csv"; days are report days."""
        mark = _mark(self.filter, query_string.with_parameters(self.query, period=None, start=None, end=None))
        return f"tollbook-{self.kind}-{self.filter.start or 'all'}-to-{self.filter.end}{mark}.{ending}"

    def for_csv(self, table: Table) -> Table:
        """The table with its phone numbers as text, and with what the file says of itself."""
        numbers = [at for at, name in enumerate(table.columns) if name in NUMBERS]
        until = self.freshness.data_until
        about = {"time_zone": _zone(), "data_until": until and iso_utc(until), "filter": _cut(self.query)}
        if SET_ASIDE not in table.columns:
            about[SET_ASIDE] = self.freshness.set_aside.words or None
        texts = tuple(f"{table.columns[at]}_text" for at in numbers)
        last = tuple(about.values())
        rows = ((*row, *(number_text(row[at]) for at in numbers), *last) for row in table.rows)
        return replace(table, columns=(*table.columns, *texts, *about), rows=rows)

    def for_xlsx(self, table: Table) -> Table:
        """The table with its timezone beside its local times. The sheet "About" has the rest."""
        zone = _zone()
        return replace(table, columns=(*table.columns, "time_zone"), rows=((*row, zone) for row in table.rows))

    def lines(self) -> Iterator[tuple[str, Cell]]:
        """The sheet "About": names and values."""
        wanted, freshness = self.filter, self.freshness
        yield "Contents", f"Tollbook {self.kind}"
        yield "First day", wanted.start or "all days"
        yield "Last day", wanted.end
        yield "Conditions", ", ".join(chip.label for chip in wanted.chips()) or "none"
        yield "Filter", self.query
        yield "Period", periods.PERIODS[wanted.period] if wanted.period else "dates"
        yield "Time zone of days and local times", _zone()
        yield "Data until (UTC)", freshness.data_until or "no data yet"
        yield "Complete days", f"{freshness.complete_days:,} of {freshness.days:,}"
        yield "Set aside", freshness.set_aside.words or "nothing"
        yield "Amounts", "US dollars. An amount of more than 15 digits is rounded; the next column is exact."
        yield "Totals", "Each total covers only the rows that the sheet's filter shows."
        if self.kind == "charges":
            yield "Left out", "Days and other groups without logs have no row."


@lru_cache(CACHE_SIZE)
def number_text(value: Cell) -> Cell:
    """The number as a link, "tel:+442079460000": no spreadsheet takes it for an amount and drops its + or zeros."""
    return f"tel:{value}" if isinstance(value, str) and _READ_AS_NUMBER.fullmatch(value) else value


def _zone() -> str:
    return str(settings.REPORT_TIME_ZONE.key)


def _cut(query: str) -> str:
    return query if len(query) <= MAX_FILTER else f"{query[:MAX_FILTER]}…"


def _mark(wanted: Filter, conditions: str) -> str:
    """ "-inbound-b1946ac9": words and a hash of the conditions, or "". People's numbers stay out of names."""
    if not conditions:
        return ""
    words = [f"by-{name}" for name in wanted.group_by]
    for name, value in wanted.parameters().items():
        if name in ROLLUP_LISTS:
            words += [f"no-{name}" if item is None else item for item in value]
        elif name not in {"period", "start", "end", "group_by", "page_size"}:
            words.append(name)
    text = slugify("-".join(words).replace("_", "-"))[:MAX_WORDS].strip("-")
    return "-".join(["", *filter(None, [text]), sha256(conditions.encode()).hexdigest()[:HASH_LENGTH]])
