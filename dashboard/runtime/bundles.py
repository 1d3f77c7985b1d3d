"""One style sheet and one script per page, joined from the files in static/ whenever static files are collected."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.checks import CheckMessage
from django.core.files.storage import FileSystemStorage, Storage

HTMX = "vendor/htmx/2.0.11/htmx.min.js"
CHARTS = "vendor/chart.js/4.6.1/chart.bars.min.js"
EVERY_PAGE = (HTMX, "js/page.js", "js/loading.js", "js/filter_bar.js", "js/context_bar.js")

# In this order: a later rule or script may build on an earlier one.
BUNDLES = {
    "bundles/tollbook.css": (
        "css/tokens.css",
        "css/value_colours.css",
        "css/base.css",
        "css/layout.css",
        "css/components.css",
        "css/menus.css",
        "css/forms.css",
        "css/tables.css",
        "css/charts.css",
        "css/narrow.css",
        "css/log_rows.css",
        "css/print.css",
    ),
    "bundles/admin.css": ("css/admin.css",),
    # Pages without a session: signing in, errors.
    "bundles/bare.js": ("js/page.js",),
    "bundles/page.js": EVERY_PAGE,
    "bundles/overview.js": (*EVERY_PAGE, CHARTS, "js/day_table.js", "js/overview.js"),
}


class BundleFinder(BaseFinder):
    """Finds the bundles, which it keeps up to date in VAR_DIR. Relative addresses in a style sheet stay valid."""

    def __init__(self, *_: Any) -> None:
        self._storage = FileSystemStorage(settings.VAR_DIR / "joined")

    def check(self, **_: Any) -> list[CheckMessage]:
        return []

    def find(self, path: str, find_all: bool = False, **_: Any) -> Any:  # noqa: FBT001, FBT002 - Django's signature
        if path not in BUNDLES:
            return []  # as Django's own finders say it
        return [self._join(path)] if find_all else self._join(path)

    def list(self, _ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Storage]]:
        for path in BUNDLES:
            self._join(path)
            yield path, self._storage

    def _join(self, path: str) -> str:
        file = Path(self._storage.path(path))
        _write_if_changed(file, _joined(BUNDLES[path]))
        return str(file)


def _joined(sources: Sequence[str]) -> str:
    texts = [Path(settings.BASE_DIR, "static", source).read_text() for source in sources]
    if sources[0].endswith(".css"):
        return "\n".join(texts)
    # Strict mode is said once: within a script it would be a text without effect.
    return '"use strict";\n' + "\n;\n".join(texts)


def _write_if_changed(path: Path, text: str) -> None:
    """Leave an equal file alone, with its time; else replace it at once, so that no other process reads half of it."""
    if path.exists() and path.read_text() == text:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{uuid4().hex}")
    draft.write_text(text)
    draft.replace(path)
