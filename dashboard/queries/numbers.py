"""Parts of phone numbers: found in the small table of distinct numbers, then looked up by index.

A part may be written with the marks people put into numbers: "(206) 555-1212" also finds +12065551212.
"""

import re
from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, Func, Q, TextField
from django.db.models.functions import Length
from django.db.models.lookups import In

from logsync.models import NUMBER_INDEX_LENGTH, PhoneNumber

# Beyond so many distinct numbers a list of them is no quicker than reading the logs.
MANY_NUMBERS = 1000
_LOOKS_LIKE_A_NUMBER = re.compile(r"\+?[\d\s().\-/\u00a0]+", re.ASCII)
LEAST_DIGITS = 3


class IndexedPart(Func):
    """The part of a number that is indexed, written as in the index: SQLite would not know it with a parameter."""

    output_field = TextField()
    template = f"LEFT(%(expressions)s, {NUMBER_INDEX_LENGTH})"

    def as_sqlite(self, compiler: Any, connection: BaseDatabaseWrapper, **context: Any) -> tuple[str, Any]:
        template = f"SUBSTR(%(expressions)s, 1, {NUMBER_INDEX_LENGTH})"
        return self.as_sql(compiler, connection, template=template, **context)


def number_condition(columns: Iterable[str], values: Iterable[str | None]) -> Q:
    """Logs in which any of the columns contains any of the values; None stands for an absent number."""
    columns, values = list(columns), list(values)
    parts = sorted({part for value in values if value is not None for part in _spellings(value)})
    found = [_containing(columns, parts)] if parts else []
    absent = [Q(**{f"{column}__isnull": True}) | Q(**{column: ""}) for column in columns] if None in values else []
    return reduce(or_, [*found, *absent])


def _spellings(value: str) -> set[str]:
    """The value as it is, without the marks of a phone number, and with the `+` that an address shows as a space."""
    spellings = {value, value.replace(" ", "+")}
    bare = re.sub(r"[^\d+]", "", value)
    if _LOOKS_LIKE_A_NUMBER.fullmatch(value) and len(bare.lstrip("+")) >= LEAST_DIGITS:
        spellings.add(bare)
    return spellings


def _containing(columns: list[str], parts: list[str]) -> Q:
    numbers = list(
        PhoneNumber.objects.alias(length=Length("value"))
        .filter(_contains("value", parts) | Q(length__gte=NUMBER_INDEX_LENGTH))
        .values_list("value", flat=True)[: MANY_NUMBERS + 1]
    )
    if len(numbers) > MANY_NUMBERS:
        return reduce(or_, (_contains(column, parts) for column in columns))
    # Of a number that was cut only its beginning is known here: the logs themselves decide.
    cut = [number for number in numbers if len(number) >= NUMBER_INDEX_LENGTH]
    whole = [number for number in numbers if len(number) < NUMBER_INDEX_LENGTH]
    return reduce(or_, (_among(column, whole) | (_among(column, cut) & _contains(column, parts)) for column in columns))


def _contains(column: str, parts: list[str]) -> Q:
    return reduce(or_, (Q(**{f"{column}__icontains": part}) for part in parts))


def _among(column: str, numbers: list[str]) -> Q:
    return Q(In(IndexedPart(F(column)), numbers))
