"""JSON set out for reading, every number and text exactly as it was received. No Django."""

import re
from collections.abc import Iterator

# A text, a mark of structure, or anything else up to the next one (numbers, true, false, null).
_TOKENS = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+|"', re.DOTALL)
_INDENT = "  "
# Deeper levels are not moved further to the right.
_DEEPEST = 40


def pretty_json(raw: str) -> str:
    """The same JSON with line breaks and indents: keys keep their order, 0.10 stays 0.10.

    It is never parsed, so that nothing is rounded, dropped or reordered; what is no JSON comes back part by part.
    """
    return "".join(_written(_TOKENS.findall(raw)))


def _indent(depth: int) -> str:
    return _INDENT * min(depth, _DEEPEST)


def _written(parts: list[str]) -> Iterator[str]:
    depth = 0
    for place, part in enumerate(parts):
        following = parts[place + 1] if place + 1 < len(parts) else ""
        if part in "{[":
            depth += 1
            yield part if following in ("}", "]") else f"{part}\n{_indent(depth)}"
        elif part in "}]":
            depth = max(0, depth - 1)
            yield part if place and parts[place - 1] in ("{", "[") else f"\n{_indent(depth)}{part}"
        elif part == ",":
            yield f",\n{_indent(depth)}"
        else:
            yield ": " if part == ":" else part
