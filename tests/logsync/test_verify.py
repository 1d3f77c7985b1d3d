"""`verify`: totals against logs, logs against SignalWire, and `--repair` and `rebuild_rollups` to mend them."""

import json
from datetime import timedelta, timezone
from decimal import Decimal

import pytest

from logsync.models import DailyCharge, Feed, Log
from logsync.simulator import Behaviour, DateRules
from tests.logsync.commands import run
from tests.logsync.pulling import ago, pull, put, put_many, today, total

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


def found(*arguments):
    status, said = run("verify", "--json", *arguments)
    return status, json.loads(said[: said.rindex("}") + 1])


def test_what_was_pulled_is_fine_here_and_against_signalwire(pulled):
    assert verify()[0] == 0
    status, findings = found("--remote")
    assert status == 0
    assert findings["fine"] is True
    assert findings["remote_charge_difference"] == "0"


def test_nothing_at_all_is_fine_too(project):
    assert verify()[0] == 0
    assert verify("--remote")[0] == 0


def test_a_total_that_is_not_the_sum_of_its_logs_is_found_and_repaired(pulled):
    DailyCharge.objects.filter(medium="video").update(charge=Decimal("1234567.891233"))
    status, said = verify()
    assert status == 1
    assert "1234567.891234" in said
    assert "1234567.891233" in said
    status, findings = found("--since", str(today() - timedelta(days=1)))
    assert (status, findings["totals"][0]["charge"]) == (1, "1234567.891234")
    assert verify("--repair")[0] == 0
    assert verify()[0] == 0
    assert total() == (3, Decimal("1234567.8912344"))


def test_only_the_chosen_days_are_compared(pulled):
    DailyCharge.objects.filter(medium="video").update(logs=7)
    day = str(today() - timedelta(days=2))
    assert verify("--since", day, "--until", day)[0] == 0
    assert verify("--since", day, "--until", day, "--remote")[0] == 0
    status, said = verify("--since", day, "--until", "2020-01-01")
    assert status == 2
    assert "lies after" in said


def test_rows_that_are_missing_extra_or_different_are_named_with_their_charge(pulled):
    put(pulled, id="missing", created_at=ago(days=2, hours=1), charge=Decimal("0.5"))
    pulled.update("voice", "a", {"charge": Decimal("0.25")})
    pulled.remove("video", "c")
    status, findings = found("--remote")
    assert status == 1
    kinds = {row["id"]: row["kind"] for row in findings["remote"]}
    assert kinds == {"missing": "missing", "a": "different", "c": "extra"}
    assert findings["remote_charge_difference"] == "-1234567.1412344"
    status, said = verify("--remote")
    assert status == 1
    assert "3 (1 missing, 1 extra, 1 different)" in said


def test_repair_stores_what_signalwire_has_and_deletes_nothing(pulled):
    put(pulled, id="missing", created_at=ago(days=2, hours=1), charge=Decimal("0.5"))
    pulled.update("voice", "a", {"charge": Decimal("0.25")})
    assert verify("--remote", "--repair")[0] == 0
    assert total() == (4, Decimal("1234568.641234"))
    pulled.remove("video", "c")
    status, said = verify("--remote", "--repair")
    assert status == 1
    assert "1 extra" in said
    assert Log.objects.filter(id="c").exists()


def test_a_deleted_log_is_no_difference_once_that_is_known(pulled):
    pulled.delete("voice", "a")
    status, findings = found("--remote")
    assert (status, [row["kind"] for row in findings["remote"]]) == (1, ["different"])
    assert findings["remote_charge_difference"] == "0"
    pull()
    assert verify("--remote")[0] == 0


def test_the_order_of_keys_is_no_difference(pulled):
    row = next(row for row in pulled.rows("voice") if row["id"] == "a")
    pulled.put("voice", dict(reversed(row.items())))
    assert verify("--remote")[0] == 0


def test_what_came_after_the_last_reading_is_not_called_missing(pulled):
    put(pulled, id="new", created_at=ago(seconds=0))
    assert verify("--remote")[0] == 0


def test_days_beyond_the_history_are_not_compared(pulled):
    pulled.limit_history(today() - timedelta(days=1))
    status, said = verify("--remote")
    assert status == 0
    assert "SignalWire keeps no more what was created up to" in said


def test_what_cannot_be_asked_is_an_error(pulled):
    pulled.faults.add("403 always for /api/video")
    status, findings = found("--remote")
    assert status == 1
    assert "Video scope" in findings["errors"]["video logs of example"]
    assert findings["remote"] == []


@pytest.mark.parametrize("offset", [-12, 14])
def test_no_timezone_of_created_on_makes_a_difference(project, space, offset):
    space.behaviour = Behaviour(DateRules(zone=timezone(timedelta(hours=offset))))
    for hours in range(0, 60, 5):
        put(space, created_at=ago(hours=hours, minutes=1))
    pull()
    assert verify("--remote")[0] == 0
    assert verify("--remote", "--since", str(today() - timedelta(days=1)))[0] == 0


def test_pages_are_compared_to_the_last(project, space):
    put_many(space, 1500, created_at=ago(hours=1))
    pull()
    Log.objects.filter(pk=Log.objects.order_by("id").first().pk).delete()
    assert [row["kind"] for row in found("--remote")[1]["remote"]] == ["missing"]


def test_rebuild_rollups_makes_all_totals_anew(pulled):
    DailyCharge.objects.all().delete()
    status, said = run("rebuild_rollups")
    assert status == 0
    assert "totals of" in said
    assert total() == (3, Decimal("1234567.8912344"))


def test_days_beyond_the_history_are_neither_asked_for_nor_missing_nor_extra(project, space):
    for days in range(4):
        put(space, id=f"{days} days old", created_at=ago(days=days, minutes=5), charge=Decimal("0.5"))
    pull()
    space.limit_history(today() - timedelta(days=1))
    space.requests.clear()
    status, findings = found("--remote", "--since", str(today() - timedelta(days=5)))
    assert (status, findings["remote"], findings["remote_charge_difference"]) == (0, [], "0")
    too_old = [request.query["created_on"] for request in space.requests if "created_on" in request.query]
    too_old = [day for day in too_old if day < str(today() - timedelta(days=1))]
    assert len(too_old) == 2  # one of each list: its answer names the limit
    assert set(findings["beyond_history"]) == {"voice logs of example", "video logs of example"}
    Feed.objects.update(history_from=today() - timedelta(days=1))
    space.requests.clear()
    assert found("--remote", "--since", str(today() - timedelta(days=5)))[0] == 0
    days = [request.query["created_on"] for request in space.requests if "created_on" in request.query]
    assert min(days) == str(today() - timedelta(days=1))
    assert total() == (4, Decimal(2))
