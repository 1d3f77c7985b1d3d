from typing import Any

from django.db.backends.postgresql import base

from dashboard.config.env import LIMITS

SET_LIMITS = "; ".join(f"SET LOCAL {name} = '{limit}'" for name, limit in LIMITS.items())


class DatabaseWrapper(base.DatabaseWrapper):
    # What reads many rows in constant memory must do so in a transaction: see logsync/database.py.
    has_cursors_in_transactions_only = True

    def chunked_cursor(self) -> Any:
        """A cursor at the server ends with its transaction; without one, rows are fetched at once."""
        return super().chunked_cursor() if self.in_atomic_block else self.cursor()

    def set_autocommit(self, autocommit: bool, *arguments: Any, **options: Any) -> None:  # noqa: FBT001
        """Begin each transaction with the limits that a direct connection is opened with."""
        super().set_autocommit(autocommit, *arguments, **options)
        if autocommit:
            return
        try:
            with self.cursor() as cursor:
                cursor.execute(SET_LIMITS)
        except BaseException:
            self.close()  # or Django would take the next transaction for the caller's own, and never commit it
            raise
