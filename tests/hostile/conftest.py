import pytest

from tests.dashboard.pages import person
from tests.hostile.content import store_hostile_logs


@pytest.fixture
def hostile_logs(db):
    store_hostile_logs()


@pytest.fixture
def signed_in(client, db):
    """Staff, who see the administration too."""
    client.force_login(person(is_staff=True, is_superuser=True))
    return client
