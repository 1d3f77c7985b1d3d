"""`verify` compares totals with logs and logs with SignalWire; `--repair` and `rebuild_rollups` repair them."""

import json
import re
from datetime import timedelta
from datetime import timezone as fixed
from decimal import Decimal

import pytest
from django.utils import timezone

from logsync.models import DailyCharge, Feed, Log, MissingParent, Project
from logsync.simulator import Behaviour, DateRules
from tests.support.commands import run
from tests.support.pulling import ago, pull, put, put_many, today, total

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def few_days(settings):
    settings.PULL_DAYS_BACK = 3
    settings.PULL_OVERLAP_DAYS = 1


@pytest.fixture
def pulled(project, space):
    put(space, id="a", charge=Decimal("0.0000004"))
    put(space, id="b", charge=None, created_at=ago(days=2))
    put(space, "video", id="c", charge=Decimal("1234567.891234"))
    pull()
    return space


def verify(*arguments):
    return run("verify", *arguments)


def verify_json(*arguments):
    status, output = run("verify", "--json", *arguments)
    return status, json.loads(output[: output.rindex("}") + 1])


def test_pulled_logs_equal_their_totals_and_signalwire(pulled):
    assert verify()[0] == 0
    status, findings = verify_json("--remote")
    assert status == 0
    assert findings["fine"] is True
    assert findings["remote_charge_difference"] == "0"


def test_an_empty_database_has_no_differences(project):
    assert verify()[0] == 0
    assert verify("--remote")[0] == 0


def test_a_wrong_total_is_found_and_repaired(pulled):
    DailyCharge.objects.filter(medium="video").update(charge=Decimal("1234567.891233"))
    status, output = verify()
    assert status == 1
    assert "1234567.891234" in output
    assert "1234567.891233" in output
    status, findings = verify_json("--since", str(today() - timedelta(days=1)))
    assert (status, findings["totals"][0]["charge"]) == (1, "1234567.891234")
    assert verify("--repair")[0] == 0
    assert verify()[0] == 0
    assert total() == (3, Decimal("1234567.8912344"))


def test_only_the_chosen_days_are_compared(pulled):
    DailyCharge.objects.filter(medium="video").update(logs=7)
    day = str(today() - timedelta(days=2))
    assert verify("--since", day, "--until", day)[0] == 0
    assert verify("--since", day, "--until", day, "--remote")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--since", "2999-02-01", "--until", "2999-01-01"], "--since 2999-02-01 is after --until 2999-01-01."),
        (["--until", "2020-01-01"], r"The first day with data, 20\d\d-\d\d-\d\d, is after --until 2020-01-01."),
        (["--since", "2999-01-01"], r"--since 2999-01-01 is after the last day with data, 20\d\d-\d\d-\d\d."),
        (["--since", "0001-01-01"], "--since 0001-01-01: write a date from 1970 to 2999."),
        (["--until", "9999-12-31", "--remote"], "--until 9999-12-31: write a date from 1970 to 2999."),
    ],
)
def test_a_bad_range_is_refused_in_words(pulled, arguments, message):
    status, output = verify(*arguments)
    assert status == 2
    assert re.fullmatch(message, output)


def test_names_and_values_are_printed_as_they_are_but_for_control_characters(pulled):
    Project.objects.update(name="Sales [/eu] [bold]")
    put(pulled, id="[red]\x1b[2J", created_at=ago(days=2))
    DailyCharge.objects.filter(medium="video").update(charge=Decimal(7), log_type="[/x]_call")
    status, output = verify("--remote")
    assert status == 1
    assert "Sales [/eu] [bold]" in output
    assert "[/x]_call" in output
    assert "[red]⟨U+001B⟩[2J" in output
    assert "voice logs of Sales [/eu] [bold]" in run("pull", "--workers", "1")[1]


