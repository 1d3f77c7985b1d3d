"""The static files as they are served: collected, named by their content, and compressed beforehand."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command


def collect_static_files() -> None:
    """Collect them, unless just these are collected already: compressing takes seconds."""
    stamp = Path(settings.STATIC_ROOT, ".collected")
    found = sha256("\n".join(_sources()).encode()).hexdigest()
    if stamp.exists() and stamp.read_text() == found:
        return
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(found)


def _sources() -> Iterator[str]:
    """Whatever makes the result differ."""
    yield str(settings.STORAGES["staticfiles"])
    for finder in get_finders():
        for path, storage in finder.list([]):
            about = Path(storage.path(path)).stat()
            yield f"{path} {about.st_size} {about.st_mtime_ns}"
