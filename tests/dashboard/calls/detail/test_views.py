from datetime import timedelta
from decimal import Decimal

import msgspec
import pytest
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from logsync.models import Log, MissingParent, Project
from logsync.storage.upsert import store_page
from tests.support.pages import at, call, hrefs, table_rows, text_of
from tests.support.records import page as page_of
from tests.support.stored_logs import make_feed, store, tombstone


def put(id_, raw_charge="0.01", lines=(), **more):
    """Store a call with the JSON that SignalWire would send."""
    details = ", ".join(f'{{"description": "{text}", "charge": {charge}}}' for text, charge in lines)
    raw = f'{{"id": "{id_}", "charge": {raw_charge}, "charge_details": [{details}]}}'
    itemised = sum((Decimal(charge) for _, charge in lines), Decimal(0))
    store(msgspec.structs.replace(call(id_, charge=raw_charge, itemised=itemised, **more), raw=raw))


def test_all_fields_are_shown(signed_in):
    put("a", billing_ms=5160, duration=4, duration_ms=4312, parent_id=None)
    page = text_of(signed_in.get("/logs/voice/a/"))
    for words in [
        "Type PSTN call",
        "Status completed",
        "From +1 206 555 1212",
        "Direction inbound",
        "Lasted 4 s",
        "Lasted, exactly 4.3 s 4,312 ms",
        "Billed time 5.2 s 5,160 ms",
        "Parent call – SignalWire sent none",
        "Source Realtime API",
    ]:
        assert words in page


def test_charge_lines_are_summed_and_what_is_not_itemised_is_named(signed_in):
    put("a", "0.01", [("Inbound Voice Minutes", "0.0044"), ("Tax", "0.0006")])
    assert table_rows(signed_in.get("/logs/voice/a/"))[1:3] == [
        ["Inbound Voice Minutes", "$0.0044"],
        ["Tax", "$0.0006"],
    ]
    assert table_rows(signed_in.get("/logs/voice/a/"))[3:6] == [
        ["Sum of the lines", "$0.0050"],
        ["Not itemised", "$0.0050"],
        ["Charge", "$0.0100"],
    ]


def test_a_fully_itemised_charge_has_no_rest(signed_in):
    put("a", "0.01", [("Tax", "0.01")])
    assert "Not itemised" not in text_of(signed_in.get("/logs/voice/a/"))


def test_the_raw_json_keeps_every_number_as_received(signed_in):
    put("a", "0.0100000", [("Tax", "1e-7")])
    page = text_of(signed_in.get("/logs/voice/a/"))
    assert '"charge": 0.0100000' in page
    assert '"charge": 1e-7' in page


def test_the_family_is_a_tree_with_each_legs_and_the_whole_cost(signed_in):
    put("root", "1", seconds=90)
    put("leg", "0.5", parent_id="root", seconds=62)
    put("leaf", "0.25", parent_id="leg")
    page = signed_in.get("/logs/voice/leg/")
    family = [[row[0], *row[-4:]] for row in table_rows(page)[-4:-1]]
    assert family == [
        ["level 1: PSTN call highest charge", "1 min 30 s", "$1.00", "$1.75", "57%"],
        ["level 2: PSTN call this log", "1 min 02 s", "$0.50", "$0.75", "29%"],
        ["level 3: PSTN call", "–SignalWire sent no duration", "$0.25", "$0.25", "14%"],
    ]
    assert table_rows(page)[-1] == ["The whole family", "$1.75", "$1.75", ""]
    assert {"/logs/voice/root/", "/logs/voice/leaf/"} <= set(hrefs(page))


@pytest.mark.parametrize(
    ("failures", "due_in", "words"),
    [
        (0, timedelta(minutes=10), "SignalWire is asked for it in 10 min"),
        (1, timedelta(days=1), "SignalWire is asked again in 1 day"),
        (2, timedelta(days=2), "SignalWire is asked again in 2 days"),
        (4, timedelta(days=8), "SignalWire is asked again in 8 days"),
        (2, timedelta(hours=5), "SignalWire is asked again in 5 h"),
        (2, timedelta(minutes=-1), "SignalWire is asked again with the next pull"),
        (5, timedelta(days=16), "SignalWire does not know it; Tollbook no longer asks"),
    ],
)
def test_a_missing_parent_says_when_it_is_asked_for(signed_in, failures, due_in, words):
    put("orphan", parent_id="nowhere")
    MissingParent.objects.create(
        feed=make_feed(), log_id="nowhere", failures=failures, next_read_at=timezone.now() + due_in
    )
    page = signed_in.get("/logs/voice/orphan/")
    assert table_rows(page)[-3][:2] == ["level 1: nowhere missing", words]
    assert f"Parent call nowhere Copy nowhere missing {words}" in text_of(page)
    assert "/logs/voice/nowhere/" not in hrefs(page)


