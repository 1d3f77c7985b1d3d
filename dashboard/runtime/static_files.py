"""Collects the static files: named by their content, and compressed."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command


def collect_static_files() -> None:
    """Skips the work if the same files are collected already: compressing takes seconds."""
    stamp = Path(settings.STATIC_ROOT, ".collected")
    digest = sha256("\n".join(_sources()).encode()).hexdigest()
    if stamp.exists() and stamp.read_text() == digest:
        return
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(digest)


def _sources() -> Iterator[str]:
    """Everything that the result depends on. A file's time is not: bundles are written anew in each VAR_DIR."""
    yield str(settings.STORAGES["staticfiles"])
    for finder in get_finders():
        for path, storage in finder.list([]):
            yield f"{path} {sha256(Path(storage.path(path)).read_bytes()).hexdigest()}"
