"""What a line of `.env` means, and how an unclear one is refused: by variable and line, without its value."""

import shutil
import subprocess
import sys

import pytest

from dashboard.config import env
from dashboard.config.dotenv import DotenvError, read_entries

PRINT = """
from dashboard.config.startup import load_settings
load_settings()
from django.conf import settings
print(settings.SECRET_KEY)
"""
KEY = "$b5)x0&k^w3=v-u1#q@e8(m!z6*r2_t7+y4$n9%c0jHgTfRdEwQ"


@pytest.fixture
def entries(tmp_path):
    def read(content):
        path = tmp_path / ".env"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return [(entry.name, entry.value, entry.line) for entry in read_entries(path)]

    return read


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("value", "value"),
        (KEY, KEY),
        (f"'{KEY}'", KEY),
        (f'"{KEY}"', KEY),
        ("$OTHER", "$OTHER"),
        ("${OTHER}", "${OTHER}"),
        ("'$a #b'", "$a #b"),
        ('"a b"  # comment', "a b"),
        ("a#b", "a#b"),
        ("#b", "#b"),
        ("a\\nb", "a\\nb"),
        ("it's", "it's"),
        (" spaced ", "spaced"),
        ("a=b==", "a=b=="),
        ("é", "é"),
        ("", ""),
        (" # comment", ""),
    ],
)
def test_a_value_is_literal(entries, written, value):
    assert entries(f"NAME={written}\nNEXT=1\n") == [("NAME", value, 1), ("NEXT", "1", 2)]


@pytest.mark.parametrize("content", ["\ufeffA=1\n", "A=1\r\n", "export A=1", "\tA = 1"])
def test_a_line_may_be_written_by_any_editor(entries, content):
    assert entries(content) == [("A", "1", 1)]


def test_comments_and_blank_lines_count_as_lines(entries):
    assert entries("# one\n\n  # three\r\n\r\nhttp_proxy=x\n") == [("http_proxy", "x", 5)]


@pytest.mark.parametrize(
    ("line", "named"),
    [
        (b'API_TOKEN="hidden', True),
        (b"API_TOKEN='hidden", True),
        (b"API_TOKEN='hidden' hidden", True),
        (b"API_TOKEN 'hidden'", True),
        (b"API_TOKEN: hidden", True),
        (b"export API_TOKEN hidden", True),
        (b"API_TOKEN=hidden #hidden", True),
        (b"API_TOKEN='it\\'s hidden'", True),
        (b'API_TOKEN="hidden\\\\"', True),
        (b'API_TOKEN="hidden\\n"', True),
        (b"API_TOKEN='hidden\nhidden'", True),
        (b"API_TOKEN=hidden\0", True),
        (b"API_TOKEN=hidden\xe9", True),
        (b"API_TOKEN=\xff\xfe hidden", True),
        (b"hidden", False),
        (b"PThidden0123", False),
        (b"bWlkZGxlhidden==", False),
        (b"hid+den/hidden==", False),
        (b"hidden hidden", False),
        (b"=hidden", False),
        (b"- hidden", False),
    ],
)
def test_an_unclear_line_is_refused_by_variable_and_number(entries, tmp_path, line, named):
    with pytest.raises(DotenvError) as raised:
        entries(b"# comment\n\nOTHER=1\n" + line + b"\nLAST=2\n")
    name = "API_TOKEN in " if named else ""
    assert str(raised.value).startswith(f"{name}{tmp_path / '.env'}, line 4: ")
    assert "hidden" not in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_file_in_utf_16_is_refused(entries):
    with pytest.raises(DotenvError, match="line 1: this is not UTF-8"):
        entries("SECRET_KEY=hidden".encode("utf-16"))


@pytest.fixture
def checkout(tmp_path, clean_env):
    """Runs Python in a copy of Tollbook that has this `.env`."""
    for folder in ("dashboard", "logsync"):
        shutil.copytree(env.BASE_DIR / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("SECRET_KEY", "PULL_DAYS_BACK"):
        del clean_env[name]

    def start(content, **variables):
        (tmp_path / ".env").write_bytes(content)
        return subprocess.run(
            [sys.executable, "-c", PRINT],
            env={**clean_env, **variables},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )

    return start


def test_the_key_of_the_file_is_used_as_it_is_written(checkout, tmp_path):
    assert checkout(f"\ufeffSECRET_KEY={KEY}\n".encode()).stdout == f"{KEY}\n"
    assert not (tmp_path / "var" / "secret_key").exists()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\n\nSECRET_KEY='hidden\n", "SECRET_KEY in {path}, line 3: this line cannot be read: "),
        (b"SECRET_KEY=hidden\xe9\n", "SECRET_KEY in {path}, line 1: this is not UTF-8: "),
        (b"A=1\nPULL_DAYS_BACK=hidden\n", "PULL_DAYS_BACK (line 2 of {path}) cannot be used: write a whole number"),
        (b"SECRET_KEY_FILE=/hidden/from\n", "SECRET_KEY_FILE (line 1 of {path}): /hidden/from cannot be read"),
    ],
)
def test_a_file_that_cannot_be_used_stops_the_start_with_one_line(checkout, tmp_path, content, told):
    result = checkout(content)
    assert result.returncode == 1
    assert result.stderr.startswith(f"Tollbook cannot start. {told.format(path=tmp_path / '.env')}")
    assert len(result.stderr.splitlines()) == 1
    assert "hidden" not in result.stderr.replace("/hidden/from", "")


def test_the_environment_takes_precedence_over_both_spellings(checkout):
    assert checkout(b"SECRET_KEY=file\nSECRET_KEY_FILE=/nowhere\n", SECRET_KEY=KEY).stdout == f"{KEY}\n"