def test_missing_extra_and_different_logs_are_reported_with_their_charge(pulled):
    put(pulled, id="missing", created_at=ago(days=1), charge=Decimal("0.5"))
    pulled.update("voice", "a", {"charge": Decimal("0.25")})
    pulled.remove("video", "c")
    status, findings = verify_json("--remote")
    assert status == 1
    kinds = {row["id"]: row["kind"] for row in findings["remote"]}
    assert kinds == {"missing": "missing", "a": "different", "c": "extra"}
    assert findings["remote_charge_difference"] == "-1234567.1412344"
    status, output = verify("--remote")
    assert status == 1
    assert "3 (1 missing, 1 extra, 1 different)" in output


def test_a_row_that_is_set_aside_is_missing_however_often_it_is_read(pulled):
    created_at = ago(days=2)
    row = '{"id": %s, "created_at": "%s", "charge": %s}'
    pulled.put("voice", row % ('"bad"', created_at, '"much"'))
    pulled.put("voice", row % ("[5]", created_at, "0.43"), log_id="nameless")
    pulled.put("voice", row % ('"timeless"', "never", "0.5"), created_at=created_at)
    pull()
    status, findings = verify_json("--remote", "--repair")
    assert (status, findings["fine"]) == (1, False)
    missing = {row["id"]: (row["kind"], row["remote_charge"], row["set_aside"]) for row in findings["remote"]}
    assert missing == {
        "bad": ("missing", None, "charge is not an amount of money"),
        None: ("missing", "0.43", "id is a list, not text"),
        "timeless": ("missing", "0.5", "created_at is not a time"),
    }
    assert findings["remote_charge_difference"] == "0.93"
    status, output = verify("--remote")
    assert status == 1
    assert "3 (3 missing, 0 extra, 0 different)" in output
    assert "Of these, 3 cannot be read and are set aside" in output
    assert output.endswith("There are differences.")  # no advice that would change nothing
    day = str(today() - timedelta(days=1))
    assert verify("--remote", "--since", day)[0] == 0


def test_a_stored_log_whose_new_version_is_set_aside_is_different(pulled):
    pulled.update("voice", "a", {"charge": "much"})
    pull()
    status, findings = verify_json("--remote")
    (row,) = findings["remote"]
    assert (status, row["kind"], row["charge_difference"]) == (1, "different", "0")
    assert row["set_aside"] == "charge is not an amount of money"
    assert "Of these, 1 cannot be read and is set aside" in verify("--remote")[1]


def test_a_row_with_an_unread_field_is_no_difference(pulled):
    put(pulled, id="odd", duration="00:08:10")
    pull()
    assert verify("--remote")[0] == 0


def test_a_number_with_a_huge_exponent_is_compared(pulled):
    row = '{"id": "huge", "created_at": "%s", "charge": 1, "unknown": 1e99999999999999999999%s}'
    created_at = ago(hours=1)
    pulled.put("voice", row % (created_at, ""))
    pull()
    pulled.put("voice", row % (created_at, " "))
    assert verify("--remote")[0] == 0


def test_repair_stores_what_signalwire_has_and_deletes_nothing(pulled):
    put(pulled, id="missing", created_at=ago(days=1), charge=Decimal("0.5"))
    pulled.update("voice", "a", {"charge": Decimal("0.25")})
    assert verify("--remote", "--repair")[0] == 0
    assert total() == (4, Decimal("1234568.641234"))
    pulled.remove("video", "c")
    status, output = verify("--remote", "--repair")
    assert status == 1
    assert "1 extra" in output
    assert Log.objects.filter(id="c").exists()


def test_a_deleted_log_is_a_difference_only_until_the_next_pull(pulled):
    pulled.delete("voice", "a")
    status, findings = verify_json("--remote")
    assert (status, [row["kind"] for row in findings["remote"]]) == (1, ["different"])
    assert findings["remote_charge_difference"] == "0"
    pull()
    assert verify("--remote")[0] == 0


def test_the_order_of_keys_makes_no_difference(pulled):
    row = next(row for row in pulled.rows("voice") if row["id"] == "a")
    pulled.put("voice", dict(reversed(row.items())))
    assert verify("--remote")[0] == 0


def test_logs_newer_than_the_last_read_are_not_missing(pulled):
    put(pulled, id="new", created_at=ago(seconds=0))
    assert verify("--remote")[0] == 0


