"""API tokens at rest: encrypted, and readable through a rotation of SECRET_KEY."""

import pytest
from django.db import connection

from logsync.exceptions import SecretUnreadableError
from logsync.models import Project
from tests.logsync.storing import make_feed

pytestmark = pytest.mark.django_db


def token_at_rest():
    with connection.cursor() as cursor:
        cursor.execute("SELECT api_token FROM logsync_project")
        return cursor.fetchone()[0]


def test_the_token_is_not_in_the_database_in_clear(db):
    make_feed()
    assert "PTx" not in token_at_rest()
    assert Project.objects.get().api_token == "PTx"


def test_a_token_survives_the_rotation_of_the_key(db, settings):
    make_feed()
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new" * 20, [settings.SECRET_KEY]
    project = Project.objects.get()
    assert project.api_token == "PTx"
    project.save()
    settings.SECRET_KEY_FALLBACKS = []
    assert Project.objects.get().api_token == "PTx"


def test_a_lost_key_is_said_in_plain_words_and_only_where_the_token_is_needed(db, settings):
    make_feed()
    settings.SECRET_KEY = "lost" * 20
    project = Project.objects.get()
    assert project.name == "Main"
    with pytest.raises(SecretUnreadableError, match="SECRET_KEY_FALLBACKS"):
        str(project.api_token)


def test_saving_a_project_whose_key_is_lost_keeps_its_token(db, settings):
    make_feed()
    right_key, settings.SECRET_KEY = settings.SECRET_KEY, "lost" * 20
    Project.objects.get().save()
    settings.SECRET_KEY = right_key
    assert Project.objects.get().api_token == "PTx"