def test_a_missing_parent_that_nobody_asks_for_says_so(signed_in):
    put("orphan", parent_id="nowhere")
    assert "nowhere missing Tollbook does not have it" in text_of(signed_in.get("/logs/voice/orphan/"))
    MissingParent.objects.create(feed=make_feed(), log_id="nowhere", next_read_at=timezone.now())
    Project.objects.update(is_active=False)
    words = "nowhere missing Tollbook does not ask for it: reading is switched off for the voice logs of Main"
    assert words in text_of(signed_in.get("/logs/voice/orphan/"))


def test_a_deleted_parent_shows_its_id_and_when_it_was_deleted(signed_in):
    put("a", parent_id="gone")
    store(tombstone("gone", created_at=at(10), discarded_at=at(11, 9)))
    put("b", parent_id="kept")
    put("kept", "2")
    store(tombstone("kept", created_at=at(10), discarded_at=at(12, 9)))
    assert table_rows(signed_in.get("/logs/voice/a/"))[-3][:4] == [
        "level 1: Deleted log gone",
        "Mon 10 Mar 2025 12:00:00",
        "deleted Tue 11 Mar 2025 09:00:00, before Tollbook could read it",
        "–Not known",
    ]
    kept = table_rows(signed_in.get("/logs/voice/b/"))[-3]
    assert kept[0] == "level 1: PSTN call highest charge"
    assert kept[4] == "completed deleted Wed 12 Mar 2025 09:00:00"


def test_a_parent_of_another_project_is_linked_and_named(signed_in):
    store(call("root", charge="1"), project="One")
    store(call("root", charge="7"), project="Two")
    store(call("leg", charge="2", parent_id="root"), project="Three")
    page = signed_in.get("/logs/voice/leg/")
    assert hrefs(page).count("/logs/voice/root/?project=One") == 2
    assert table_rows(page)[-3][0] == "level 1: PSTN call One id also in Two"
    assert table_rows(page)[-1][-2] == "$3.00"


def test_a_large_family_says_how_much_is_shown_and_links_to_the_rest(signed_in):
    legs = [call(f"leg-{n:04}", charge="0.01", parent_id="the root") for n in range(1201)]
    store(call("the root", charge="0.05"), *legs)
    page = signed_in.get("/logs/voice/leg-1200/")
    assert "500 of 1,202 legs shown" in text_of(page)
    assert "/logs/?parent=the%20root&period=all" in hrefs(page)
    assert ["702 more legs not shown", "$7.02", "$7.02", "58%"] in table_rows(page)
    assert table_rows(page)[-1][-2] == "$12.06"
    rest = signed_in.get("/logs/?parent=the%20root&period=all")
    assert "1,201 logs" in text_of(rest)
    assert "parent is the root" in text_of(rest)


def test_the_family_stands_above_the_raw_json(signed_in):
    put("root")
    put("leg", parent_id="root")
    page = text_of(signed_in.get("/logs/voice/leg/"))
    assert page.index("The whole family") < page.index("Raw JSON")


@pytest.mark.parametrize("parents", [{"a": "a"}, {"a": "b", "b": "a"}])
def test_a_cycle_of_parents_is_shown_as_such(signed_in, parents):
    for id_, parent in parents.items():
        put(id_, "1", parent_id=parent)
    page = signed_in.get("/logs/voice/a/")
    assert "in a cycle" in text_of(page)
    assert table_rows(page)[-1][-2] == f"${len(parents)}.00"


def test_a_changed_charge_is_listed(signed_in):
    put("a", "0.01")
    later = call("a", charge="0.02")
    store_page(make_feed(), page_of(later, read_at=at(20) + timedelta(days=900)))
    assert "$0.01" in text_of(signed_in.get("/logs/voice/a/"))
    assert ["$0.01", "$0.02", "+$0.01", "had ended"] in [row[1:] for row in table_rows(signed_in.get("/logs/voice/a/"))]


def test_a_tombstone_says_that_nothing_else_is_known(signed_in):
    store(tombstone("gone", created_at=at(10)))
    page = text_of(signed_in.get("/logs/voice/gone/"))
    assert "Deleted log" in page
    assert "only its times are known" in page


