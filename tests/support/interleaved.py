"""Lets another process write while a page reads: after its first query, its second one, and so on."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

from django.db import connection


class Writer:
    """Writes on a connection of its own, after the query with this position. It is for execute_wrapper."""

    def __init__(self, position, write):
        self._position, self._write, self._seen = position, write, -1
        self.has_written = False

    def __call__(self, execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        self._seen += 1
        if self._seen == self._position:
            with ThreadPoolExecutor(1) as pool:
                pool.submit(self._write_and_close).result()
            self.has_written = True
        return result

    def _write_and_close(self):
        with closing(connection):
            self._write(self._position)


def with_a_writer_after_each_query(read, write):
    """What `read` returns with the writer after its first query, its second one, and so on."""
    for position in range(100):
        writer = Writer(position, write)
        with connection.execute_wrapper(writer):
            result = read()
        if not writer.has_written:
            return
        yield result
