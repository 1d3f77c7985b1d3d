"""Why a row could not be read, in plain words: the field and the kind of its value, never the value. No Django."""

import re
from collections.abc import Callable

KINDS = {
    "str": "text",
    "int": "a whole number",
    "float": "a number with decimals",
    "decimal": "an amount of money",
    "bool": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
}
PLACE = re.compile(r"(?P<problem>.*?)(?: - at `\$\.?(?P<place>.*)`)?", re.DOTALL)


def reason_of(message: str) -> str:
    """msgspec's words for JSON that is not of the expected shape, in ours."""
    match = PLACE.fullmatch(message)
    problem, place = (match["problem"], match["place"]) if match else (message, None)
    for pattern, words in REASONS:
        if found := pattern.fullmatch(problem):
            return words(place or "the row", found)
    return f"{place or 'the row'} is not as documented"


def _kinds(names: str) -> str:
    """`decimal | null` as "an amount of money"; that null is allowed goes without saying."""
    return " or ".join(KINDS.get(name, name) for name in names.split(" | ") if name != "null")


def _wrong_kind(place: str, found: re.Match[str]) -> str:
    return f"{place} is {KINDS.get(found['got'], found['got'])}, not {_kinds(found['expected'])}"


REASONS: list[tuple[re.Pattern[str], Callable[[str, re.Match[str]], str]]] = [
    (re.compile(r"Object missing required field `(?P<name>.*)`"), lambda _, found: f"{found['name']} is missing"),
    (re.compile(r"Expected `(?P<expected>.*)`, got `(?P<got>.*)`"), _wrong_kind),
    (re.compile(r"Expected `str` of length >= 1"), lambda place, _: f"{place} is empty"),
    (
        re.compile(r"Expected `str` of length <= (?P<most>\d+)"),
        lambda place, found: f"{place} is longer than {found['most']} characters",
    ),
    (
        re.compile(r"Expected `int` [<>]= .*|Integer value out of range"),
        lambda place, _: f"{place} is longer than any call",
    ),
    (re.compile(r"Invalid decimal string"), lambda place, _: f"{place} is not an amount of money"),
]
