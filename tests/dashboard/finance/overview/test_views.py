import csv
import json
import re
from decimal import Decimal

import pytest
from pytest_django.asserts import assertContains, assertNotContains

from dashboard.filters.parser import MAX_VALUES
from logsync.models import Feed
from tests.support.pages import MARCH, at, call, data_of, hrefs, store_march, table_rows, text_of
from tests.support.stored_logs import mark_read, store, tombstone

MARCH_PAGE = f"/?{MARCH}"


def test_spend_is_one_number_to_the_cent_with_the_exact_value_on_hover(signed_in):
    store_march()
    assertContains(
        signed_in.get(MARCH_PAGE),
        '<p class="hero-number" data-announce="Spend">'
        '<span title="$6.4251" role="img" aria-label="$6.4251">$6.43</span></p>',
        html=True,
    )


def test_the_same_query_gives_the_same_figures_on_page_chart_json_and_csv(signed_in):
    store_march()
    page = signed_in.get(MARCH_PAGE)
    chart = data_of(page, "chart-data")
    answer = json.loads(signed_in.get(f"/charges.json?{MARCH}&group_by=day").content)
    exported = b"".join(signed_in.get(f"/charges.csv?{MARCH}&group_by=day").streaming_content).decode()
    by_day = {row["day"]: Decimal(row["charge"]) for row in answer["rows"]}
    drawn = dict(zip(chart["days"], map(Decimal, chart["totals"]), strict=True))
    assert {day: charge for day, charge in drawn.items() if charge} == {d: c for d, c in by_day.items() if c}
    assert {row["day"]: Decimal(row["charge"]) for row in csv.DictReader(exported.splitlines())} == by_day
    assert sum(drawn.values()) == Decimal(answer["total"]["charge"]) == Decimal("6.4251")
    stacked = [sum(Decimal(one["charges"][place]) for one in chart["series"]) for place in range(len(drawn))]
    assert stacked == list(drawn.values())


def test_the_table_under_the_chart_has_every_day_and_a_total(signed_in):
    store_march()
    rows = table_rows(signed_in.get(MARCH_PAGE))
    assert rows[0] == ["Day", "LaML call", "PSTN call", "SIP call", "Total", "Logs", "Billed min"]
    assert len(rows) == 1 + 31 + 1
    assert ["Mon 10 Mar 2025", "$2.25", "$1.01", "$0.00", "$3.26", "2", "2.5"] in rows
    assert rows[-1] == ["Total", "$5.42", "$1.01", "$0.0001", "$6.43", "5", "2.5"]


def test_a_tiny_charge_does_not_look_free(signed_in):
    store(*(call(f"tiny-{number}", 10, "0.0000004") for number in range(3)), call("before", 9, "-0.000002"))
    mark_read()
    page = signed_in.get("/?start=2025-03-10&end=2025-03-10")
    assert "$0.0000012 " in text_of(page)
    assert "Average per charged log $0.0000004 " in text_of(page)
    assert "↑ $0.0000032 " in text_of(page)
    assert ["Mon 10 Mar 2025", "$0.0000012", "$0.0000012", "3", "–"] in table_rows(page)
    assert "$0.00 " not in text_of(page)
    assert "3 logs · $0.0000012" in text_of(signed_in.get("/logs/?start=2025-03-10&end=2025-03-10"))


def test_the_average_is_rounded_half_up(signed_in):
    store(call("a", 10, "0.02"), call("b", 10, "0.0001"), call("c", 10, "0.01005"), call("d", 11, "0.00001"))
    assert "Average per charged log $0.0101 " in text_of(signed_in.get("/?start=2025-03-10&end=2025-03-10"))
    store(call("a", 10, "0.0203"))
    page = signed_in.get("/?start=2025-03-10&end=2025-03-10")
    assert "Average per charged log $0.0102 " in text_of(page)
    assertContains(page, 'title="$0.03045 over 3 logs with a charge"')


