"""System checks of the configuration and of the stored projects."""

import pytest
from django.core.checks import run_checks
from django.db import connection

from logsync.checks import TAG
from logsync.fields import encrypt
from logsync.models import Project

pytestmark = pytest.mark.django_db


def check_messages(databases=("default",)):
    return {message.id: message for message in run_checks(tags=[TAG], databases=list(databases))}


def test_without_a_project_the_hint_says_how_to_add_one():
    messages = check_messages()
    assert list(messages) == ["logsync.I001"]
    assert "SIGNALWIRE_SPACE" in messages["logsync.I001"].hint


def test_a_project_or_credentials_give_no_message(project, settings):
    assert check_messages() == {}
    project.feeds.all().delete()
    project.delete()
    settings.SIGNALWIRE_SPACE, settings.SIGNALWIRE_PROJECT_ID, settings.SIGNALWIRE_API_TOKEN = "https://a.b", "c", "d"
    assert check_messages() == {}


def test_incomplete_credentials_are_a_warning(project, settings):
    settings.SIGNALWIRE_SPACE = "https://example.signalwire.com"
    message = check_messages(databases=())["logsync.W001"]
    assert message.msg == "SIGNALWIRE_PROJECT_ID and SIGNALWIRE_API_TOKEN are not set."


def test_a_token_that_cannot_be_decrypted_is_an_error(project, settings):
    settings.SECRET_KEY = "another"
    assert "SECRET_KEY_FALLBACKS" in check_messages()["logsync.E001"].msg
    settings.SIGNALWIRE_PROJECT_ID, settings.SIGNALWIRE_API_TOKEN = project.signalwire_id, "PTnew"
    assert "logsync.E001" not in check_messages()


def test_a_token_that_was_given_for_another_host_is_a_warning(project):
    """An error would keep the database from being migrated."""
    Project.objects.update(space_url="https://evil.example")
    messages = check_messages()
    assert list(messages) == ["logsync.W002"]
    assert "not for evil.example. Enter the token again." in messages["logsync.W002"].msg


def test_a_token_from_before_the_migration_that_binds_it_gives_no_message(project):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE logsync_project SET api_token = %s", [encrypt("PTold")])
    assert check_messages() == {}


def test_the_database_is_checked_only_when_requested(project, settings):
    settings.SECRET_KEY = "another"
    assert "logsync.E001" not in check_messages(databases=())


@pytest.mark.django_db(transaction=True)
def test_a_database_without_tables_gives_no_message():
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE logsync_project RENAME TO elsewhere")
        try:
            assert check_messages() == {}
        finally:
            cursor.execute("ALTER TABLE elsewhere RENAME TO logsync_project")
