"""The context bar, and what is common to all pages."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from logsync.models import Feed, PullUnit
from logsync.models.choices import UnitState
from tests.support.pages import MARCH, hrefs, store_march, text_of
from tests.support.stored_logs import make_feed

# One engine proves as much.
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
PAGES = ["/", "/logs/"]


@pytest.mark.parametrize("path", PAGES)
def test_the_period_can_be_stepped_and_keeps_the_filter(signed_in, path):
    links = hrefs(signed_in.get(f"{path}?{MARCH}&type=laml_call"))
    assert f"{path}?type=laml_call&start=2025-02-01&end=2025-02-28" in links
    assert f"{path}?type=laml_call&start=2025-04-01&end=2025-04-30" in links


def test_there_is_no_period_after_today(signed_in):
    body = signed_in.get("/?period=last-7-days").content.decode()
    assert re.search(r'aria-disabled="true" title="Later"', body)


@pytest.mark.parametrize("query", ["start=1970-01-01&end=1970-12-31", "start=2026-11-01&end=2999-12-31"])
@pytest.mark.parametrize("address", ["/", "/logs/", "/sync/changes/"])
def test_no_step_leads_out_of_the_years_that_a_filter_can_have(signed_in, address, query):
    for href in hrefs(signed_in.get(f"{address}?{query}")):
        if href.startswith(f"{address}?start="):
            assert signed_in.get(href).status_code == 200


def test_clearing_the_conditions_of_changed_charges_keeps_their_kind(signed_in):
    query = "kind=first&changed=last-7-days&type=laml_call&direction=inbound"
    cleared = "/sync/changes/?period=all&kind=first&changed=last-7-days"
    assert cleared in hrefs(signed_in.get(f"/sync/changes/?{query}"))


def test_the_way_back_from_an_invalid_filter_keeps_other_letters(signed_in):
    answer = signed_in.get("/logs/", QUERY_STRING="room=δ&min_charge=x".encode().decode("latin-1"))
    assert "/logs/?room=%CE%B4" in hrefs(answer)


@pytest.mark.parametrize("path", PAGES)
def test_a_preset_keeps_the_filter(signed_in, path):
    assert f"{path}?type=laml_call&period=last-month" in hrefs(signed_in.get(f"{path}?{MARCH}&type=laml_call"))


@pytest.mark.parametrize("path", PAGES)
def test_the_date_form_keeps_the_filter(signed_in, path):
    body = signed_in.get(f"{path}?period=last-month&type=laml_call&direction=none").content.decode()
    [form] = re.findall(r'<form action="[^"]*" class="fields".*?</form>', body, re.DOTALL)
    assert 'name="type" value="laml_call"' in form
    assert 'name="direction" value="none"' in form
    assert 'name="period"' not in form


@pytest.mark.parametrize("path", PAGES)
def test_a_shared_link_keeps_the_period_or_its_dates(signed_in, path):
    links = hrefs(signed_in.get(f"{path}?period=last-month"))
    assert f"{path}?period=last-month" in links
    first = datetime.now(UTC).date().replace(day=1)
    last = first - timedelta(days=1)
    assert f"{path}?start={last.replace(day=1)}&end={last}" in links


def test_the_exports_of_the_overview_are_its_totals_by_day(signed_in):
    assert f"/charges.csv?{MARCH}&group_by=day,direction" in hrefs(signed_in.get(f"/?{MARCH}&group_by=direction"))


def test_all_conditions_can_be_cleared_at_once(signed_in):
    assert f"/logs/?{MARCH}" in hrefs(signed_in.get(f"/logs/?{MARCH}&type=laml_call&direction=inbound"))


@pytest.mark.parametrize("path", PAGES)
def test_the_freshness_is_shown(signed_in, path, zone):
    zone("America/New_York")
    now = datetime.now(UTC)
    store_march()
    Feed.objects.update(read_until=now)
    page = text_of(signed_in.get(path))
    assert re.search(r"data until \d\d:\d\d E[SD]T · \d+ of 30 days complete", page)


def test_the_freshness_names_the_day_unless_it_is_today(signed_in):
    store_march()
    Feed.objects.update(read_until=datetime(2025, 3, 14, 10, 42, tzinfo=UTC))
    assert "data until Fri 14 Mar 2025 10:42 UTC" in text_of(signed_in.get("/"))


def test_the_page_updates_itself_during_the_first_history(signed_in):
    PullUnit.objects.create(feed=make_feed(), day=date(2025, 3, 1), state=UnitState.WAITING)
    body = signed_in.get("/").content.decode()
    assert 'hx-trigger="every 10s"' in body
    PullUnit.objects.update(state=UnitState.DONE, read_at=datetime.now(UTC))
    assert 'hx-trigger="every 10s"' not in signed_in.get("/").content.decode()


def test_every_page_has_a_skip_link_a_title_and_one_main_heading(signed_in):
    store_march()
    for address in ["/", "/logs/", "/logs/voice/a/", "/sync/", "/views/", "/views/new/", f"/logs/?{MARCH}"]:
        body = signed_in.get(address).content.decode()
        assert '<a class="skip" href="#content">' in body
        assert len(re.findall(r"<h1\b", body)) == 1, address
        assert re.search(r"<title>[^<]+ · Tollbook</title>", body), address


def test_every_control_has_a_label(signed_in):
    store_march()
    for address in ["/", "/logs/", "/views/new/?path=/&query=", "/accounts/password_change/"]:
        body = signed_in.get(address).content.decode()
        for control in re.findall(r"<(?:input|select)\b[^>]*>", body):
            if 'type="hidden"' in control or "aria-label=" in control:
                continue
            id_ = re.search(r'\bid="([^"]+)"', control)
            is_wrapped = re.search(rf"<label[^>]*>\s*{re.escape(control)}", body)
            assert is_wrapped or (id_ and f'for="{id_[1]}"' in body), f"{address}: {control}"


def test_no_page_has_inline_script_or_style(signed_in):
    store_march()
    for address in ["/", f"/?{MARCH}", f"/logs/?{MARCH}", "/logs/voice/a/", "/sync/", "/views/", "/accounts/login/"]:
        body = signed_in.get(address).content.decode()
        assert not re.findall(r"<script(?![^>]*\b(?:src=|type=\"application/json\"))", body)
        assert not re.findall(r"<style|\sstyle=|\son\w+=|javascript:", body)


def test_ids_are_unique(signed_in):
    store_march()
    for address in [f"/?{MARCH}", f"/logs/?{MARCH}", "/logs/voice/a/", "/sync/"]:
        ids = re.findall(r'\sid="([^"]+)"', signed_in.get(address).content.decode())
        assert len(ids) == len(set(ids)), address
