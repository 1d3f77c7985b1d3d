import csv
import json
import re
from decimal import Decimal

import msgspec
import pytest
from pytest_django.asserts import assertContains, assertNotContains

from tests.support.pages import MARCH, at, call, hrefs, person, store_march, table_rows, text_of
from tests.support.stored_logs import record, store, tombstone

LOGS = f"/logs/?{MARCH}"


def test_the_heading_has_the_count_and_charge_of_the_filtered_logs(signed_in):
    store_march()
    assert "5 logs · $6.43" in text_of(signed_in.get(LOGS))
    assert "2 logs · $5.42" in text_of(signed_in.get(f"{LOGS}&type=laml_call"))
    assert "1 log · $0.00" in text_of(signed_in.get(f"{LOGS}&type=relay_sip_call&direction=none"))


def test_the_footer_sums_all_pages(signed_in):
    store_march()
    rows = table_rows(signed_in.get(f"{LOGS}&page_size=2"))
    assert len(rows) == 1 + 2 + 1
    assert rows[-1][:2] == ["All pages", "5 logs, 4 with a charge"]
    assert rows[-1][-1] == "$6.4251"


def test_charges_have_all_their_digits_and_the_same_decimals(signed_in):
    store(call("a", charge="0.0000004"), call("b", charge="12"), call("c", charge="-0.0025"))
    charges = [row[-1] for row in table_rows(signed_in.get(LOGS))[1:-1]]
    assert sorted(charges) == sorted(["$0.0000004", "$12.0000000", "−$0.0025000"])


def test_a_missing_charge_is_a_dash_and_not_zero(signed_in):
    store(call("a", charge=None))
    assert table_rows(signed_in.get(LOGS))[1][-1] == "–SignalWire sent no charge"


def test_every_row_is_a_real_link_to_its_log(signed_in):
    store_march()
    page = signed_in.get(LOGS)
    assert {f"/logs/voice/{id_}/" for id_ in "abcde"} <= set(hrefs(page))
    assert signed_in.get("/logs/voice/a/").status_code == 200


@pytest.mark.parametrize("id_", ["a/b", "a b", "a?b#c", "ümlaut", "x" * 300])
def test_an_id_may_be_any_text(signed_in, id_):
    store(call(id_))
    [href] = [href for href in hrefs(signed_in.get(LOGS)) if href.startswith("/logs/voice/")]
    assert id_ in text_of(signed_in.get(href))


def test_a_click_sorts_a_column_and_a_second_one_reverses_it(signed_in):
    store_march()
    page = signed_in.get(LOGS)
    assert f"?{MARCH}&sort=-charge" in hrefs(page)
    by_charge = signed_in.get(f"{LOGS}&sort=-charge")
    assertContains(by_charge, 'aria-sort="descending"', count=1)
    assert f"?{MARCH}&sort=charge" in hrefs(by_charge)
    assert [row[-1] for row in table_rows(by_charge)[1:-2]] == ["$3.1700", "$2.2500", "$1.0050", "$0.0001"]


def test_paging_forward_and_back_shows_every_log_once(signed_in):
    store(*(call(f"log-{number:02}", 1 + number % 7) for number in range(23)))

    def ids(page):
        return re.findall(r'href="/logs/voice/(log-\d+)/"', page.content.decode())

    pages, address = [], f"{LOGS}&page_size=5"
    while address:
        page = signed_in.get(address)
        pages.append(ids(page))
        onward = re.findall(r'href="([^"]*)" rel="next"', page.content.decode())
        address = f"/logs/{onward[0].replace('&amp;', '&')}" if onward else None
    assert sorted(id_ for page in pages for id_ in page) == [f"log-{number:02}" for number in range(23)]
    [back] = re.findall(r'href="([^"]*)" rel="prev"', page.content.decode())
    assert ids(signed_in.get(f"/logs/{back.replace('&amp;', '&')}")) == pages[-2]


def test_all_outbound_is_one_choice(signed_in):
    store_march()
    query = "direction=outbound,outbound-api,outbound-dial"
    page = signed_in.get(f"{LOGS}&{query}")
    assert "1 log" in text_of(page)
    body = page.content.decode()
    assert re.search(r'value="outbound,outbound-api,outbound-dial" checked', body)
    assert not re.search(r'value="outbound(-api|-dial)?" checked', body)
    assert re.search(r'value="outbound" checked', signed_in.get(f"{LOGS}&direction=outbound").content.decode())


