"""Why a row could not be read, in plain words: names the field and the type of its value, never the value."""

import re
from collections.abc import Callable

TYPE_NAMES = {
    "str": "text",
    "int": "a whole number",
    "float": "a number with decimals",
    "decimal": "an amount of money",
    "bool": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
}
MESSAGE = re.compile(r"(?P<problem>.*?)(?: - at `\$\.?(?P<path>.*)`)?", re.DOTALL)


def reason_for(message: str, field: str = "") -> str:
    """msgspec's validation message in plain words. `field` is the name of the value that it is about."""
    parts = MESSAGE.fullmatch(message)
    problem, path = (parts["problem"], field + (parts["path"] or "")) if parts else (message, field)
    for pattern, describe in REASONS:
        if match := pattern.fullmatch(problem):
            return describe(path or "the row", match)
    return f"{path or 'the row'} does not have the documented shape"


def _expected_types(names: str) -> str:
    """`decimal | null` as "an amount of money"; null is left out."""
    return " or ".join(TYPE_NAMES.get(name, name) for name in names.split(" | ") if name != "null")


def _wrong_type(path: str, match: re.Match[str]) -> str:
    return f"{path} is {TYPE_NAMES.get(match['got'], match['got'])}, not {_expected_types(match['expected'])}"


REASONS: list[tuple[re.Pattern[str], Callable[[str, re.Match[str]], str]]] = [
    (re.compile(r"Object missing required field `(?P<name>.*)`"), lambda _, match: f"{match['name']} is missing"),
    (re.compile(r"Expected `(?P<expected>.*)`, got `(?P<got>.*)`"), _wrong_type),
    (re.compile(r"Expected `str` of length >= 1"), lambda path, _: f"{path} is empty"),
    (
        re.compile(r"Expected `str` of length <= (?P<max>\d+)"),
        lambda path, match: f"{path} is longer than {match['max']} characters",
    ),
    (re.compile(r"Expected `int` >= .*"), lambda path, _: f"{path} is negative"),
    (
        re.compile(r"Expected `int` <= .*|Integer value out of range"),
        lambda path, _: f"{path} is longer than any call",
    ),
    (re.compile(r"Invalid decimal string"), lambda path, _: f"{path} is not an amount of money"),
]
