"""On PostgreSQL, compare ids and values of logs byte by byte, as SQLite, Python and the columnar copy do.

Lists then have one order wherever the database was made. It locks each table while its indexes are built again.
"""

from django.db import migrations

COLUMNS = {
    "logsync_log": (
        *("id", "log_type", "source", "direction", "status"),
        *("from_number", "to_number", "room_name", "parent_id"),
    ),
    "logsync_chargechange": ("log_id",),
    "logsync_missingparent": ("log_id",),
    "logsync_phonenumber": ("value",),
    "logsync_quarantinedrow": ("log_id",),
    "logsync_searchtext": ("value",),
}
LIMITED = {"logsync_phonenumber": "varchar(200)", "logsync_searchtext": "varchar(200)"}


def compare_bytes(_apps, schema_editor):
    _collate(schema_editor, '"C"')


def compare_by_locale(_apps, schema_editor):
    _collate(schema_editor, '"default"')


def _collate(schema_editor, collation):
    if schema_editor.connection.vendor != "postgresql":
        return
    for table, columns in COLUMNS.items():
        type_ = LIMITED.get(table, "text")
        changes = ", ".join(f'ALTER COLUMN "{column}" TYPE {type_} COLLATE {collation}' for column in columns)
        schema_editor.execute(f'ALTER TABLE "{table}" {changes}')
        schema_editor.execute(f'ANALYZE "{table}"')  # the change drops the statistics of the columns


class Migration(migrations.Migration):
    dependencies = [("logsync", "0006_bind_tokens")]

    operations = [migrations.RunPython(compare_bytes, compare_by_locale)]
