"""The style sheet and the scripts that are joined from the files in static/."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from dashboard.runtime.bundles import BUNDLES, BundleFinder
from dashboard.settings import BASE_DIR
from tests.support.pages import store_march

STATIC = BASE_DIR / "static"


def sources(pattern):
    return {str(path.relative_to(STATIC)) for path in STATIC.glob(pattern)}


def test_every_style_sheet_and_script_is_in_a_bundle():
    written = sources("css/*.css") | sources("js/*.js") | sources("vendor/*/*/*.js")
    assert {source for parts in BUNDLES.values() for source in parts} == written


@pytest.mark.parametrize("path", BUNDLES)
def test_a_bundle_holds_its_files_in_order_and_is_written_once(path, settings, tmp_path):
    settings.VAR_DIR = tmp_path
    found = BundleFinder().find(path)
    assert found == str(tmp_path / "joined" / path)
    text = Path(found).read_text()
    places = [text.index((STATIC / source).read_text()) for source in BUNDLES[path]]
    assert places == sorted(places)
    written_at = Path(found).stat().st_mtime_ns
    assert BundleFinder().find(path, find_all=True) == [found]
    assert Path(found).stat().st_mtime_ns == written_at


def test_a_bundle_follows_its_files(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    (tmp_path / "joined" / "bundles").mkdir(parents=True)
    outdated = tmp_path / "joined" / "bundles" / "tollbook.css"
    outdated.write_text("outdated")
    assert {path for path, _ in BundleFinder().list(None)} == set(BUNDLES)
    assert "@font-face" in outdated.read_text()
    assert {file.name for file in outdated.parent.iterdir()} == {Path(path).name for path in BUNDLES}


def test_a_path_that_is_no_bundle_is_not_found():
    assert finders.find("bundles/no-such.css") is None


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("address", "script"),
    [("/", "overview"), ("/logs/", "page"), ("/sync/changes/", "page"), ("/views/", "page"), ("/sync/", "page")],
)
def test_a_page_has_one_style_sheet_and_one_script(signed_in, address, script):
    store_march()
    page = signed_in.get(address, follow=True).content.decode()
    assert len(re.findall(r'rel="stylesheet"', page)) == 1
    [source] = re.findall(r'<script src="([^"]+)"', page)
    assert source.startswith(f"/static/bundles/{script}.")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_page_without_a_session_has_one_small_script(client, db, static_files):
    page = client.get("/accounts/login/").content.decode()
    [source] = re.findall(r'<script src="([^"]+)"', page)
    assert source.startswith("/static/bundles/bare.")


def test_with_debug_a_bundle_is_found_without_collecting(clean_env):
    command = [sys.executable, "manage.py", "findstatic", "--first", "--verbosity", "0", "bundles/tollbook.css"]
    env = clean_env | {"DEBUG": "true"}
    result = subprocess.run(command, env=env, cwd=BASE_DIR, capture_output=True, text=True, check=True)
    assert "@font-face" in Path(result.stdout.strip()).read_text()