def test_days_beyond_the_history_are_not_compared(pulled):
    pulled.limit_history(today() - timedelta(days=1))
    status, output = verify("--remote")
    assert status == 0
    assert "SignalWire no longer keeps logs created up to" in output


def test_an_expired_page_token_starts_the_day_again(project, space):
    put_many(space, 1500, created_at=ago(hours=1))
    pull()
    put(space, id="missing", created_at=ago(days=2), charge=Decimal("0.5"))
    space.faults.add("expired-token on 1,2 for /api/voice")
    status, findings = verify_json("--remote", "--since", str(today() - timedelta(days=3)))
    assert (status, findings["errors"]) == (1, {})
    assert [row["id"] for row in findings["remote"]] == ["missing"]
    space.faults.add("expired-token always for /api/voice")
    assert "page token" in verify_json("--remote")[1]["errors"]["voice logs of example"]


def test_a_feed_that_cannot_be_read_is_an_error(pulled):
    pulled.faults.add("403 always for /api/video")
    status, findings = verify_json("--remote")
    assert status == 1
    assert "Video scope" in findings["errors"]["video logs of example"]
    assert findings["remote"] == []


@pytest.mark.parametrize("offset", [-12, 14])
def test_no_timezone_of_created_on_makes_a_difference(project, space, offset):
    space.behaviour = Behaviour(DateRules(zone=fixed(timedelta(hours=offset))))
    for hours in range(0, 60, 5):
        put(space, created_at=ago(hours=hours, minutes=1))
    pull()
    assert verify("--remote")[0] == 0
    assert verify("--remote", "--since", str(today() - timedelta(days=1)))[0] == 0


def test_all_pages_are_compared(project, space):
    put_many(space, 1500, created_at=ago(hours=1))
    pull()
    Log.objects.filter(pk=Log.objects.order_by("id").first().pk).delete()
    assert [row["kind"] for row in verify_json("--remote")[1]["remote"]] == ["missing"]


def test_rebuild_rollups_rebuilds_all_totals(pulled):
    DailyCharge.objects.all().delete()
    status, output = run("rebuild_rollups")
    assert status == 0
    assert "totals of" in output
    assert total() == (3, Decimal("1234567.8912344"))


def test_logs_beyond_the_history_are_neither_requested_nor_missing_nor_extra(project, space):
    for days in range(4):
        put(space, id=f"{days} days old", created_at=ago(days=days, minutes=5), charge=Decimal("0.5"))
    pull()
    space.limit_history(today() - timedelta(days=1))
    space.requests.clear()
    status, findings = verify_json("--remote", "--since", str(today() - timedelta(days=5)))
    assert (status, findings["remote"], findings["remote_charge_difference"]) == (0, [], "0")
    too_old = [request.query["created_on"] for request in space.requests if "created_on" in request.query]
    too_old = [day for day in too_old if day < str(today() - timedelta(days=1))]
    assert len(too_old) == 2  # one for each list, whose response names the limit
    assert set(findings["beyond_history"]) == {"voice logs of example", "video logs of example"}
    Feed.objects.update(history_from=today() - timedelta(days=1))
    space.requests.clear()
    assert verify_json("--remote", "--since", str(today() - timedelta(days=5)))[0] == 0
    days = [request.query["created_on"] for request in space.requests if "created_on" in request.query]
    assert min(days) == str(today() - timedelta(days=1))
    assert total() == (4, Decimal(2))


@pytest.mark.parametrize("year", [1970, 2999])
def test_a_log_of_another_age_does_not_cost_a_request_for_every_day_since(pulled, year):
    put(pulled, id="far", created_at=f"{year}-06-01T12:00:00Z", parent_id=None, charge=Decimal(1))
    put(pulled, parent_id="far")
    pull()
    MissingParent.objects.update(next_read_at=timezone.now())
    pull()
    assert Log.objects.filter(id="far").exists()
    pulled.requests.clear()
    assert verify("--remote")[0] == 0
    assert pulled.requests.total < 30
    pulled.update("voice", "far", {"charge": Decimal(2)})
    if year == 1970:
        assert [row["id"] for row in verify_json("--remote")[1]["remote"]] == ["far"]
