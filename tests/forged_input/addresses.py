"""Every address of the site, read from the URLconf."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern

_CONVERTER = re.compile(r"<(?:\w+:)?(\w+)>")
_GROUP = re.compile(r"\(\?P<(\w+)>[^)]*\)")


@dataclass(frozen=True)
class Address:
    """`template` has a %(name)s for each part that a client chooses; `admin` is the ModelAdmin that answers, if any."""

    name: str
    template: str
    parts: tuple[str, ...]
    admin: Any = None

    def __str__(self) -> str:
        return self.template % {part: f"<{part}>" for part in self.parts}

    @property
    def is_list(self) -> bool:
        return self.name.endswith("_changelist")

    def rows(self) -> dict[str, str]:
        """The key of a row that its ModelAdmin shows."""
        if self.admin is None:
            return {}
        return {"object_id": str(self.admin.model._default_manager.values_list("pk", flat=True).first())}

    def path(self, parts: dict[str, str]) -> str:
        return self.template % {part: parts[part] for part in self.parts}


def addresses() -> list[Address]:
    return list(_below(get_resolver().url_patterns, "/"))


def _below(patterns: list[URLPattern | URLResolver], prefix: str) -> Iterator[Address]:
    for pattern in patterns:
        template = prefix + _template(pattern)
        if isinstance(pattern, URLResolver):
            yield from _below(pattern.url_patterns, template)
        else:
            parts = tuple(re.findall(r"%\((\w+)\)s", template))
            admin = getattr(pattern.callback, "model_admin", None)
            yield Address(pattern.name or "", template, parts, admin)


def _template(pattern: URLPattern | URLResolver) -> str:
    if isinstance(pattern.pattern, RoutePattern):
        return _CONVERTER.sub(r"%(\1)s", str(pattern.pattern).replace("%", "%%"))
    return _GROUP.sub(r"%(\1)s", str(pattern.pattern).strip("^$"))
