"""The documents name exactly the settings that the code reads."""

import ast
import re

from tests.documented import BASE_DIR, documented_variables

READERS = {"text", "read", "secret_key"}


def variables_read_by_the_code():
    names = set()
    for path in (BASE_DIR / "dashboard").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and node.args and called_name(node) in READERS:
                names |= {node.args[0].value} if is_variable(node.args[0]) else set()
    return names


def called_name(call):
    return getattr(call.func, "attr", None) or getattr(call.func, "id", None)


def is_variable(node):
    return (
        isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch(r"[A-Z][A-Z0-9_]+", node.value)
    )


def variables_in_the_readme():
    """The first column of the settings table: | `NAME` | …"""
    return set(re.findall(r"^\| *`([A-Z][A-Z0-9_]*)`", (BASE_DIR / "README.md").read_text(), re.MULTILINE))


def test_the_example_names_every_setting_and_no_other():
    assert documented_variables() == variables_read_by_the_code()


def test_the_readme_names_every_setting_and_no_other():
    assert variables_in_the_readme() == variables_read_by_the_code()


def test_no_other_module_reads_the_environment():
    """Such a setting would be neither validated nor documented."""
    readers = {
        str(path.relative_to(BASE_DIR))
        for folder in ("dashboard", "logsync")
        for path in (BASE_DIR / folder).rglob("*.py")
        if re.search(r"\bos\.environ\b(?!\.setdefault)|\bgetenv\(", path.read_text())
    }
    # The demo and the supervisor pass their environment on.
    passing_on = {"dashboard/management/commands/demo.py", "dashboard/runtime/supervisor.py"}
    assert readers == {"dashboard/config/env.py", *passing_on}
