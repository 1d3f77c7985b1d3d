"""Numbers on pages, in links, the jump box, files and commands: one party, however SignalWire spelled it."""

import csv
import re
from io import StringIO
from urllib.parse import quote

import pytest
from django.core.management import CommandError, call_command

from dashboard.templatetags.tollbook import phone
from tests.dashboard.queries.test_searches import LONDON, SPELLINGS, WITHHELD
from tests.support.pages import at, call, hrefs, table_rows, text_of
from tests.support.stored_logs import record, store

LONG = "x" * 50_000
OTHERS = ["+12065550143", "201", "1201", "sip:12065550142x@host"]


@pytest.fixture
def spelled(db):
    numbers = [*SPELLINGS, *LONDON, *WITHHELD, *OTHERS]
    rows = [call(f"log-{place}", from_number=number, to_number="911") for place, number in enumerate(numbers)]
    store(*rows, record("session", from_number=None, to_number=None, created_at=at(10), room_name="Lobby"))
    return {row.id: row.from_number for row in rows}


def in_csv(text):
    return sorted(row["from"] for row in csv.DictReader(StringIO(text)))


def test_the_link_of_each_log_the_jump_box_the_csv_and_the_command_find_the_same_logs(signed_in, spelled):
    for log_id, number in spelled.items():
        if number not in SPELLINGS:
            continue
        [link] = [href for href in hrefs(signed_in.get(f"/logs/voice/{log_id}/")) if "number=%2B1206" in href]
        jump = signed_in.get("/jump/", {"q": number}).headers["Location"]
        assert link == "/logs/?period=all&number=%2B12065550142"
        for address in (link, jump):
            assert f"{len(SPELLINGS)} logs" in text_of(signed_in.get(address)), address
    query = f"period=all&number={quote(SPELLINGS[15])}"
    answer = b"".join(signed_in.get(f"/logs.csv?{query}").streaming_content).decode()
    out = StringIO()
    call_command("logs", query, "--format", "csv", stdout=out)
    assert in_csv(answer) == in_csv(out.getvalue())
    assert len(in_csv(answer)) == len(SPELLINGS)


def test_the_link_of_a_short_number_finds_no_longer_one(signed_in, spelled):
    [short] = [log_id for log_id, number in spelled.items() if number == "201"]
    [link] = [href for href in hrefs(signed_in.get(f"/logs/voice/{short}/")) if "201" in href]
    assert "1 log ·" in text_of(signed_in.get(link))


def test_withheld_and_unknown_callers_are_named_so(signed_in, spelled):
    rows = table_rows(signed_in.get("/logs/?period=all&from=withheld&page_size=1000"))[1:-1]
    assert len(rows) == len(WITHHELD) + 1
    assert {row[3] for row in rows} == {"withheld", "unknown"}
    for log_id, number in spelled.items():
        if number in WITHHELD:
            page = signed_in.get(f"/logs/voice/{log_id}/")
            assert "From withheld" in text_of(page) or "From unknown" in text_of(page)
            assert "/logs/?period=all&number=withheld" in hrefs(page)
            assert "+266\N{NO-BREAK SPACE}" not in page.content.decode()


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+266696687", "withheld"),
        ("Anonymous", "withheld"),
        ("", "unknown"),
        (None, "unknown"),
        ("Unavailable", "unknown"),
    ],
)
def test_a_caller_without_a_number_is_named(number, shown):
    assert f">{shown}<" in phone(number)


def test_a_room_session_has_no_caller(signed_in):
    store(call("a", from_number=None, to_number=None, room_name="Lobby"), medium="video")
    [row] = table_rows(signed_in.get("/logs/?period=all"))[1:-1]
    assert row[3:5] == ["–A room session has no caller", "Lobby"]


def test_a_number_too_long_for_a_filter_has_no_link(signed_in):
    store(call("a", from_number="Reception " * 40))
    assert [href for href in hrefs(signed_in.get("/logs/voice/a/")) if "Reception" in href] == []


@pytest.mark.parametrize("name", ["room", "description", "number", "from", "to", "id", "parent", "project", "source"])
@pytest.mark.parametrize("address", ["/", "/logs/", "/charges.json", "/logs.csv", "/sync/changes/"])
def test_a_long_value_is_answered_with_the_bound_and_without_itself(signed_in, address, name):
    answer = signed_in.get(address, {name: LONG})
    assert answer.status_code == 400
    assert "at most 255" in answer.content.decode()
    assert len(answer.content) < 20_000


def test_the_jump_box_has_the_same_bound(signed_in):
    answer = signed_in.get("/jump/", {"q": LONG})
    assert answer.status_code == 400
    assert "at most 255" in answer.content.decode()
    assert LONG not in answer.content.decode()
    assert signed_in.get("/jump/", {"q": "x" * 255}).status_code == 302


@pytest.mark.django_db
@pytest.mark.parametrize("command", ["logs", "charges"])
def test_commands_have_the_same_bound(command):
    with pytest.raises(CommandError, match="at most 255") as caught:
        call_command(command, f"room={LONG}", stdout=StringIO())
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("period", ["period=last-7-days", "start=2025-03-01&end=2025-03-31"])
def test_a_jump_to_a_number_keeps_the_period_with_all_time_a_click_away(signed_in, period):
    store(call("a", from_number="+12065551212"))
    names = [pair.partition("=")[::2] for pair in period.split("&")]
    body = signed_in.get(f"/logs/?{period}&type=laml_call").content.decode()
    hidden = re.search(r'id="jump-period">(.*?)</span>', body)[1]
    assert re.findall(r'name="(\w+)" value="([^"]+)"', hidden) == names
    location = signed_in.get(f"/jump/?q=2065551212&{period}").headers["Location"]
    assert location == f"/logs/?{period}&number=2065551212"
    assert "/logs/?number=2065551212&period=all" in hrefs(signed_in.get(location))


def test_a_jump_from_a_page_without_a_period_finds_all_days(signed_in):
    assert 'id="jump-period"></span>' in signed_in.get("/sync/").content.decode()
    assert signed_in.get("/jump/?q=2065551212").headers["Location"] == "/logs/?period=all&number=2065551212"


def test_a_jump_with_an_unreadable_period_is_refused(signed_in):
    assert signed_in.get("/jump/?q=2065551212&start=soon").status_code == 400
