"""Running commands in the tests: what they print, and the status they end with."""

from io import StringIO

from django.core.management import CommandError, call_command


def run(name, *arguments):
    """Exit status and output, the line of an error included, as a terminal would show them."""
    output = StringIO()
    try:
        call_command(name, *arguments, stdout=output, stderr=output)
    except CommandError as error:
        return error.returncode, f"{output.getvalue()}{error}"
    return 0, output.getvalue()
