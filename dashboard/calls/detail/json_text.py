"""Indents JSON without changing a number or a text. No Django."""

import re
from collections.abc import Iterator

# A string, a bracket, comma or colon, or anything else up to the next one (numbers, true, false, null).
_TOKENS = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+|"', re.DOTALL)
_INDENT = "  "
# Deeper levels are not indented further.
_MAX_INDENT = 40


def pretty_json(raw: str) -> str:
    """The same JSON with line breaks and indents. Invalid JSON is indented as far as possible.

    The text is never parsed, so nothing is rounded, dropped or reordered: 0.10 stays 0.10.
    """
    return "".join(_indented(_TOKENS.findall(raw)))


def _indent(depth: int) -> str:
    return _INDENT * min(depth, _MAX_INDENT)


def _indented(parts: list[str]) -> Iterator[str]:
    depth = 0
    for position, part in enumerate(parts):
        following = parts[position + 1] if position + 1 < len(parts) else ""
        if part in "{[":
            depth += 1
            yield part if following in ("}", "]") else f"{part}\n{_indent(depth)}"
        elif part in "}]":
            depth = max(0, depth - 1)
            yield part if position and parts[position - 1] in ("{", "[") else f"\n{_indent(depth)}{part}"
        elif part == ",":
            yield f",\n{_indent(depth)}"
        else:
            yield ": " if part == ":" else part