def test_rounded_parts_that_do_not_add_to_their_total_are_explained(signed_in):
    days = {"a": ("laml_call", "0.014"), "b": ("relay_pstn_call", "0.014"), "c": ("relay_sip_call", "0.014")}
    store(*(call(name, 10, charge, log_type=log_type) for name, (log_type, charge) in days.items()))
    page = signed_in.get(MARCH_PAGE)
    assert "$0.04 " in text_of(page)
    # Under the chart, the types and the table, but not under the one direction.
    assert text_of(page).count("Rounded; the exact total is $0.042.") == 3
    assert data_of(page, "chart-data")["rounded"] == {"9": True}


def test_nothing_is_explained_where_the_parts_add_up(signed_in):
    store(call("a", 10, "1.25", log_type="laml_call"), call("b", 11, "-0.25"))
    assert "Rounded" not in text_of(signed_in.get(MARCH_PAGE))


def test_a_credit_has_an_amount_and_a_bar_to_the_left_but_no_share(signed_in):
    store(call("spend", 10, "10", log_type="laml_call"), call("credit", 10, "-8", log_type="relay_sip_call"))
    page = signed_in.get(MARCH_PAGE)
    body = page.content.decode()
    assert "$2.00 " in text_of(page)
    assert "LaML call $10.00 SIP call −$8.00 credit" in text_of(page)
    bars = re.findall(r'<rect( class="credit")? x="(\d+)" width="(\d+)"', body)
    assert bars[:2] == [("", "444", "555"), (' class="credit"', "0", "444")]
    assert "%" not in text_of(page).partition("By type")[2].partition("By direction")[0]


@pytest.mark.parametrize(
    ("dimension", "columns"),
    [("direction", ["inbound", "outbound", "no direction"]), ("medium", ["voice"])],
)
def test_the_columns_can_be_stacked_by_another_dimension(signed_in, dimension, columns):
    store_march()
    rows = table_rows(signed_in.get(f"{MARCH_PAGE}&group_by={dimension}"))
    assert rows[0][1:-3] == columns


def test_more_than_six_groups_are_six_and_other(signed_in):
    store(*(call(f"log-{number}", 10, str(10 - number), log_type=f"type_{number}") for number in range(9)))
    page = signed_in.get(MARCH_PAGE)
    assert table_rows(page)[0][1:-3] == [*(f"type_{number}" for number in range(6)), "other"]
    [other] = [one for one in data_of(page, "chart-data")["series"] if one["label"] == "other"]
    assert Decimal(other["charges"][9]) == Decimal(4 + 3 + 2)
    assert "type=type_6&type=type_7&type=type_8" in other["rows"]


def test_more_values_than_a_filter_can_have_are_no_link(signed_in):
    store(*(call(f"log-{number}", 10, "1", source=f"source {number:03}") for number in range(MAX_VALUES + 10)))
    page = signed_in.get(f"{MARCH_PAGE}&group_by=source")
    assert "other" in table_rows(page)[0]
    links = [href for href in hrefs(page) if "source=" in href]
    assert links
    assert {signed_in.get(f"/{href}" if href.startswith("?") else href).status_code for href in links} == {200}
    chosen = "&".join(f"source=source+{number:03}" for number in range(MAX_VALUES))
    page = signed_in.get(f"{MARCH_PAGE}&group_by=source&{chosen}")
    [rest] = [href for href in hrefs(page) if href.startswith("?") and href.count("source=") == MAX_VALUES - 194]
    assert signed_in.get(f"/{rest}").status_code == 200


def test_every_bar_links_to_its_logs(signed_in):
    store_march()
    page = signed_in.get(MARCH_PAGE)
    for href, logs in [
        (f"/logs/?{MARCH}&type=laml_call", 2),
        (f"/logs/?{MARCH}&direction=inbound", 3),
        (f"/logs/?{MARCH}&direction=none", 1),
    ]:
        assert href in hrefs(page)
        assert f"{logs} log" in text_of(signed_in.get(href))


@pytest.mark.parametrize("parameter", ["room", "id", "project", "description"])
def test_a_day_links_to_its_logs_whatever_the_filter_holds(signed_in, parameter):
    store_march()
    assert signed_in.get(f"/?{parameter}=0001-01-01&start=2025-03-10&end=2025-03-12").status_code == 200


