"""Adding a project in a real browser: a test keeps what was typed, the token too, and the project leads to Sync."""

import re

import pytest
from playwright.sync_api import expect

from logsync.models import Project
from logsync.simulator import Project as SimulatedProject
from logsync.simulator import Space, serving


@pytest.fixture
def voice_only():
    with serving(Space(projects=[SimulatedProject("one", "PTone", scopes=("voice",))])) as url:
        yield url


@pytest.fixture
def admin_page(page, transactional_db, admin_user, client, live_server):
    client.force_login(admin_user)
    session = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    page.context.add_cookies([session])
    return page


def test_a_project_is_tested_corrected_and_added(admin_page, voice_only):
    page = admin_page
    page.goto("/")
    page.get_by_role("link", name="Add a project").click()
    page.get_by_label("Space").fill(voice_only)
    page.get_by_label("Project ID").fill("one two")
    page.get_by_label("API token").fill("PTone")
    page.get_by_role("button", name="Test connection").click()
    expect(page.locator("#id-errors")).to_contain_text("letters, digits and hyphens")
    page.get_by_label("Project ID").fill("one")
    page.get_by_role("button", name="Test connection").click()
    expect(page.locator("#connection")).to_contain_text("lacks the Video scope")
    expect(page.locator("#connection")).to_contain_text("Voice logs The connection works.")
    expect(page.locator("#id-errors")).to_be_empty()
    expect(page.get_by_label("API token")).to_have_value("PTone")
    expect(page).to_have_url(re.compile(r"/projects/add/$"))
    page.get_by_label("Video").uncheck()
    page.get_by_role("button", name="Add project").click()
    expect(page).to_have_url(re.compile(r"/sync/$"))
    expect(page.get_by_role("status").first).to_contain_text("demo was added")
    project = Project.objects.get()
    assert (project.space_url, project.signalwire_id, project.api_token) == (voice_only, "one", "PTone")
    assert project.media == ["voice"]


def test_a_host_outside_signalwire_is_confirmed_before_the_token_leaves(admin_page):
    page = admin_page
    page.goto("/projects/add/")
    page.get_by_label("Space").fill("logs.example.invalid")
    page.get_by_label("Project ID").fill("one")
    page.get_by_label("API token").fill("PTone")
    page.get_by_role("button", name="Add project").click()
    expect(page.locator("#confirmation")).to_contain_text("logs.example.invalid is outside signalwire.com")
    page.get_by_label("Confirm the host").fill("logs.example.invalid")
    page.get_by_role("button", name="Add project").click()
    expect(page).to_have_url(re.compile(r"/sync/$"))
    assert Project.objects.get().api_token == "PTone"
