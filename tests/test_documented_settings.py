"""Every setting that the code reads is documented, with the same default, and none that it does not read."""

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
    """The first cells of the table of settings: | `NAME` | …"""
    return set(re.findall(r"^\| *`([A-Z][A-Z0-9_]*)`", (BASE_DIR / "README.md").read_text(), re.MULTILINE))


def test_the_example_names_every_setting_and_no_other():
    assert documented_variables() == variables_read_by_the_code()


def test_the_readme_names_every_setting_and_no_other():
    assert variables_in_the_readme() == variables_read_by_the_code()


def test_no_other_module_reads_the_environment():
    """What it read there would escape the checks and the documents."""
    readers = {
        str(path.relative_to(BASE_DIR))
        for folder in ("dashboard", "logsync")
        for path in (BASE_DIR / folder).rglob("*.py")
        if re.search(r"\bos\.environ\b(?!\.setdefault)|\bgetenv\(", path.read_text())
    }
    assert readers == {"dashboard/management/commands/demo.py"}  # which hands its own on
