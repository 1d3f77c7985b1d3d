"""Search for numbers, rooms and charge lines by the search keys of their distinct values, which are few.

Both databases answer the same: they compare only texts that Python has folded. Values longer than the table keeps are
folded whole and decided here. The copy has the keys beside each log, and no logs with such long values are asked there.
"""

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import or_
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, Func, Q, QuerySet, TextField
from django.db.models.functions import Length
from django.db.models.lookups import In

from dashboard.filters.search_terms import Term, Test, keys_of, term_of
from logsync.columnar.copied_log import Holds, IsFoundNumber
from logsync.models import SEARCH_KEY_LENGTH, Log, PhoneNumber, SearchText
from logsync.models.choices import Medium

# A longer list of values is no faster than scanning the logs.
MAX_NUMBERS = 1000
# Parameter -> the columns it looks at, and the kind of SearchText; None: PhoneNumber.
SEARCHED: dict[str, tuple[tuple[str, ...], str | None]] = {
    "number": (("from_number", "to_number"), None),
    "from": (("from_number",), None),
    "to": (("to_number",), None),
    "room": (("room_name",), SearchText.Kind.ROOM.value),
    "description": (("descriptions",), SearchText.Kind.DESCRIPTION.value),
}


class IndexedPart(Func):
    """The indexed part of a number. It has no SQL parameter, because SQLite would then not use the index."""

    output_field = TextField()
    template = f"LEFT(%(expressions)s, {SEARCH_KEY_LENGTH})"

    def as_sqlite(self, compiler: Any, connection: BaseDatabaseWrapper, **context: Any) -> tuple[str, Any]:
        template = f"SUBSTR(%(expressions)s, 1, {SEARCH_KEY_LENGTH})"
        return self.as_sql(compiler, connection, template=template, **context)


def searched(parameter: str, values: Iterable[str | None], *, in_copy: bool = False) -> Q:
    """Logs that any of the values of a parameter finds: rows of the logs, or of their copy."""
    columns, kind = SEARCHED[parameter]
    terms = [term_of(parameter, value) for value in values]
    tests = list(dict.fromkeys(test for term in terms for test in term.tests))
    if in_copy and kind is None:
        found = [Q(IsFoundNumber(f"{column}_code", *tests)) for column in columns if tests]
    elif in_copy:
        found = [Q(Holds(f"{column}_text", *tests)) for column in columns if tests]
    else:
        keys = PhoneNumber.objects.all() if kind is None else SearchText.objects.filter(kind=kind)
        found = _found(columns, keys, tests) if tests else []
    has_codes = in_copy and kind is None
    return reduce(or_, [*found, *(_direct(column, term, has_codes=has_codes) for column in columns for term in terms)])


def _direct(column: str, term: Term, *, has_codes: bool) -> Q:
    """What needs no search key: exactly one raw value, or none."""
    absent = Q(**{f"{column}__isnull": True}) | Q(**{column: ""})
    if has_codes:
        absent = Q(**{f"{column}_code__isnull": True})
    if term.exact is not None:
        return _among(column, [term.exact[:SEARCH_KEY_LENGTH]]) & Q(**{column: term.exact})
    if term.absent_caller:  # a video session has no caller who could withhold a number
        was_read = Q(unread_fields=None) | ~Q(unread_fields__contains=column.removesuffix("_number"))
        return absent & Q(medium=Medium.VOICE) & was_read
    return absent if term.absent else Q(pk__in=[])


def _found(columns: Sequence[str], keys: QuerySet[Any], tests: Sequence[Test]) -> list[Q]:
    keys = keys.alias(length=Length("value")).order_by()
    is_long = Q(length__gte=SEARCH_KEY_LENGTH)
    holds = reduce(or_, (Q(**{f"{test.field}__{test.lookup}": test.operand}) for test in tests))
    values = list(keys.filter(holds | is_long).values_list("value", flat=True)[: MAX_NUMBERS + 1])
    short: Any = [value for value in values if len(value) < SEARCH_KEY_LENGTH]
    long = [value for value in values if len(value) >= SEARCH_KEY_LENGTH]
    if len(values) > MAX_NUMBERS:
        short = keys.filter(holds & ~is_long).values("value")
        long = list(keys.filter(is_long).values_list("value", flat=True))
    found = [_among(column, short) for column in columns]
    return [*found, *(_long(column, long, tests) for column in columns)] if long else found


def _long(column: str, beginnings: list[str], tests: Sequence[Test]) -> Q:
    """The table has only the beginning of a long value, so the values of the logs decide."""
    among = _among(column, beginnings)
    wholes = Log.objects.filter(among).order_by().values_list(column, flat=True).distinct()
    keys = {whole: keys_of(whole) for whole in wholes}
    holding = [whole for whole in keys if any(test.holds(keys[whole]) for test in tests)]
    return among & Q(**{f"{column}__in": holding})


def _among(column: str, values: Any) -> Q:
    return Q(In(IndexedPart(F(column)), values))
