import csv
import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from logsync.models import Feed
from tests.dashboard.pages import MARCH, at, call, data_of, hrefs, store_march, table_rows, text_of
from tests.dashboard.stored import record, store, tombstone

MARCH_PAGE = f"/?{MARCH}"


def test_spend_is_one_number_to_the_cent_with_the_exact_value_on_hover(signed_in):
    store_march()
    assertContains(
        signed_in.get(MARCH_PAGE),
        '<p class="hero-number" data-announce="Spend"><span title="$6.4251">$6.43</span></p>',
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
    assert rows[-1] == ["Total", "$5.42", "$1.01", "$0.00", "$6.43", "5", "2.5"]


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


def test_every_bar_leads_to_the_rows_behind_it(signed_in):
    store_march()
    page = signed_in.get(MARCH_PAGE)
    for href, logs in [
        (f"/logs/?{MARCH}&type=laml_call", 2),
        (f"/logs/?{MARCH}&direction=inbound", 3),
        (f"/logs/?{MARCH}&direction=none", 1),
    ]:
        assert href in hrefs(page)
        assert f"{logs} log" in text_of(signed_in.get(href))


def test_a_day_leads_to_its_rows(signed_in):
    store_march()
    href = "/logs/?start=2025-03-10&end=2025-03-10"
    assert href in hrefs(signed_in.get(MARCH_PAGE))
    assert "2 logs · $3.26" in text_of(signed_in.get(href))


def test_the_change_names_the_days_that_it_compares_with(signed_in):
    store(call("before", 1, "4"), call("now", 3, "5"))
    page = text_of(signed_in.get("/?start=2025-03-03&end=2025-03-04"))
    assert "↑ 25.0% +$1.00 against 1 – 2 Mar 2025" in page


def test_a_running_period_says_that_only_the_days_that_are_over_are_compared(signed_in):
    now = timezone.now()
    store(*(record(f"{days} days ago", created_at=now - timedelta(days=days)) for days in (0, 5, 32, 70)))
    assert "the days that are over, against" in text_of(signed_in.get("/?period=last-30-days"))


def test_without_spend_before_there_is_no_percent(signed_in):
    store(call("before", 9, None), call("now", 10, "5"))
    page = text_of(signed_in.get("/?start=2025-03-10&end=2025-03-10"))
    assert "↑ $5.00 against Sun 9 Mar 2025" in page
    assert "% against" not in page


def test_days_that_were_never_read_are_not_compared_with(signed_in):
    store(call("now", 10, "5"))
    assert "nothing to compare with: no logs of Sun 9 Mar 2025 are known" in text_of(
        signed_in.get("/?start=2025-03-10&end=2025-03-10")
    )
    store(call("a little before", 9, "1"))
    assert "logs are known since Sun 9 Mar 2025 only" in text_of(signed_in.get("/?start=2025-03-10&end=2025-03-13"))


def test_figures_that_nothing_carries_are_a_dash_that_says_why(signed_in):
    store(call("a", charge=None))
    page = text_of(signed_in.get(MARCH_PAGE))
    assert "Average per call – No log of this period carries a charge" in page
    assert "Billed minutes – No log of this period carries billed time" in page


def test_tombstones_never_seen_alive_are_counted_apart_with_a_link(signed_in):
    store(call("a"), tombstone("gone", created_at=at(10)))
    page = signed_in.get(MARCH_PAGE)
    assert "Logs 1 " in text_of(page)
    assert "Deleted before read 1" in text_of(page)
    href = f"/logs/?{MARCH}&deleted=unseen"
    assert href in hrefs(page)
    assert "1 log ·" in text_of(signed_in.get(href))


def test_it_says_that_usage_is_not_the_invoice(signed_in):
    assert "this is not the invoice" in text_of(signed_in.get("/"))


def test_days_that_were_not_read_are_named_beside_the_total(signed_in):
    store_march()
    page = text_of(signed_in.get(MARCH_PAGE))
    assert "0 of 31 days complete" in page
    assert "Sat 1 Mar 2025 – Mon 31 Mar 2025" in page
    assert "not final: days are missing" in page


def test_without_a_project_it_says_what_to_do(client, admin_user):
    client.force_login(admin_user)
    page = client.get("/")
    assert "No SignalWire project yet" in text_of(page)
    assert "/admin/logsync/project/add/" in hrefs(page)


def test_who_may_not_add_a_project_is_told_whom_to_ask(signed_in):
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
    with django_assert_max_num_queries(15):
        signed_in.get(MARCH_PAGE)
