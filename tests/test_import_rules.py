"""Who may import whom: the arrows of the design."""

import ast

import pytest

from tests.documented import BASE_DIR

WITHOUT_DJANGO = [
    *(
        f"logsync/{name}.py"
        for name in ("client", "parse", "records", "exceptions", "redaction", "money", "days", "spaces")
    ),
    *sorted(str(path.relative_to(BASE_DIR)) for path in (BASE_DIR / "logsync" / "simulator").rglob("*.py")),
]
# The parts of logsync through which rows come in; the website only reads what came.
DOORS = ("client", "parse", "upsert", "sync")


def imports_of(path):
    """Every module that a file imports, also within functions; relative imports are none of the project's habits."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} has a relative import"
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def is_within(name, package):
    return name == package or name.startswith(f"{package}.")


def importers(folder, *packages):
    return {
        str(path.relative_to(BASE_DIR))
        for path in (BASE_DIR / folder).rglob("*.py")
        if any(is_within(name, package) for name in imports_of(path) for package in packages)
    }


def reach(path):
    """The files of the project that a file imports, directly or through others."""
    found, waiting = set(), [path]
    while waiting:
        for name in imports_of(waiting.pop()):
            file = BASE_DIR / f"{name.replace('.', '/')}.py"
            if file.is_file() and file not in found:
                found.add(file)
                waiting.append(file)
    return found


def test_logsync_never_imports_dashboard():
    assert importers("logsync", "dashboard") == set()


@pytest.mark.parametrize("door", DOORS)
def test_dashboard_never_imports_the_doors_of_logsync(door):
    assert importers("dashboard", f"logsync.{door}") == set()


@pytest.mark.parametrize("name", WITHOUT_DJANGO)
def test_what_knows_no_django_imports_none(name):
    for path in {BASE_DIR / name, *reach(BASE_DIR / name)}:
        assert not any(is_within(module, "django") for module in imports_of(path)), path
