"""Reads a `.env` file. A line whose meaning is not certain is refused by its number and variable, never by its value.

Values are literal: a `$` begins no reference, as it does in shells.
"""

import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import NamedTuple

from dotenv.parser import Binding, parse_stream


class Entry(NamedTuple):
    name: str
    value: str
    line: int


class DotenvError(ValueError):
    """The message names the file, the line and, where one can be told from a value, the variable."""


# Environment variables are written in capitals, except http_proxy and its like. Mixed case is part of a wrapped secret.
NAME = re.compile(r"[A-Z_][A-Z0-9_]*|[a-z_][a-z0-9_]*")
# Before an equals sign stands a name. Without one, only what cannot be a password or a token is taken for a name.
_SHOWN_NAME = re.compile(r"\s*(?:export\s+)?(?:([A-Z_][A-Z0-9_]*)\s*=|([A-Z]+(?:_[A-Z]+)+)\s*[:\s]\s*\S)")
_LINE_END = re.compile(r"\r\n|\n|\r")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")

NOT_UTF8 = "this is not UTF-8: save the file as UTF-8."
UNREADABLE = "this line cannot be read: write NAME=value, with the name in capitals, and close each quote."
UNQUOTED_COMMENT = "a # after a space is unclear: put the value in single quotes, or the comment on a line of its own."
ESCAPE = "a backslash in quotes is unclear: write the value without quotes."
CONTROL = "the value contains a line break or control character: write it on one line, or in a file (NAME_FILE)."


def read_entries(path: Path) -> list[Entry]:
    """The variables in the order of their lines. Raises DotenvError, or OSError when the file cannot be read."""
    return list(_entries(path, _decoded(path)))


def _decoded(path: Path) -> str:
    content = path.read_bytes()
    try:
        return content.decode("utf-8-sig")  # Windows editors begin a file with a byte order mark
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        text = content.splitlines()[line - 1].decode("latin-1")
        raise _refusal(path, line, text, NOT_UTF8) from None


def _entries(path: Path, content: str) -> Iterator[Entry]:
    for binding in parse_stream(StringIO(content, newline="")):
        text = binding.original.string
        blank = text[: len(text) - len(text.lstrip())]
        line = binding.original.line + len(_LINE_END.findall(blank))
        if problem := _problem(binding, text.strip()):
            raise _refusal(path, line, text, problem)
        if binding.key is not None and binding.value is not None:
            yield Entry(binding.key, binding.value, line)


def _problem(binding: Binding, text: str) -> str:
    """What is unclear about a binding; '' if nothing is, as with comments and blank lines."""
    if binding.error:
        return UNREADABLE
    if binding.key is None:
        return ""
    if binding.value is None or not NAME.fullmatch(binding.key):
        return UNREADABLE
    if _CONTROL.search(binding.value):
        return CONTROL
    written = text.partition("=")[2].strip()
    if (quote := written[:1]) in {"'", '"'}:
        return "" if written.startswith(f"{quote}{binding.value}{quote}") else ESCAPE
    return UNQUOTED_COMMENT if re.search(r"\s#", written) else ""


def _refusal(path: Path, line: int, text: str, problem: str) -> DotenvError:
    shown = _SHOWN_NAME.match(text)
    name = shown and (shown[1] or shown[2])
    return DotenvError(f"{f'{name} in ' if name else ''}{path}, line {line}: {problem}")