def test_a_day_links_to_its_logs(signed_in):
    store_march()
    href = "/logs/?start=2025-03-10&end=2025-03-10"
    assert href in hrefs(signed_in.get(MARCH_PAGE))
    assert "2 logs · $3.26" in text_of(signed_in.get(href))


def test_a_missing_figure_is_a_dash_with_the_reason(signed_in):
    store(call("a", charge=None))
    page = text_of(signed_in.get(MARCH_PAGE))
    assert "Average per charged log – No log of this period has a charge" in page
    assert "Billed minutes – No log of this period has billed time" in page


def test_logs_deleted_before_read_are_counted_apart_with_a_link(signed_in):
    store(call("a"), tombstone("gone", created_at=at(10)))
    page = signed_in.get(MARCH_PAGE)
    assert "Logs 1 " in text_of(page)
    assert "Deleted at SignalWire before Tollbook read them 1" in text_of(page)
    href = f"/logs/?{MARCH}&deleted=unseen"
    assert href in hrefs(page)
    assert "1 log ·" in text_of(signed_in.get(href))


def test_it_says_that_usage_is_not_the_invoice(signed_in):
    assert "this is not the invoice" in text_of(signed_in.get("/"))


def test_days_that_were_not_read_are_named(signed_in):
    store_march()
    page = text_of(signed_in.get(MARCH_PAGE))
    assert "0 of 31 days complete" in page
    assert "Sat 1 Mar 2025 – Mon 31 Mar 2025" in page
    assert "not final: some days are not complete" in page


def test_without_a_project_it_says_what_to_do(client, admin_user):
    client.force_login(admin_user)
    page = client.get("/")
    assert "No SignalWire project yet" in text_of(page)
    assert "/projects/add/" in hrefs(page)


def test_people_without_the_right_to_add_a_project_are_told_whom_to_ask(signed_in):
    assert "Ask someone with administration rights" in text_of(signed_in.get("/"))


def test_before_the_first_log_it_says_that_reading_has_begun(signed_in):
    store()
    assert Feed.objects.exists()
    assert "Nothing has been read yet" in text_of(signed_in.get("/"))


def test_when_nothing_matches_the_conditions_can_be_removed(signed_in):
    store_march()
    Feed.objects.update(read_until=at(31))
    page = signed_in.get(f"{MARCH_PAGE}&type=laml_call&direction=outbound-dial")
    assert "No logs match" in text_of(page)
    assert f"/?{MARCH}&type=laml_call" in hrefs(page)
    assert f"/?{MARCH}&direction=outbound-dial" in hrefs(page)


def test_the_legend_adds_its_value_to_the_filter_and_takes_it_out_again(signed_in):
    store_march()
    assert f"?{MARCH}&type=laml_call" in hrefs(signed_in.get(MARCH_PAGE))
    assert f"?{MARCH}" in hrefs(signed_in.get(f"{MARCH_PAGE}&type=laml_call"))


def test_hostile_values_stay_text(signed_in):
    nasty = '"><script>alert(1)</script>'
    store(call("a", log_type=nasty, direction=nasty, status=nasty))
    for dimension in ("type", "direction", "status"):
        page = signed_in.get(f"{MARCH_PAGE}&group_by={dimension}")
        assertNotContains(page, "<script>alert")
        assertContains(page, "alert(1)")


def test_a_period_in_the_future_has_no_figures_and_no_error(signed_in):
    store_march()
    assert signed_in.get("/?start=2099-01-01&end=2099-01-31").status_code == 200


def test_all_time_begins_with_the_first_log(signed_in):
    store_march()
    page = signed_in.get("/?period=all")
    assert data_of(page, "chart-data")["days"][0] == "2025-03-10"


@pytest.mark.parametrize("days", [2, 31])
def test_the_number_of_queries_does_not_depend_on_the_logs(signed_in, django_assert_max_num_queries, days):
    store(*(call(f"log-{number}", 1 + number % days, log_type=f"type-{number % 7}") for number in range(40)))
    with django_assert_max_num_queries(19):
        signed_in.get(MARCH_PAGE)
