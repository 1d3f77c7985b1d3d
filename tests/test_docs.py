"""The documents lead to files that exist."""

import re

import pytest

from tests.documented import BASE_DIR

DOCUMENTS = ["README.md", "CONTRIBUTING.md", "RELIABILITY.md", "CHANGELOG.md", "benchmarks/README.md"]
# A path in backticks or as the target of a link: with a folder of ours in front, or a file at the top.
FOLDERS = "logsync|dashboard|templates|static|tests|benchmarks|docs"
FILES = r"[\w.-]+\.(?:md|toml|lock|yaml|py)|Dockerfile|\.ci/run|\.env\.example"
PATH = re.compile(rf"[`(]((?:{FOLDERS})/[\w./-]*|{FILES})[`)]")


def paths_in(document):
    return sorted(set(PATH.findall((BASE_DIR / document).read_text())))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_path_in_the_documents_exists(document):
    assert [path for path in paths_in(document) if not (BASE_DIR / path).exists()] == []


def test_contributing_names_the_code():
    assert len(paths_in("CONTRIBUTING.md")) > 40
