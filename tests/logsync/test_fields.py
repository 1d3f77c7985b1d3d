"""API tokens are encrypted at rest and survive a rotation of SECRET_KEY."""

import pytest
from django.db import connection

from logsync.exceptions import SecretUnreadableError
from logsync.models import Project
from tests.support.records import make_feed

pytestmark = pytest.mark.django_db


def token_at_rest():
    with connection.cursor() as cursor:
        cursor.execute("SELECT api_token FROM logsync_project")
        return cursor.fetchone()[0]


def test_the_token_is_not_stored_in_plain_text(db):
    make_feed()
    assert "PTx" not in token_at_rest()
    assert Project.objects.get().api_token == "PTx"


def test_a_token_survives_a_key_rotation(db, settings):
    make_feed()
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new" * 20, [settings.SECRET_KEY]
    project = Project.objects.get()
    assert project.api_token == "PTx"
    project.save()
    settings.SECRET_KEY_FALLBACKS = []
    assert Project.objects.get().api_token == "PTx"


def test_a_lost_key_raises_only_when_the_token_is_read(db, settings):
    make_feed()
    settings.SECRET_KEY = "lost" * 20
    project = Project.objects.get()
    assert project.name == "Main"
    with pytest.raises(SecretUnreadableError, match="SECRET_KEY_FALLBACKS"):
        str(project.api_token)


def test_saving_with_a_lost_key_keeps_the_token(db, settings):
    make_feed()
    right_key, settings.SECRET_KEY = settings.SECRET_KEY, "lost" * 20
    Project.objects.get().save()
    settings.SECRET_KEY = right_key
    assert Project.objects.get().api_token == "PTx"
