"""What numbers, room names and charge lines are searched by: one row per distinct value, made once."""

import json
from collections.abc import Iterable, Sequence

from django.db import connection

from logsync.models import SEARCH_KEY_LENGTH, SearchText
from logsync.parsing.phone_numbers import folded, party_of
from logsync.parsing.records import LogRecord
from logsync.storage.bulk import in_texts, insert_texts

ROOM, DESCRIPTION = SearchText.Kind.ROOM.value, SearchText.Kind.DESCRIPTION.value


def add_search_keys(records: Iterable[LogRecord]) -> None:
    """Add the keys of values that have none yet. Runs in the caller's transaction, in the order of the values."""
    records = list(records)
    _add_numbers({record.from_number for record in records} | {record.to_number for record in records})
    # In the order of the kinds: two transactions that add both cannot wait for each other.
    _add_texts(DESCRIPTION, {record.descriptions for record in records})
    _add_texts(ROOM, {record.room_name for record in records})


def _add_numbers(numbers: set[str | None]) -> None:
    missing = _missing(numbers, "SELECT value FROM logsync_phonenumber WHERE value ", [])
    rows = [(value, *party_of(value), folded(value)) for value in missing]
    insert_texts("logsync_phonenumber", ("value", "key", "kind", "text"), rows)


def _add_texts(kind: str, texts: set[str | None]) -> None:
    missing = _missing(texts, "SELECT value FROM logsync_searchtext WHERE kind = %s AND value ", [kind])
    rows = [(kind, value, folded(value)) for value in missing]
    insert_texts("logsync_searchtext", ("kind", "value", "text"), rows)


def _missing(values: set[str | None], known: str, parameters: Sequence[str]) -> list[str]:
    """The values, as far as the table keeps them, that it does not have.

    Sorted, so that two transactions cannot deadlock.
    """
    wanted = {value[:SEARCH_KEY_LENGTH] for value in values if value}
    if not wanted:
        return []
    with connection.cursor() as cursor:
        cursor.execute(known + in_texts(), [*parameters, json.dumps(sorted(wanted))])
        return sorted(wanted - {value for (value,) in cursor.fetchall()})
