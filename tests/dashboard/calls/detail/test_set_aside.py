"""What could not be read: beside the field of a log, and on the page of a row that was set aside."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from logsync.models import Feed, Project
from logsync.parsing.parser import parse_log
from logsync.simulator import sample
from logsync.storage.upsert import store_page
from tests.support.json_rows import as_json
from tests.support.pages import hrefs, text_of
from tests.support.records import NOON, bad_row
from tests.support.stored_logs import make_feed, page, record, store, tombstone

LATER = NOON + timedelta(hours=1)
RAW = '{"id": "525", "created_at": "2026-11-20T12:00:00Z", "charge": "<b>much</b>"}'


def put(**fields):
    row = {"created_at": "2026-11-20T12:00:00Z", "charge": Decimal("0.43")} | fields
    medium = "video" if "room_name" in row else "voice"
    store(parse_log(as_json(sample("video_room_session" if medium == "video" else "laml_call", **row))), medium=medium)


def set_aside(log_id="525", *, project="Main", read_at=NOON, **read):
    row = bad_row(RAW, log_id=log_id, reason="charge is not an amount of money", **read)
    store_page(make_feed(project), page(bad_rows=[row], read_at=read_at, listed_on=date(2026, 11, 20)))


def test_an_unread_field_is_flagged_beside_its_name_with_what_came(signed_in):
    put(id="a", duration="00:08:10", charge_details=[None], **{"from": [12065551212]})
    shown = text_of(signed_in.get("/logs/voice/a/"))
    assert (
        "3 fields of this log could not be read: from , charge_details , duration . They are empty in tables" in shown
    )
    assert 'Lasted not readable "00:08:10"' in shown
    assert "From not readable [12065551212]" in shown
    assert "The charge lines could not be read. The raw JSON below has them." in shown
    assert "Charge $0.43" in shown


def test_one_unread_field_is_named_in_the_singular(signed_in):
    put(id="a", status=3)
    assert "1 field of this log could not be read: status . It is empty in tables" in text_of(
        signed_in.get("/logs/voice/a/")
    )


def test_a_good_log_has_no_flag(signed_in):
    put(id="a")
    shown = text_of(signed_in.get("/logs/voice/a/"))
    assert "not readable" not in shown
    assert "could not be read" not in shown


def test_an_empty_text_is_told_from_an_absent_value(signed_in):
    put(id="a", status="", direction=None, type="", source="", **{"from": " ", "to": ""})
    shown = text_of(signed_in.get("/logs/voice/a/"))
    for words in ("Type empty text", "Status empty text", "Source empty text", "To unknown", "From unknown"):
        assert words in shown
    assert "Direction – SignalWire sent none" in shown
    table = text_of(signed_in.get("/logs/?period=all"))
    assert table.count("unknown") >= 2
    assert "SignalWire sent “⟨U+0020⟩”" in signed_in.get("/logs/?period=all").content.decode()


def test_an_empty_parent_id_is_no_parent(signed_in):
    put(id="a", parent_id="")
    shown = text_of(signed_in.get("/logs/voice/a/"))
    assert "Parent call – SignalWire sent none" in shown
    assert "Family" not in shown


def test_an_end_before_the_start_is_flagged_and_gives_no_length(signed_in):
    put(id="a", room_name="Sales", started_at="2026-11-20T12:00:00Z", ended_at="2026-11-20T11:00:00Z")
    shown = text_of(signed_in.get("/logs/video/a/"))
    assert "before it started, so its length is not known" in shown
    assert "Lasted – SignalWire sent no duration" in shown


def test_a_row_that_was_set_aside_has_a_page(signed_in):
    set_aside(created_at=NOON, charge=Decimal("0.43"))
    answer = signed_in.get("/logs/voice/525/")
    shown = text_of(answer)
    assert "it is in no total: charge is not an amount of money." in shown
    assert "Charge $0.43" in shown
    assert "First seen by Tollbook" in shown
    assert "Last seen" in shown
    assert '"charge": "<b>much</b>"' in shown
    assert b"<b>much" not in answer.content
    assert signed_in.get("/logs/video/525/").status_code == 404


def test_what_could_not_be_read_is_said_to_be_so(signed_in):
    set_aside()
    shown = text_of(signed_in.get("/logs/voice/525/"))
    assert "Created – It could not be read" in shown
    assert "Charge – None was sent, or it could not be read" in shown


def test_a_row_set_aside_in_two_projects_asks_which(signed_in):
    set_aside(project="Main")
    set_aside(project="Other")
    assert "/logs/voice/525/?project=Other" in hrefs(signed_in.get("/logs/voice/525/"))
    assert "Project Other" in text_of(signed_in.get("/logs/voice/525/?project=Other"))


def test_a_link_with_the_former_name_of_the_project_leads_to_the_row(signed_in):
    set_aside(project="Main")
    project = Project.objects.get()
    project.name = "Renamed"
    project.save()
    assert "Project Renamed" in text_of(signed_in.get("/logs/voice/525/?project=Main"))


def test_the_page_of_a_log_names_a_later_version_that_was_set_aside(signed_in):
    store(tombstone("525"))
    set_aside(read_at=LATER)
    shown = text_of(signed_in.get("/logs/voice/525/"))
    assert "in a form that Tollbook cannot read (charge is not an amount of money)" in shown


@pytest.mark.parametrize("address", ["/logs/voice/", "/logs/voice/?id="])
def test_a_row_without_an_id_has_no_page(signed_in, address):
    set_aside("")
    assert signed_in.get(address).status_code == 404


def test_the_search_leads_to_a_row_that_was_set_aside(signed_in):
    set_aside()
    assert signed_in.get("/jump/?q=525").headers["Location"] == "/logs/voice/525/"


def test_the_filter_by_id_leads_to_a_row_that_was_set_aside(signed_in):
    store(record("a"))
    set_aside()
    Feed.objects.update(read_until=LATER)
    answer = signed_in.get("/logs/?period=all&id=525")
    assert "A row with the id 525 was set aside, because it could not be read." in text_of(answer)
    assert "/logs/voice/525/" in hrefs(answer)
    assert "A row with the id 525 was set aside" in text_of(signed_in.get("/logs/?period=all&id=525&id=a"))
    assert "set aside" not in text_of(signed_in.get("/logs/?period=all&id=526"))


def test_it_can_be_read_again(signed_in):
    set_aside()
    assert "reading this log from SignalWire again" in text_of(signed_in.post("/logs/voice/525/", follow=True))
