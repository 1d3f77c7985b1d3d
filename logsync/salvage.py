"""Where the values of a JSON text begin and end when a JSON reader refuses it: one broken row never loses its page.

Looks at strings and brackets only, so numbers that are none, invalid UTF-8, half surrogates and endless nesting do
not matter. Slow, and only used for answers that could not be read otherwise. No Django.
"""

import re
from collections.abc import Iterator

import msgspec

# A string without an end runs to the end of the text, so that no part of it is looked at twice.
TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[\]{},]', re.DOTALL)
KEY = re.compile(rb'\s*("(?:[^"\\]++|\\.)*+")\s*:\s*', re.DOTALL)
OPENING, CLOSING = b"[{", b"]}"


class BrokenOffError(ValueError):
    """The text does not end where its first value does: cut off, or no JSON at all."""


def elements(container: bytes) -> list[bytes]:
    """The parts of a JSON list or object between its commas, not looked into. Raises BrokenOffError."""
    text = container.strip()
    if text[:1] not in (b"[", b"{"):
        raise BrokenOffError
    cuts = list(_cuts(text))
    if cuts[-1:] != [len(text) - 1] or text[-1:] != {b"[": b"]", b"{": b"}"}[text[:1]]:
        raise BrokenOffError
    parts = [text[start + 1 : end].strip() for start, end in zip([0, *cuts], cuts, strict=False)]
    return [] if parts == [b""] else parts


def members(json_object: bytes) -> dict[str, bytes]:
    """The values of a JSON object by key, not looked into. Raises BrokenOffError."""
    return dict(_pairs(json_object))


def keys(json_object: bytes) -> list[str]:
    """The keys of a JSON object, as often as they occur. Raises BrokenOffError."""
    return [key for key, _ in _pairs(json_object)]


def depth(text: bytes) -> int:
    """How many lists and objects lie within each other at the deepest place."""
    deepest = level = 0
    for match in TOKEN.finditer(text):
        level += (match[0] in OPENING) - (match[0] in CLOSING)
        deepest = max(deepest, level)
    return deepest


def _pairs(json_object: bytes) -> Iterator[tuple[str, bytes]]:
    for element in elements(json_object):
        if key := KEY.match(element):
            yield _text(key[1]), element[key.end() :]


def _cuts(text: bytes) -> Iterator[int]:
    """Where the commas of the outermost container lie, and its last bracket."""
    level = 0
    for match in TOKEN.finditer(text):
        token = match[0]
        level += (token in OPENING) - (token in CLOSING)
        if level <= 0 or (level == 1 and token == b","):
            yield match.start()
        if level <= 0:
            return


def _text(key: bytes) -> str:
    try:
        return msgspec.json.decode(key, type=str)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""
