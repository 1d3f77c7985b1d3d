"""Pure functions on query strings. A page keeps its state in its address, and links change a part of it.

Lists may repeat the parameter (`type=a&type=b`) or use commas (`type=a,b`); these functions write the first form.
In a list `none` stands for an absent value, and a backslash escapes the next character: `\\,` is a comma, `\\none` the
word itself. A comma between double quotes at the beginning of a value belongs to it: `"Doe, Joe"`.
`room` and `description` are free text, in which commas and backslashes have no special meaning.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import dropwhile, groupby
from urllib.parse import parse_qsl, quote, urlencode

NONE = "none"
LISTS = (
    "project",
    "medium",
    "type",
    "direction",
    "status",
    "source",
    "number",
    "from",
    "to",
    "id",
    "parent",
    "group_by",
)
TEXTS = ("room", "description")
# The position in a list of results. Any change to the filter drops it, to start at the first page.
CURSOR = "cursor"
ESCAPED_LENGTH = 2
_CHARACTERS = re.compile(r"\\.|.", re.DOTALL)
_TOKENS = re.compile(r'(?<![^,])(?<!\\,)\s*"(?:\\.|[^"\\])+"|\\.|.', re.DOTALL)


def decode_values(name: str, text: str) -> list[str | None]:
    """The values in the text of one parameter, with None for `none`. Empty ones are dropped."""
    if name in LISTS:
        return [_value(entry) for entry in _entries(text) if entry]
    trimmed = text.strip()
    return [None if trimmed.lower() == NONE else trimmed] if trimmed else []


def encode_value(name: str, value: str | None) -> str:
    """The text of one value: the inverse of `decode_values`."""
    if value is None:
        return NONE
    if name not in LISTS:
        return value
    if value.lower() == NONE:
        return f"\\{value}"
    has_outer_space = value != value.strip()
    text = "".join(f"\\{c}" if c in "\\," or (has_outer_space and c.isspace()) else c for c in value)
    # A quote that nothing closes must not reach for one in the next entry.
    return f"\\{text}" if value.startswith('"') and '"' not in value[1:] else text


def with_value(query: str, name: str, value: str | None) -> str:
    """The query with this value added to the parameter, if it is missing."""
    pair = (name, encode_value(name, value))
    pairs = _pairs(query)
    return _joined(pairs if pair in pairs else (*pairs, pair))


def without(query: str, name: str, value: str | None = "") -> str:
    """The query without this value of a list (None: without `none`); by default, without the whole parameter."""
    is_whole = value == "" or not _is_list(name)
    return _joined(
        pair for pair in _pairs(query) if pair[0] != name or not (is_whole or pair[1] == encode_value(name, value))
    )


def toggled(query: str, name: str, value: str | None) -> str:
    """The query without the value if it is there, else with it."""
    is_set = (name, encode_value(name, value)) in _pairs(query)
    return without(query, name, value) if is_set else with_value(query, name, value)


def with_parameters(query: str, **parameters: str | None) -> str:
    """The query with these parameters set to these encoded texts. None or "" removes a parameter."""
    kept = [(name, text) for name, text in _pairs(query) if name not in parameters]
    return _joined([*kept, *((name, text) for name, text in parameters.items() if text)], parameters)


def encode(pairs: Iterable[tuple[str, str]]) -> str:
    """A query string of names and texts. It writes %2B for `+` and %20 for a space, so that they cannot be confused."""
    return urlencode(list(pairs), quote_via=quote, safe=",:@")


@lru_cache(maxsize=64)  # a page changes its own query hundreds of times
def _pairs(query: str) -> tuple[tuple[str, str], ...]:
    pairs: list[tuple[str, str]] = []
    for name, text in parse_qsl(query.removeprefix("?")):
        pairs += (
            [(name, encode_value(name, value)) for value in decode_values(name, text)]
            if _is_list(name)
            else [(name, text)]
        )
    return tuple(pairs)


def _is_list(name: str) -> bool:
    return name in LISTS or name in TEXTS


def _joined(pairs: Iterable[tuple[str, str]], keeping: Iterable[str] = ()) -> str:
    return encode(pair for pair in pairs if pair[0] != CURSOR or CURSOR in keeping)


def _entries(text: str) -> list[list[str]]:
    """The trimmed entries between commas, each as a list of characters. An escaped character keeps its backslash."""
    runs = groupby(_characters(text), key=lambda character: character == ",")
    return [_trimmed(list(run)) for is_comma, run in runs if not is_comma]


def _characters(text: str) -> Iterator[str]:
    """Each character, an escaped one with its backslash. Double quotes at the beginning of an entry escape commas."""
    for token in _TOKENS.findall(text):
        quoted = len(token) > ESCAPED_LENGTH
        yield from ("\\," if quoted and character == "," else character for character in _CHARACTERS.findall(token))


def _trimmed(entry: list[str]) -> list[str]:
    ending = list(dropwhile(str.isspace, reversed(entry)))
    return list(dropwhile(str.isspace, reversed(ending)))


def _value(entry: list[str]) -> str | None:
    return None if "".join(entry).lower() == NONE else "".join(character[-1] for character in entry)
