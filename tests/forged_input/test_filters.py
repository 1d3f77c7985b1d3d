"""Every parameter of the filter language, on every page and file that takes filters."""

from datetime import UTC, datetime
from itertools import product

from dashboard.filters.parser import DISPLAY_PARAMETERS, PARAMETERS, SINGLES, parse_charges_filter, parse_filter
from dashboard.filters.values import FilterError
from tests.forged_input.addresses import addresses
from tests.forged_input.requests import ask, assert_answered
from tests.forged_input.values import REPEATED, VALUES

NOW = datetime(2025, 3, 20, tzinfo=UTC)
NAMES = sorted({*PARAMETERS, *DISPLAY_PARAMETERS})
SHORT_VALUES = [value for value in VALUES if len(value) < 40]
MAX_MESSAGE = 600


def pages(client):
    """Those that take filters: they refuse a date that is none."""
    paths = [address.path({}) for address in addresses() if not address.parts and address.admin is None]
    return [path for path in paths if ask(client, path, "start=never").status == 400]


def refusals(query):
    """What the parsers say of a query: None for one that takes it. They raise nothing but a FilterError."""
    for parse in (parse_filter, parse_charges_filter):
        try:
            parse(query, NOW)
            yield None
        except FilterError as error:
            yield error


QUERIES = [
    *(f"{name}={value}" for name, value in product(NAMES, VALUES)),
    # Many values of a list at once.
    *(
        "&".join(f"{name}={value}" for value in SHORT_VALUES)
        for name in NAMES
        if name not in SINGLES and name not in DISPLAY_PARAMETERS
    ),
]


def test_the_parser_says_in_a_few_words_what_is_wrong_with_a_value(drawn):
    for name, value in drawn(product(NAMES, VALUES)):
        errors = [error for error in refusals(f"{name}={value}") if error]
        assert {error.parameter for error in errors} <= {name, "start"}
        assert not [error for error in errors if not 10 < len(error.message) < MAX_MESSAGE]


def test_the_pages_with_filters_are_found(staff):
    found = pages(staff)
    assert {"/", "/logs/", "/charges.json", "/charges.csv", "/charges.xlsx", "/logs.csv", "/logs.xlsx"} <= {*found}
    assert {"/sync/changes/", "/sync/changes.csv"} <= {*found}


def test_forged_values_of_every_parameter_are_answered(staff, drawn):
    for path, query in drawn(product(pages(staff), QUERIES)):
        assert_answered(ask(staff, path, query))


def test_a_parameter_that_is_repeated_too_often_is_refused_in_words(staff, drawn):
    for path, name in drawn(product(pages(staff), NAMES)):
        answer = ask(staff, path, f"{name}=1&" * REPEATED)
        assert answer.status == 400
        assert b"more than 1,000 parameters" in answer.content


def test_a_refusal_names_the_parameter(staff):
    for path, name in product(pages(staff), ("min_charge", "max_duration", "page_size", "cursor", "type")):
        answer = ask(staff, path, f"{name}=%00")
        assert answer.status == 400
        assert name in answer.content.decode()
