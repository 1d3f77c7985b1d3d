"""Runs management commands in the tests."""

from io import StringIO

from django.core.management import CommandError, call_command


def run(name, *arguments):
    """The exit status and the output, including the error message, as a terminal would show them."""
    output = StringIO()
    try:
        call_command(name, *arguments, stdout=output, stderr=output)
    except CommandError as error:
        return error.returncode, f"{output.getvalue()}{error}"
    return 0, output.getvalue()
