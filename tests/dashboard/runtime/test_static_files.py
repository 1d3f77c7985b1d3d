"""The vendored libraries of the pages."""

import re

from dashboard.settings import BASE_DIR


def test_every_vendored_library_has_its_version_and_licence():
    for library in BASE_DIR.glob("static/vendor/*"):
        for version in library.iterdir():
            assert re.fullmatch(r"\d+(\.\d+)+", version.name)
            assert list(version.glob("LICENSE*"))
            assert not [file for file in version.glob("*.js") if b"sourceMappingURL" in file.read_bytes()]
