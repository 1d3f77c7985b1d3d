"""`./tollbook`: creates its environment from any folder, after an interruption, and only once at a time."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.documented import BASE_DIR

OLD_PYTHONS = sorted(Path.home().glob(".pyenv/versions/3.[6-9]*/bin/python")) + [
    Path(path) for name in ("python3.8", "python3.9", "python3.10") if (path := shutil.which(name))
]
NO_NETWORK = {"PIP_NO_INDEX": "1", "UV_OFFLINE": "1"}
PRINT_ARGUMENTS = "import sys, os; print('got', *sys.argv[1:], 'in', os.getcwd(), 'by', sys.prefix)"


def make_checkout(folder):
    """A checkout with an empty lock file, so that its environment can be created without a network."""
    shutil.copy(BASE_DIR / "tollbook", folder)
    (folder / "requirements.lock").write_text("# nothing\n")
    (folder / "manage.py").write_text(PRINT_ARGUMENTS)
    return folder


@pytest.fixture
def checkout(tmp_path):
    (tmp_path / "checkout").mkdir()
    return make_checkout(tmp_path / "checkout")


@pytest.fixture(scope="module")
def two_at_once(tmp_path_factory):
    """A checkout where two launchers started at once without an environment, and what they printed."""
    folder = make_checkout(tmp_path_factory.mktemp("ready"))
    with started(folder, "one") as one, started(folder, "two") as two:
        said = [process.communicate(timeout=120) for process in (one, two)]
    assert [process.returncode for process in (one, two)] == [0, 0]
    return folder, said


@pytest.fixture(scope="module")
def ready_venv(two_at_once):
    """An environment as the launcher leaves it, to be copied: making one takes seconds."""
    return two_at_once[0] / ".venv"


@pytest.fixture
def ready(checkout, ready_venv):
    """A checkout with its environment."""
    shutil.copytree(ready_venv, checkout / ".venv", symlinks=True)
    return checkout


def started(folder, *arguments, cwd=None, program="tollbook", **variables):
    """The launcher, without uv on PATH and without a network."""
    env = {"HOME": os.environ["HOME"], "PATH": "/usr/bin:/bin"} | NO_NETWORK | variables
    command = [sys.executable, folder / program, *arguments]
    return subprocess.Popen(command, cwd=cwd, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


@pytest.fixture
def start(checkout, tmp_path):
    return lambda *arguments, **options: started(checkout, *arguments, cwd=tmp_path, **options)


@pytest.fixture
def run(start):
    """The launcher's stdout, stderr and exit status."""

    def run(*arguments, **options):
        with start(*arguments, **options) as process:
            printed, said = process.communicate(timeout=120)
            return printed, said, process.returncode

    return run


def test_the_environment_is_created_once_and_used_from_any_folder(run, ready, tmp_path):
    printed, said, status = run("charges", "period=today", "--format", "csv")
    assert (said, status) == ("", 0)
    assert printed == f"got charges period=today --format csv in {tmp_path} by {ready / '.venv'}\n"


def test_it_works_through_a_symlink(run, ready, tmp_path):
    (tmp_path / "link").symlink_to(ready / "tollbook")
    printed, _, status = run("check", program=tmp_path / "link")
    assert (printed, status) == (f"got check in {tmp_path} by {ready / '.venv'}\n", 0)


def test_a_changed_lock_file_is_installed(run, ready):
    stamp = ready / ".venv" / ".requirements.lock"
    before = stamp.read_text()
    (ready / "requirements.lock").write_text("# nothing else\n")
    _, said, _ = run("check")
    assert "Installing requirements.lock" in said
    assert stamp.read_text() == hashlib.sha256(b"# nothing else\n").hexdigest() != before


@pytest.mark.parametrize("damage", ["interrupted", "python gone"])
def test_a_broken_environment_is_created_again(run, ready, damage):
    venv = ready / ".venv"
    (venv / "left over").touch()
    if damage == "interrupted":
        (venv / ".unfinished").touch()
    else:
        (venv / "bin" / "python").unlink()
    printed, said, status = run("check")
    assert (printed.startswith("got check"), "Installing" in said, status) == (True, True, 0)
    assert not (venv / "left over").exists()


def test_two_launchers_at_once_install_only_once(two_at_once):
    _, said = two_at_once
    assert sum("Installing" in error for _, error in said) == 1
    assert {printed.split()[1] for printed, _ in said} == {"one", "two"}


def test_a_failed_installation_is_reported_without_a_traceback(run, ready):
    wrong = "0" * 64
    (ready / "requirements.lock").write_text(f"pip==0.0.1 --hash=sha256:{wrong}\n")
    printed, said, status = run("check")
    assert (printed, status) == ("", 1)
    assert "Tollbook could not be set up: -m pip install failed" in said
    assert "Traceback" not in said
    (ready / "requirements.lock").write_text("# nothing\n")
    assert run("check")[2] == 0


def test_the_exit_status_is_that_of_the_command(run, ready):
    (ready / "manage.py").write_text("raise SystemExit(7)")
    assert run("check")[2] == 7


def test_signals_reach_the_command(start, ready):
    (ready / "manage.py").write_text("import time; print('begun', flush=True); time.sleep(600)")
    with start("wait") as process:
        assert process.stdout.readline() == "begun\n"
        process.terminate()
        assert process.wait(20) == -15


@pytest.mark.skipif(not OLD_PYTHONS, reason="this machine has no Python older than 3.11")
def test_an_old_python_is_refused_with_one_line(checkout, tmp_path):
    path = {"PATH": str(tmp_path), "HOME": str(tmp_path)}
    result = subprocess.run(
        [OLD_PYTHONS[0], checkout / "tollbook"], env=path, capture_output=True, text=True, timeout=60, check=False
    )
    assert result.returncode == 1
    assert result.stderr.startswith("Tollbook needs Python 3.11 or newer; ")
    assert len(result.stderr.splitlines()) == 1


def test_the_lock_files_have_hashes_and_no_urls():
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (BASE_DIR / name).read_text()
        assert "://" not in text
        pinned = [line for line in text.splitlines() if "==" in line and not line.lstrip().startswith("#")]
        assert pinned
        assert all(line.endswith("\\") for line in pinned), "a requirement without a hash"
