"""The traffic generated from a seed."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from logsync.simulator import Clock, Space
from logsync.simulator.traffic.volume import is_spike

Row = dict[str, Any]
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
LIVE = {"queued", "initiated", "ringing", "in-progress", "answered", "created", "ending", "joined"}
CALLS = {"laml_call", "relay_pstn_call", "relay_sip_call", "relay_webrtc_call"}


def space_at(instant: datetime, **options: Any) -> Space:
    return Space(**{"seed": 3, "now": Clock(instant), "days": 30} | options)


def by_id(rows: list[Row]) -> dict[str, Row]:
    return {row["id"]: row for row in rows}


@pytest.fixture(scope="module")
def quarter() -> list[Row]:
    """Three months of voice logs, without tombstones."""
    rows = space_at(NOON, days=92, logs_per_day=300).rows("voice")
    return [row for row in rows if "type" in row]


def test_a_seed_always_gives_the_same_rows_and_another_seed_different_ones():
    first = space_at(NOON).rows("voice")
    assert space_at(NOON).rows("voice") == first
    assert not by_id(space_at(NOON, seed=4).rows("voice")).keys() & by_id(first).keys()


def test_a_later_start_gives_the_same_rows():
    """A space restarted tomorrow shows the same rows for yesterday, except for calls that were in progress."""
    before = by_id(space_at(NOON, days=10).rows("voice"))
    after = by_id(space_at(NOON + timedelta(days=1), days=11).rows("voice"))
    assert before.keys() < after.keys()
    changed = [log_id for log_id, row in before.items() if after[log_id] != row]
    assert 0 < len(changed) < len(before) / 20


def test_a_space_with_an_advanced_clock_equals_one_started_later():
    clock = Clock(NOON)
    moving = Space(seed=3, now=clock, days=5)
    moving.make_ready()
    clock.advance(days=2, hours=3)
    assert moving.rows("voice") == space_at(NOON + timedelta(days=2, hours=3), days=7).rows("voice")


def test_a_year_has_at_least_50000_logs():
    space = Space(seed=1, now=Clock(datetime(2026, 11, 21, tzinfo=UTC)))
    assert space.make_ready() >= 50_000


@pytest.mark.parametrize("hour", [0, 3, 9.05, 17, 23.99])
@pytest.mark.parametrize("medium", ["voice", "video"])
def test_some_calls_are_in_progress_at_every_hour(hour: float, medium: str):
    instant = datetime(2026, 3, 8, tzinfo=UTC) + timedelta(hours=hour)
    live = [row for row in space_at(instant, days=1).rows(medium) if row.get("status") in LIVE]
    assert live
    for row in live:
        assert (row["charge"], row["charge_details"]) == (0, [])
        assert row["ended_at"] is None if medium == "video" else row["duration"] is None


def test_a_live_call_later_ends_and_is_charged():
    clock = Clock(NOON)
    space = Space(seed=3, now=clock, days=1)
    live = [row["id"] for row in space.rows("voice") if row.get("status") in LIVE]
    clock.advance(days=3)
    later = by_id(space.rows("voice"))
    assert live
    for log_id in live:
        assert later[log_id]["status"] not in LIVE
    assert sum(later[log_id]["charge"] for log_id in live) > 0


def test_a_charge_arrives_after_the_end_of_the_call():
    clock = Clock(NOON)
    space = Space(seed=3, now=clock, days=2)
    waited = 0
    for _ in range(40):
        clock.advance(minutes=1)
        for row in space.rows("voice"):
            waited += row.get("status") == "ended" and row["duration_ms"] > 0 and not row["charge"]
    assert waited


def test_some_logs_are_deleted_and_some_charges_restated_days_later():
    rows = by_id(space_at(NOON, days=60).rows("voice"))
    later = by_id(space_at(NOON + timedelta(days=25), days=85).rows("voice"))
    gone = [log_id for log_id, row in rows.items() if "type" in row and "discarded_at" in later[log_id]]
    restated = [
        log_id
        for log_id, row in rows.items()
        if row.get("charge", 0) > 0 and later[log_id].get("charge", row["charge"]) != row["charge"]
    ]
    assert gone
    assert restated
    assert 0.001 < sum("discarded_at" in row for row in later.values()) / len(later) < 0.006


def test_child_legs_are_common_and_nested(quarter: list[Row]):
    parents = {row["id"]: row.get("parent_id") for row in quarter}
    assert 0.23 < sum(parent is not None for parent in parents.values()) / len(parents) < 0.33
    depths = Counter(depth_of(log_id, parents) for log_id in parents)
    assert {0, 1, 2, 3} <= depths.keys()


def depth_of(log_id: str, parents: dict[str, str | None]) -> int:
    parent = parents.get(log_id)
    return 1 + depth_of(parent, parents) if parent in parents else 0


def test_some_parents_are_of_the_day_before_and_some_do_not_exist(quarter: list[Row]):
    days = {row["id"]: row["created_at"][:10] for row in quarter}
    children = [row for row in quarter if row.get("parent_id")]
    assert any(days.get(row["parent_id"], days[row["id"]]) < days[row["id"]] for row in children)
    orphans = [row for row in children if row["parent_id"] not in days]
    assert 0 < len(orphans) < len(quarter) / 100


def test_children_start_after_their_parent(quarter: list[Row]):
    created_at = {row["id"]: datetime.fromisoformat(row["created_at"]) for row in quarter}
    for row in quarter:
        if row.get("parent_id") in created_at:
            assert created_at[row["parent_id"]] <= created_at[row["id"]]


def test_bills_have_the_irregularities_of_real_ones(quarter: list[Row]):
    charged = [row for row in quarter if row["charge"]]
    sums = [sum(line["charge"] for line in row["charge_details"]) for row in charged]
    assert any(total != row["charge"] for total, row in zip(sums, charged, strict=True))
    assert any(not row["charge_details"] for row in charged)
    assert any(len(line_names(row)) > len(set(line_names(row))) for row in charged)
    assert any(row["type"] in CALLS and row["billing_ms"] is None for row in charged)
    assert max(-row["charge"].as_tuple().exponent for row in charged) == 6
    assert all(row["charge"] >= 0 for row in quarter)


def line_names(row: Row) -> list[str]:
    return [line["description"] for line in row["charge_details"]]


def test_relay_calls_end_as_ended_and_laml_calls_as_completed(quarter: list[Row]):
    endings = {kind: {row["status"] for row in quarter if row["type"] == kind} for kind in CALLS}
    assert "completed" in endings["laml_call"]
    assert "ended" not in endings["laml_call"]
    assert "ended" in endings["relay_pstn_call"]
    assert "completed" not in endings["relay_pstn_call"]


def test_parties_are_phone_numbers_sip_addresses_text_or_null(quarter: list[Row]):
    parties = {row["from"] for row in quarter} | {row["to"] for row in quarter}
    assert {None, "freeswitch"} <= parties
    assert any(party and party.startswith("sip:") for party in parties)
    assert any(party and party.startswith("+44") for party in parties)


def test_weekends_are_quiet_and_a_spike_is_expensive():
    seed = 3
    day = next(
        date(2026, 1, 1) + timedelta(days=n) for n in range(400) if is_spike(seed, date(2026, 1, 1) + timedelta(days=n))
    )
    end = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=22)
    charges: Counter[str] = Counter()
    counts: Counter[int] = Counter()
    for row in space_at(end, days=42).rows("voice"):
        charges[row["created_at"][:10]] += row.get("charge", 0)
        counts[datetime.fromisoformat(row["created_at"]).weekday()] += 1
    assert counts[5] + counts[6] < counts[1]
    usual = sorted(charges.values())[len(charges) // 2]
    assert charges[str(day)] > 2 * usual


def test_times_are_written_with_and_without_milliseconds(quarter: list[Row]):
    assert {len(row["created_at"]) for row in quarter} == {len("2026-03-10T12:00:00Z"), len("2026-03-10T12:00:00.000Z")}


def test_rows_are_ordered_by_time(quarter: list[Row]):
    instants = [datetime.fromisoformat(row["created_at"][:19]) for row in quarter]
    assert all(later >= earlier for later, earlier in pairwise(instants))


def test_a_session_is_created_before_it_starts():
    sessions = [row for row in space_at(NOON).rows("video") if "type" in row]
    assert all(row["created_at"] <= row["started_at"] for row in sessions)
    assert any(row["created_at"] < row["started_at"] for row in sessions)


def test_audio_keys_and_unknown_values_are_optional():
    plain = space_at(NOON).rows("voice")
    assert not any(key.startswith("audio_") for row in plain for key in row)
    rows = space_at(NOON, audio_keys=True, novelties=0.05).rows("voice")
    call = next(row for row in rows if row.get("type") == "laml_call")
    assert len([key for key in call if key.startswith("audio_")]) == 18
    assert {"agora_call", "ai_agent_call"} & {row.get("type") for row in rows}
    assert {"transferred", "voicemail"} & {row.get("status") for row in rows}
    assert any("recording_url" in row for row in rows)


def test_bulk_gives_the_exact_number_of_rows_and_they_do_not_change():
    space = Space.bulk(rows=5_000, days=10, until=date(2026, 3, 10))
    voice, video = space.rows("voice"), space.rows("video")
    assert len(by_id(voice)) + len(by_id(video)) == 5_000
    days = Counter(row["created_at"][:10] for row in voice + video)
    assert {f"2026-03-{day:02}" for day in range(1, 10)} < days.keys()
    assert space.rows("voice") == voice
    assert Decimal(0) < sum(row.get("charge", 0) for row in voice)
