"""System checks: what an operator is told before anything is read."""

import pytest
from django.core.checks import run_checks
from django.db import connection

from logsync.checks import TAG

pytestmark = pytest.mark.django_db


def found(databases=("default",)):
    return {message.id: message for message in run_checks(tags=[TAG], databases=list(databases))}


def test_without_any_project_it_is_said_how_to_get_one():
    messages = found()
    assert list(messages) == ["logsync.I001"]
    assert "SIGNALWIRE_SPACE" in messages["logsync.I001"].hint


def test_with_a_project_or_credentials_there_is_nothing_to_say(project, settings):
    assert found() == {}
    project.feeds.all().delete()
    project.delete()
    settings.SIGNALWIRE_SPACE, settings.SIGNALWIRE_PROJECT_ID, settings.SIGNALWIRE_API_TOKEN = "https://a.b", "c", "d"
    assert found() == {}


def test_half_of_the_credentials_are_a_mistake(project, settings):
    settings.SIGNALWIRE_SPACE = "https://example.signalwire.com"
    message = found(databases=())["logsync.W001"]
    assert message.msg == "SIGNALWIRE_PROJECT_ID and SIGNALWIRE_API_TOKEN are not set."


def test_a_token_that_cannot_be_decrypted_is_an_error(project, settings):
    settings.SECRET_KEY = "another"
    assert "SECRET_KEY_FALLBACKS" in found()["logsync.E001"].msg
    settings.SIGNALWIRE_PROJECT_ID, settings.SIGNALWIRE_API_TOKEN = project.signalwire_id, "PTnew"
    assert "logsync.E001" not in found()


def test_the_database_is_only_asked_where_it_may_be(project, settings):
    settings.SECRET_KEY = "another"
    assert "logsync.E001" not in found(databases=())


@pytest.mark.django_db(transaction=True)
def test_before_the_tables_are_made_nothing_breaks():
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE logsync_project RENAME TO elsewhere")
        try:
            assert found() == {}
        finally:
            cursor.execute("ALTER TABLE elsewhere RENAME TO logsync_project")