def test_a_deleted_log_keeps_what_was_known(signed_in):
    put("a", "0.01")
    store(tombstone("a", created_at=at(10)))
    page = text_of(signed_in.get("/logs/voice/a/"))
    assert "Tollbook keeps what it read before, and the charge stays in the totals" in page
    assert "$0.01" in page


def test_a_video_session_has_its_own_facts(signed_in):
    store(
        call(
            "v", log_type="video_room_session", room_name="Lobby", started_at=at(10), ended_at=at(10, 13), seconds=3600
        ),
        medium="video",
    )
    page = text_of(signed_in.get("/logs/video/v/"))
    assert "Room Lobby" in page
    assert "Lasted 1 h 00 min" in page
    assert "Billed time" not in page


def test_the_back_link_opens_the_previous_list(signed_in):
    put("a")
    came_from = "http://testserver/logs/?period=last-month&type=laml_call&cursor=abc"
    assert came_from.removeprefix("http://testserver") in hrefs(
        signed_in.get("/logs/voice/a/", headers={"referer": came_from})
    )
    elsewhere = "https://elsewhere.example/logs/?period=all"
    assert not [
        href
        for href in hrefs(signed_in.get("/logs/voice/a/", headers={"referer": elsewhere}))
        if "all" in href and "number" not in href
    ]


def test_a_log_that_is_not_there_is_404(signed_in):
    assert signed_in.get("/logs/voice/nothing/").status_code == 404
    put("a")
    assert signed_in.get("/logs/video/a/").status_code == 404


def test_an_id_of_two_projects_asks_which(signed_in):
    store(call("same", charge="1"), project="One")
    store(call("same", charge="2"), project="Two & Sons")
    page = signed_in.get("/logs/voice/same/")
    assert "2 projects have a voice log same" in text_of(page)
    assert "/logs/voice/same/?project=Two%20%26%20Sons" in hrefs(page)
    assertContains(signed_in.get("/logs/voice/same/?project=Two%20%26%20Sons"), "$2.00")


def test_the_jump_box_opens_the_log_of_an_id(signed_in):
    put("79e0439f-eabe-49fe-92aa-b19a69fd2398")
    answer = signed_in.get("/jump/?q=79e0439f-eabe-49fe-92aa-b19a69fd2398")
    assert answer.headers["Location"] == "/logs/voice/79e0439f-eabe-49fe-92aa-b19a69fd2398/"


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("+1 (206) 555-1212", "/logs/?period=all&number=%2B1%20%28206%29%20555-1212"),
        ("5551212", "/logs/?period=all&number=5551212"),
        ("sip:alice@example.com", "/logs/?period=all&number=sip:alice@example.com"),
        ("lobby", "/logs/?period=all&room=lobby"),
        ("freeswitch", "/logs/?period=all&number=freeswitch"),
        ("", "/logs/"),
    ],
)
def test_the_jump_box_finds_numbers_and_rooms(signed_in, typed, address):
    store(call("v", room_name="The Lobby", log_type="video_room_session"), medium="video")
    assert signed_in.get("/jump/", {"q": typed}).headers["Location"] == address


def test_the_jump_box_shows_a_choice_for_an_id_of_two_projects(signed_in):
    store(call("same"), project="One")
    store(call("same"), project="Two")
    assert signed_in.get("/jump/?q=same").headers["Location"] == "/logs/?period=all&id=same"


def test_reading_again_queues_a_task_and_says_so(signed_in):
    put("a")
    answer = signed_in.post("/logs/voice/a/", follow=True)
    assert "Tollbook is reading this log from SignalWire again" in text_of(answer)


def test_reading_again_needs_the_csrf_token(client, clerk):
    put("a")
    client.handler.enforce_csrf_checks = True
    client.force_login(clerk)
    assert client.post("/logs/voice/a/").status_code == 403


def test_opening_a_log_writes_nothing(signed_in, django_assert_max_num_queries):
    put("a")
    with django_assert_max_num_queries(12) as asked:
        signed_in.get("/logs/voice/a/")
    assert not [query["sql"] for query in asked if not query["sql"].lstrip().upper().startswith(("SELECT", "WITH"))]


def test_hostile_text_is_escaped(signed_in):
    nasty = "</script><script>alert(1)</script>"
    put("a", lines=[("<script>alert(2)</script>", "1")], room_name=nasty, from_number=nasty, source=nasty)
    Log.objects.update(url="javascript:alert(3)")
    page = signed_in.get("/logs/voice/a/")
    assertNotContains(page, "<script>alert")
    assert not [href for href in hrefs(page) if href.startswith("javascript")]
