"""Fills what 0004 added. Repeatable, and without one long transaction, so that pages and pulls go on meanwhile."""

from datetime import UTC, timedelta

from django.db import migrations
from django.db.models import Q
from django.db.models.functions import Left

from logsync.exceptions import RowError
from logsync.parsing.parser import parse_log
from logsync.parsing.phone_numbers import folded, party_of

BATCH = 1_000
INDEXED = 200
PRICED_WITHIN = timedelta(days=1)


def fill_numbers(apps, _schema_editor):
    numbers = apps.get_model("logsync", "PhoneNumber").objects
    while batch := list(numbers.filter(key="").order_by("pk")[:BATCH]):
        for number in batch:
            party = party_of(number.value)
            number.key, number.kind, number.text = party.key, party.kind, folded(number.value)
        # Ten times as fast as bulk_update.
        numbers.bulk_create(
            batch, update_conflicts=True, unique_fields=["value"], update_fields=["key", "kind", "text"]
        )


def fill_texts(apps, _schema_editor):
    logs, texts = apps.get_model("logsync", "Log").objects, apps.get_model("logsync", "SearchText")
    for kind, column in (("room", "room_name"), ("description", "descriptions")):
        values = logs.exclude(**{f"{column}__isnull": True}).exclude(**{column: ""}).order_by()
        values = values.values_list(Left(column, INDEXED), flat=True).distinct()
        rows = [texts(kind=kind, value=value, text=folded(value)) for value in values]
        texts.objects.bulk_create(rows, batch_size=BATCH, ignore_conflicts=True)


def read_set_aside_rows(apps, _schema_editor):
    """Fill what can be read of rows set aside, and keep the latest of each log.

    The day of one that can be read now is due again, with the days beside it: it may be listed under one of them.
    """
    units = apps.get_model("logsync", "PullUnit").objects
    seen = set()
    for row in apps.get_model("logsync", "QuarantinedRow").objects.order_by("-last_seen_at", "-pk").iterator(BATCH):
        try:
            record = parse_log(row.raw.encode())
            row.log_id, row.created_at, row.charge = record.id, record.created_at, record.charge
            day = record.created_at.astimezone(UTC).date()
            beside = (day - timedelta(days=1), day + timedelta(days=1))
            units.filter(feed_id=row.feed_id, day__range=beside).update(state="waiting", read_at=None)
        except RowError as error:
            row.log_id, row.created_at, row.charge = error.log_id, error.created_at, error.charge
            # Bytes that are not UTF-8 were stored escaped, so that reading them again finds something else.
            row.reason = row.reason if row.reason.endswith("not UTF-8") else str(error)
        if row.log_id and (row.feed_id, row.log_id) in seen:
            row.delete()
            continue
        seen.add((row.feed_id, row.log_id))
        row.save(update_fields=["log_id", "created_at", "charge", "reason"])


def drop_blank_parents(apps, _schema_editor):
    apps.get_model("logsync", "Log").objects.filter(parent_id__in=["", "0"]).update(parent_id=None)


def mark_first_prices(apps, _schema_editor):
    logs, changes = (apps.get_model("logsync", name).objects for name in ("Log", "ChargeChange"))
    unpriced = changes.filter(Q(old_charge=None) | Q(old_charge=0), was_final=True, is_first_price=False)
    for change in unpriced.iterator(BATCH):
        key = {"project_id": change.project_id, "medium": change.medium, "id": change.log_id}
        ended_at = logs.filter(**key).values_list("ended_at", flat=True).first()
        if change.changed_at - (ended_at or change.log_created_at) <= PRICED_WITHIN:
            changes.filter(pk=change.pk).update(is_first_price=True)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("logsync", "0004_search_keys_and_set_aside"),
    ]

    operations = [
        migrations.RunPython(fill_numbers, migrations.RunPython.noop),
        migrations.RunPython(fill_texts, migrations.RunPython.noop),
        migrations.RunPython(read_set_aside_rows, migrations.RunPython.noop),
        migrations.RunPython(drop_blank_parents, migrations.RunPython.noop),
        migrations.RunPython(mark_first_prices, migrations.RunPython.noop),
    ]
