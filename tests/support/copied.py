"""The columnar copy in tests: of few logs, which otherwise the database would answer for."""

import shutil
from contextlib import contextmanager
from itertools import pairwise

from dashboard import queries
from dashboard.queries.planner import explaining
from logsync.columnar import engine
from logsync.columnar.writer import update_copy
from tests.support.stored_logs import NOW, asked

__all__ = ["ask_both", "copied_pages", "forget_copy", "parquet_files", "update_copy"]

FAR_TOO_FEW = 10**12


def forget_copy():
    shutil.rmtree(engine.folder(), ignore_errors=True)


def parquet_files():
    return sorted(engine.folder().glob("v*.parquet"))


@contextmanager
def asking_database(settings):
    before, settings.COPY_MIN_LOGS = settings.COPY_MIN_LOGS, FAR_TOO_FEW
    try:
        yield
    finally:
        settings.COPY_MIN_LOGS = before


def ask_both(settings, ask):
    """What the copy and what the database say, and whether the copy was asked at all."""
    with explaining() as notes:
        copied = ask()
    with asking_database(settings):
        stored = ask()
    return copied, stored, any(note.startswith("copy") for note in notes)


def copied_pages(query, most=40):
    """All pages of a query forward, and then back to the first."""
    pages = [queries.logs_page(asked(query), NOW)]
    while pages[-1].next_cursor and len(pages) < most:
        pages.append(queries.logs_page(asked(f"{query}&cursor={pages[-1].next_cursor}"), NOW))
    back = [queries.logs_page(asked(f"{query}&cursor={page.previous_cursor}"), NOW) for page in pages[1:]]
    assert all(earlier.rows == again.rows for (earlier, _), again in zip(pairwise(pages), back, strict=True))
    return pages, back
