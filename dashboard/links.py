"""Pure functions on query strings: the address is the state, and every link is the address with something changed.

Lists may be repeated (`type=a&type=b`) or written with commas (`type=a,b`); what is built here repeats. In a list
`none` stands for an absent value; a backslash takes the next character as it is (`\\,` is a comma, `\\none` the word).
`room` and `description` are free text: commas and backslashes in them are just that.
"""

import re
from collections.abc import Iterable
from itertools import dropwhile, groupby
from urllib.parse import parse_qsl, quote, urlencode

NONE = "none"
LISTS = ("project", "medium", "type", "direction", "status", "source", "number", "from", "to", "id", "group_by")
TEXTS = ("room", "description")
# Where one stands on a page, not what is asked for: any change of the question starts at its first page.
POSITION = "cursor"


def values(name: str, text: str) -> list[str | None]:
    """The values that the text of one parameter stands for, None for `none`. Empty ones are dropped."""
    if name in LISTS:
        return [_value(entry) for entry in _entries(text) if entry]
    trimmed = text.strip()
    return [None if trimmed.lower() == NONE else trimmed] if trimmed else []


def written(name: str, value: str | None) -> str:
    """A value as it stands in a parameter: the opposite of `values`."""
    if value is None:
        return NONE
    if name not in LISTS:
        return value
    if value.lower() == NONE:
        return f"\\{value}"
    has_outer_space = value != value.strip()
    return "".join(f"\\{c}" if c in "\\," or (has_outer_space and c.isspace()) else c for c in value)


def with_value(query: str, name: str, value: str | None) -> str:
    """The query with this value among those of the parameter."""
    pair = (name, written(name, value))
    pairs = _pairs(query)
    return _joined(pairs if pair in pairs else [*pairs, pair])


def without(query: str, name: str, value: str | None = "") -> str:
    """The query without this value of a list (None: without `none`), by default without the whole parameter."""
    is_whole = value == "" or not _is_list(name)
    return _joined(
        pair for pair in _pairs(query) if pair[0] != name or not (is_whole or pair[1] == written(name, value))
    )


def toggled(query: str, name: str, value: str | None) -> str:
    """With the value where it is missing, without it where it is there."""
    there = (name, written(name, value)) in _pairs(query)
    return without(query, name, value) if there else with_value(query, name, value)


def replaced(query: str, **parameters: str | None) -> str:
    """The query with these parameters set to these texts, as they stand in an address; None or "" removes one."""
    kept = [(name, text) for name, text in _pairs(query) if name not in parameters]
    return _joined([*kept, *((name, text) for name, text in parameters.items() if text)], parameters)


def joined(pairs: Iterable[tuple[str, str]]) -> str:
    """A query string of names and texts. A `+` is written %2B and a space %20, so that no reader mixes them up."""
    return urlencode(list(pairs), quote_via=quote, safe=",:@")


def _pairs(query: str) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for name, text in parse_qsl(query.removeprefix("?")):
        pairs += [(name, written(name, value)) for value in values(name, text)] if _is_list(name) else [(name, text)]
    return pairs


def _is_list(name: str) -> bool:
    return name in LISTS or name in TEXTS


def _joined(pairs: Iterable[tuple[str, str]], keeping: Iterable[str] = ()) -> str:
    return joined(pair for pair in pairs if pair[0] != POSITION or POSITION in keeping)


def _entries(text: str) -> list[list[str]]:
    """The trimmed entries between commas, each as its characters; a backslash stays with the one after it."""
    characters = re.findall(r"\\.|.", text, re.DOTALL)
    runs = groupby(characters, key=lambda character: character == ",")
    return [_trimmed(list(run)) for is_comma, run in runs if not is_comma]


def _trimmed(entry: list[str]) -> list[str]:
    ending = list(dropwhile(str.isspace, reversed(entry)))
    return list(dropwhile(str.isspace, reversed(ending)))


def _value(entry: list[str]) -> str | None:
    return None if "".join(entry).lower() == NONE else "".join(character[-1] for character in entry)
