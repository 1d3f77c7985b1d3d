"""Error responses: `{"error": …}`, and for 422 a list of the invalid parameters."""

from datetime import date
from http import HTTPStatus

from logsync.simulator.api.http import Response, json_response

CODES_URL = "https://developer.signalwire.com/rest/signalwire-rest/overview/error-codes/#"
VALIDATION, ACCOUNT = "validation_error", "account_error"


class ApiError(Exception):
    """Carries the error response to send."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response


def plain(status: int) -> Response:
    return json_response(status, {"error": HTTPStatus(status).phrase})


def unprocessable(code: str, message: str, attribute: str | None, kind: str = VALIDATION) -> Response:
    item = {"type": kind, "code": code, "message": message, "attribute": attribute, "url": CODES_URL + code}
    return json_response(422, {"errors": [item]})


def not_a_datetime(name: str) -> Response:
    return unprocessable("not_a_datetime", "The value is not a valid datetime.", name)


def invalid_parameter(name: str, message: str) -> Response:
    return unprocessable("invalid_parameter", message, name)


def page_token_required() -> Response:
    return unprocessable(
        "page_token_required", "A page_token is required when page_number is greater than 0.", "page_token"
    )


def page_token_is_invalid() -> Response:
    return unprocessable("page_token_is_invalid", "The page_token is invalid.", "page_token")


def exceeds_history(name: str, limit: date) -> Response:
    """The response to a date before the account's history began."""
    message = f"The value exceeds the {limit} date limit."
    return unprocessable("exceeds_history_logs_limit", message, name, ACCOUNT)