def test_the_export_says_what_it_holds(signed_in):
    store_march()
    assert "CSV These 5 logs, every column" in text_of(signed_in.get(LOGS))
    assert "CSV Totals by day and type" in text_of(signed_in.get(f"/?{MARCH}"))
    assert "CSV Totals by day and direction" in text_of(signed_in.get(f"/?{MARCH}&group_by=direction"))


def test_the_overview_and_the_logs_keep_period_and_filter_of_each_other(signed_in):
    store_march()
    chart, table = f"/?{MARCH}&type=laml_call", f"{LOGS}&type=laml_call"
    assert hrefs(signed_in.get(f"{table}&sort=charge&page_size=10")).count(chart) == 2  # the menu, and beside the count
    assert table in hrefs(signed_in.get(f"{chart}&group_by=direction"))


def test_the_values_of_a_filter_have_their_counts(signed_in):
    store_march()
    page = text_of(signed_in.get(LOGS))
    assert "LaML call 2" in page
    assert "SIP call 2" in page
    assert "inbound 3 all outbound 1 outbound 1 no direction 1" in page


def test_active_filters_are_chips_that_can_be_removed(signed_in):
    store_march()
    page = signed_in.get(f"{LOGS}&type=laml_call&direction=inbound&min_charge=0.5")
    for words, left in [
        ("type is LaML call", "direction=inbound&min_charge=0.5"),
        ("direction is inbound", "type=laml_call&min_charge=0.5"),
        ("charge is at least $0.50", "type=laml_call&direction=inbound"),
    ]:
        assert f"Remove: {words}" in text_of(page)
        assert f"/logs/?{MARCH}&{left}" in hrefs(page)


def test_the_form_shows_the_chosen_values(signed_in):
    store_march()
    page = signed_in.get(f"{LOGS}&type=laml_call&number=%2B1206&room=Lobby&max_duration=60&deleted=exclude&sort=charge")
    body = page.content.decode()
    assert re.search(r'name="type" value="laml_call" checked', body)
    assertContains(page, 'name="number" type="search" value="+1206"')
    assertContains(page, 'name="room" type="search" value="Lobby"')
    assertContains(page, 'name="max_duration" type="text" inputmode="numeric" value="60"')
    assert re.search(r'<option value="exclude"[^>]* selected>', body)
    for name, value in [("start", "2025-03-01"), ("end", "2025-03-31"), ("sort", "charge")]:
        assertContains(page, f'<input type="hidden" name="{name}" value="{value}">', html=True)


def test_a_form_sent_with_its_empty_fields_gives_the_same_rows(signed_in):
    store_march()
    empty = "number=&from=&to=&room=&description=&id=&min_charge=&max_charge=&min_duration=&max_duration=&deleted="
    assert table_rows(signed_in.get(f"{LOGS}&type=laml_call&{empty}")) == table_rows(
        signed_in.get(f"{LOGS}&type=laml_call")
    )


def test_times_are_in_the_report_timezone_with_utc_on_hover(signed_in, zone):
    zone("America/New_York")
    store(record("a", created_at=at(10, 3)))
    page = signed_in.get("/logs/?start=2025-03-09&end=2025-03-09")
    assert table_rows(page)[1][0] == "Sun 9 Mar 2025 23:00:00"
    assertContains(page, 'title="2025-03-10 03:00:00 UTC')
    assert "Times are in America/New_York." in text_of(page)


def test_numbers_are_grouped_for_reading_and_copied_as_sent(signed_in):
    store(call("a", from_number="+12065551212", to_number="sip:user@example.com"))
    page = signed_in.get(LOGS)
    assertContains(page, "+1\N{NO-BREAK SPACE}206\N{NO-BREAK SPACE}555\N{NO-BREAK SPACE}1212")
    assertContains(page, 'data-copy="+12065551212"')
    assertContains(page, 'data-copy="sip:user@example.com"')


def test_the_export_has_exactly_the_rows_of_all_pages(signed_in):
    store_march()
    page = signed_in.get(f"{LOGS}&type=laml_call&page_size=1")
    [href] = [href for href in hrefs(page) if href.startswith("/logs.csv")]
    rows = list(csv.DictReader(b"".join(signed_in.get(href).streaming_content).decode().splitlines()))
    assert sorted(row["id"] for row in rows) == ["b", "c"]
    assert sum(Decimal(row["charge"]) for row in rows) == Decimal("5.42")


