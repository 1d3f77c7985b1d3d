"""The exceptions of logsync.

    TollbookError
    ├── SecretUnusableError          a stored token must be entered again
    │   ├── SecretUnreadableError    it cannot be decrypted with the current SECRET_KEY
    │   └── SecretOfOtherHostError   it was given for another host than the one that it would be sent to
    ├── RowError                     one row cannot be read: it is set aside, the rest of its page is stored
    ├── TotalTooLargeError           the totals of a day do not fit into the database: the day stays stale
    └── SignalWireError              the pull of this unit failed
        ├── CredentialsError         401, 403, or an invalid space URL: not retried; other feeds continue
        ├── HistoryLimitError        the day is older than SignalWire keeps: not a failure of the pull
        ├── PageTokenError           the page token expired: the unit must be read again from the start
        ├── LogNotFoundError         404 for a log read by id
        ├── RequestRejectedError     another 3xx or 4xx: not retried
        │   └── LogRejectedError     the same for a log read by id: says nothing of whether the log exists
        ├── UnsafeLinkError          a next link leads to another host, or the links never end
        ├── UnreadableResponseError  not JSON, truncated, too large, or not of the documented shape
        └── UnavailableError         429, 5xx, timeouts, lost connections, after all retries

Each message says what happened and what the operator should do; none holds a token.
"""

from datetime import date, datetime
from decimal import Decimal


class TollbookError(Exception):
    pass


class SecretUnusableError(TollbookError):
    pass


class SecretOfOtherHostError(SecretUnusableError):
    """`given_for` is the host that the secret was given for; '' when that was not stored."""

    def __init__(self, given_for: str, host: str) -> None:
        what = f"was given for {given_for}, not for {host}" if given_for else "was stored without its host"
        super().__init__(f"This token {what}. Enter the token again.")
        self.given_for = given_for


class SecretUnreadableError(SecretUnusableError):
    def __init__(self) -> None:
        super().__init__(
            "The stored API token cannot be decrypted: SECRET_KEY has changed. Add the previous key to"
            " SECRET_KEY_FALLBACKS, or enter the token again in the admin."
        )


class RowError(TollbookError):
    """`log_id` is '' when it could not be read, `created_at` and `charge` are None."""

    def __init__(
        self, reason: str, log_id: str = "", created_at: datetime | None = None, charge: Decimal | None = None
    ) -> None:
        super().__init__(reason)
        self.log_id = log_id
        self.created_at = created_at
        self.charge = charge


class TotalTooLargeError(TollbookError):
    def __init__(self, day: date) -> None:
        super().__init__(
            f"The logs of {day} add up to more than can be stored (9,223,372,036 dollars), so its totals are outdated."
            " Its logs are kept. Find the logs with absurd charges, and contact SignalWire support."
        )


class SignalWireError(TollbookError):
    pass


class CredentialsError(SignalWireError):
    pass


class HistoryLimitError(SignalWireError):
    """`history_from` is the first day that SignalWire keeps, or None when the response did not say."""

    def __init__(self, message: str, history_from: date | None = None) -> None:
        super().__init__(message)
        self.history_from = history_from


class PageTokenError(SignalWireError):
    pass


class LogNotFoundError(SignalWireError):
    pass


class RequestRejectedError(SignalWireError):
    pass


class LogRejectedError(RequestRejectedError):
    pass


class UnsafeLinkError(SignalWireError):
    pass


class UnreadableResponseError(SignalWireError):
    pass


class UnavailableError(SignalWireError):
    """`retry_at` is the earliest time for a retry, or None when SignalWire did not say."""

    def __init__(self, message: str, retry_at: datetime | None = None) -> None:
        super().__init__(message)
        self.retry_at = retry_at
