"""The layout of the code: packages are documented, and packages, modules and functions stay small."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.documented import BASE_DIR

MAX_LINES = 300
MAX_FUNCTION_LINES = 40
# The root of logsync also holds the modules that Django requires.
MAX_MODULES = {"logsync": 14, "dashboard/queries": 12}
DEFAULT_MAX_MODULES = 10
FOLDERS = ("logsync", "dashboard", "tests", "benchmarks")
PACKAGES = sorted(
    path.parent
    for folder in ("logsync", "dashboard")
    for path in (BASE_DIR / folder).rglob("__init__.py")
    if path.parent.name != "migrations"
)


def name_of(path: Path) -> str:
    return str(path.relative_to(BASE_DIR))


def modules() -> Iterator[Path]:
    for folder in FOLDERS:
        yield from (path for path in sorted((BASE_DIR / folder).rglob("*.py")) if path.parent.name != "migrations")


@pytest.mark.parametrize("package", PACKAGES, ids=name_of)
def test_a_package_has_a_docstring(package):
    assert ast.get_docstring(ast.parse((package / "__init__.py").read_text())), package


@pytest.mark.parametrize("package", PACKAGES, ids=name_of)
def test_a_package_has_few_modules(package):
    names = [path.name for path in package.glob("*.py") if path.name != "__init__.py"]
    assert len(names) <= MAX_MODULES.get(name_of(package), DEFAULT_MAX_MODULES), names


def test_every_folder_with_code_is_a_package():
    folders = {path.parent for path in modules() if not path.is_relative_to(BASE_DIR / "tests")}
    assert [name_of(folder) for folder in sorted(folders) if not (folder / "__init__.py").exists()] == []


def test_no_module_is_too_long():
    lengths = {name_of(path): len(path.read_text().splitlines()) for path in modules()}
    assert {name: length for name, length in lengths.items() if length > MAX_LINES} == {}


def test_no_function_is_too_long():
    too_long = {
        f"{name_of(path)}:{node.lineno} {node.name}": length
        for path in modules()
        if path.is_relative_to(BASE_DIR / "logsync") or path.is_relative_to(BASE_DIR / "dashboard")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef)
        and (length := (node.end_lineno or 0) - node.lineno + 1) > MAX_FUNCTION_LINES
    }
    assert too_long == {}