def test_a_deleted_log_is_marked(signed_in):
    store(call("a"))
    store(tombstone("a", created_at=at(10)))
    assert "deleted" in table_rows(signed_in.get(LOGS))[1]


def test_the_project_is_a_column_when_there_are_several(signed_in):
    store(call("a"), project="One")
    assert "Project" not in table_rows(signed_in.get(LOGS))[0]
    store(call("b"), project="Two")
    assert "Project" in table_rows(signed_in.get(LOGS))[0]


def test_hostile_text_is_escaped(signed_in):
    nasty = '"><script>alert(1)</script>'
    hostile = call(nasty, from_number=nasty, to_number=nasty, status=nasty, source=nasty)
    store(msgspec.structs.replace(hostile, raw=json.dumps({"id": nasty})))
    page = signed_in.get(LOGS)
    assertNotContains(page, "<script>alert")
    assertContains(page, "alert(1)")


def test_a_number_of_400_characters_is_shown(signed_in):
    store(call("a", from_number="9" * 400))
    assertContains(signed_in.get(LOGS), f'title="{"9" * 400}"')


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("start=2025-13-01", "start"),
        ("start=2025-03-02&end=2025-03-01", "end"),
        ("period=sometime", "period"),
        ("min_charge=a+lot", "min_charge"),
        ("page_size=0", "page_size"),
        ("group_by=colour", "group_by"),
        ("cursor=nonsense", "cursor"),
        ("colour=red", "colour"),
    ],
)
def test_an_invalid_filter_is_named_with_a_link_that_removes_it(signed_in, query, parameter):
    page = signed_in.get(f"/logs/?{query}&type=laml_call")
    assert page.status_code == 400
    assert f"The filter “{parameter}” cannot be read" in text_of(page)
    links_to_remove = [href for href in hrefs(page) if href.startswith("/logs/?")]
    assert all(parameter not in href and "type=laml_call" in href for href in links_to_remove)
    assert len(links_to_remove) == 1


@pytest.mark.parametrize("size", [5, 40])
def test_the_number_of_queries_does_not_depend_on_the_rows(signed_in, django_assert_max_num_queries, size):
    store(*(call(f"log-{number}", 1 + number % 9) for number in range(50)))
    with django_assert_max_num_queries(12):
        signed_in.get(f"{LOGS}&page_size={size}")


def test_row_height_and_theme_are_remembered_without_a_script(signed_in):
    store_march()
    assertNotContains(signed_in.get(LOGS), "data-density=compact")
    answer = signed_in.post("/preferences/", {"density": "compact"}, headers={"referer": f"http://testserver{LOGS}"})
    assert answer.headers["Location"] == LOGS
    signed_in.post("/preferences/", {"theme": "toggle"})
    assertContains(signed_in.get(LOGS), '<html lang="en" data-theme="dark" data-density="compact">')
    signed_in.post("/preferences/", {"theme": "toggle"})
    assertContains(signed_in.get(LOGS), 'data-theme="light"')


@pytest.mark.parametrize("value", ["neon", '"><script>', ""])
def test_an_invalid_preference_is_not_stored(signed_in, value):
    assert not signed_in.post("/preferences/", {"theme": value}).cookies


def test_preferences_redirect_only_to_this_site(signed_in):
    answer = signed_in.post("/preferences/", {"theme": "dark"}, headers={"referer": "https://elsewhere.example/"})
    assert answer.headers["Location"] == "/"


def test_two_people_see_the_same_numbers_behind_the_same_link(client, clerk):
    store_march()
    pages = []
    for reader in (clerk, person("other")):
        client.force_login(reader)
        pages.append(table_rows(client.get(LOGS)))
    assert pages[0] == pages[1]


def test_a_preference_is_stored_on_a_page_too_long_to_redirect_to(signed_in):
    long = f"http://testserver/logs/?room={'x' * 17_000}"
    answer = signed_in.post("/preferences/", {"density": "compact"}, headers={"referer": long})
    assert (answer.headers["Location"], answer.cookies["density"].value) == ("/", "compact")


@pytest.mark.parametrize("text", ["x" * 17_000, "9" * 17_000])
def test_a_search_for_too_much_says_so(signed_in, text):
    answer = signed_in.get("/jump/", {"q": text})
    assert answer.status_code == 400
    assert "at most 255" in text_of(answer)
