"""Binds each stored API token to the host that its project names, so that it cannot be sent to another one later."""

from django.db import migrations

import logsync.fields
from logsync.fields import Ciphertext, bind_stored, unbind_stored


def bind(apps, schema_editor):
    _replace(apps, schema_editor, bind_stored)


def unbind(apps, schema_editor):
    _replace(apps, schema_editor, lambda token, _host: unbind_stored(token))


def _replace(apps, schema_editor, change):
    projects = apps.get_model("logsync", "Project").objects.using(schema_editor.connection.alias)
    for pk, host, token in list(projects.values_list("pk", "space_url", "api_token")):
        projects.filter(pk=pk).update(api_token=Ciphertext(change(token, host)))


class Migration(migrations.Migration):
    dependencies = [
        ("logsync", "0005_fill_search_keys"),
    ]

    operations = [
        migrations.AlterField(
            model_name="project",
            name="api_token",
            field=logsync.fields.EncryptedField(
                bound_to="space_url",
                help_text="Encrypted at rest and never shown again.",
                verbose_name="API token",
            ),
        ),
        migrations.RunPython(bind, unbind),
    ]
