import pytest

from tests.hostile.content import store_hostile_logs
from tests.support.pages import person


@pytest.fixture
def hostile_logs(db):
    store_hostile_logs()


@pytest.fixture
def signed_in(client, db):
    """A client signed in as staff, who also see the admin site."""
    client.force_login(person(is_staff=True, is_superuser=True))
    return client
