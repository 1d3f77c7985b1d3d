"""Everything that can go wrong between SignalWire and the database.

    TollbookError
    ├── SecretUnreadableError      a stored token cannot be decrypted with the present SECRET_KEY
    ├── RowError                   one row cannot be read: it is put into quarantine, its page goes on
    ├── TotalTooLargeError         the totals of one day do not fit into the database: that day stays marked stale
    └── SignalWireError            the pull of this unit failed
        ├── CredentialsError       401, 403, or no usable address: not retried; other feeds go on
        ├── HistoryLimitError      the day is older than SignalWire keeps: not a failure of the pull
        ├── PageTokenError         the cursor expired: the unit is to be started again
        ├── LogNotFoundError       404 for a log read by id
        ├── RequestRejectedError   another 4xx: not retried
        ├── UnsafeLinkError        a next link leads to another host, or in a circle
        ├── AnswerUnreadableError  not JSON, cut off, or not of the documented shape
        └── UnavailableError       429, 5xx, time-outs, broken connections, after all retries

Each message says what happened and what the operator has to do; none holds a token.
"""

from datetime import date, datetime


class TollbookError(Exception):
    pass


class SecretUnreadableError(TollbookError):
    def __init__(self) -> None:
        super().__init__(
            "The stored API token cannot be decrypted: SECRET_KEY has changed. Put the former key into"
            " SECRET_KEY_FALLBACKS, or enter the token again in the admin."
        )


class RowError(TollbookError):
    """`log_id` is the row's id where it could be read, else ''."""

    def __init__(self, reason: str, log_id: str = "") -> None:
        super().__init__(reason)
        self.log_id = log_id


class TotalTooLargeError(TollbookError):
    def __init__(self, day: date) -> None:
        super().__init__(
            f"The logs of {day} add up to more than can be stored (9,223,372,036 dollars), so it has no new totals."
            " Its logs are kept. Find the ones with absurd charges, and ask SignalWire's support."
        )


class SignalWireError(TollbookError):
    pass


class CredentialsError(SignalWireError):
    pass


class HistoryLimitError(SignalWireError):
    """`history_from` is the first day SignalWire keeps, where the answer named it."""

    def __init__(self, message: str, history_from: date | None = None) -> None:
        super().__init__(message)
        self.history_from = history_from


class PageTokenError(SignalWireError):
    pass


class LogNotFoundError(SignalWireError):
    pass


class RequestRejectedError(SignalWireError):
    pass


class UnsafeLinkError(SignalWireError):
    pass


class AnswerUnreadableError(SignalWireError):
    pass


class UnavailableError(SignalWireError):
    """`retry_at` is when SignalWire asked to be asked again, where it said so."""

    def __init__(self, message: str, retry_at: datetime | None = None) -> None:
        super().__init__(message)
        self.retry_at = retry_at
