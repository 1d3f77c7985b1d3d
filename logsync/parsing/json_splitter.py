"""Splits JSON that a JSON parser rejects, so that one broken row does not lose its page.

Looks at strings and brackets only, so invalid numbers, invalid UTF-8, lone surrogates and deep nesting do not matter.
Slow: used only for responses that cannot be parsed otherwise.
"""

import re
from collections.abc import Iterator

import msgspec

# An unterminated string matches up to the end of the text, so that no part of it is scanned twice.
TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[\]{},]', re.DOTALL)
KEY = re.compile(rb'\s*("(?:[^"\\]++|\\.)*+")\s*:\s*', re.DOTALL)
# Ten times what a full page has. Splitting more than that would keep a worker busy for minutes.
MAX_TOKENS = 1_000_000
OPENING, CLOSING = b"[{", b"]}"


class TruncatedJSONError(ValueError):
    """The text does not end with its first value: truncated, not JSON at all, or more than MAX_TOKENS."""


def elements(container: bytes) -> list[bytes]:
    """The parts of a JSON list or object between its commas, unparsed. Raises TruncatedJSONError."""
    text = container.strip()
    if text[:1] not in (b"[", b"{") or sum(map(text.count, (b"[", b"{", b",", b'"'))) > MAX_TOKENS:
        raise TruncatedJSONError
    cuts = list(_cuts(text))
    if cuts[-1:] != [len(text) - 1] or text[-1:] != {b"[": b"]", b"{": b"}"}[text[:1]]:
        raise TruncatedJSONError
    parts = [text[start + 1 : end].strip() for start, end in zip([0, *cuts], cuts, strict=False)]
    return [] if parts == [b""] else parts


def members(json_object: bytes) -> dict[str, bytes]:
    """The values of a JSON object by key, unparsed. Raises TruncatedJSONError."""
    return dict(_pairs(json_object))


def keys(json_object: bytes) -> list[str]:
    """The keys of a JSON object, duplicates included. Raises TruncatedJSONError."""
    return [key for key, _ in _pairs(json_object)]


def depth(text: bytes) -> int:
    """The deepest nesting of lists and objects."""
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
    """The positions of the commas of the outermost container, and of its closing bracket."""
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
