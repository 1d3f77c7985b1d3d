"""A space that generates a year of rows holds few of them, and shows the same ones again."""

from datetime import UTC, datetime

from logsync.simulator import Clock, Space
from logsync.simulator.recent_days import RecentDays

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def many():
    """More rows than a space keeps."""
    return Space(seed=7, now=Clock(NOON), logs_per_day=400, days=40)


def test_rows_that_were_forgotten_are_generated_again_byte_for_byte():
    space = many()
    first = {medium: space.rows(medium) for medium in ("voice", "video")}
    assert len(first["voice"]) > 8_000
    assert {medium: space.rows(medium) for medium in first} == first


def test_changes_outlast_the_days_that_are_forgotten():
    space = many()
    *_, oldest = space.rows("voice")
    middle, other = space.rows("voice")[5_000:5_002]
    space.update("voice", oldest["id"], {"status": "changed"})
    space.delete("voice", middle["id"])
    space.remove("voice", other["id"])
    for _ in range(2):
        rows = {row["id"]: row for row in space.rows("voice")}
        assert rows[oldest["id"]]["status"] == "changed"
        assert "discarded_at" in rows[middle["id"]]
        assert other["id"] not in rows


def test_a_cache_keeps_the_days_that_were_asked_for_last():
    cache, made = RecentDays(max_rows=10), []

    def ask(day, rows=4):
        return cache.get(day, lambda: made.append(day) or [day] * rows, len)

    assert ask("Monday") == ["Monday"] * 4
    ask("Tuesday")
    ask("Monday")
    ask("Wednesday")  # too many now: Tuesday goes
    ask("Monday")
    ask("Tuesday")
    assert made == ["Monday", "Tuesday", "Wednesday", "Tuesday"]
    cache.forget("Tuesday")
    ask("Tuesday")
    assert made[4:] == ["Tuesday"]


def test_a_cache_keeps_a_day_that_is_larger_than_the_cache():
    cache, made = RecentDays(max_rows=10), []
    for _ in range(2):
        cache.get("Monday", lambda: made.append(1) or [0] * 99, len)
    assert made == [1]


def test_without_a_limit_every_day_stays():
    cache, made = RecentDays(max_rows=None), []
    for _ in range(2):
        for day in range(99):
            cache.get(day, lambda day=day: made.append(day) or [day] * 999, len)
    assert made == list(range(99))
