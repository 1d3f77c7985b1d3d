import pytest

from tests.support.pages import person


@pytest.fixture
def clerk(db):
    return person()


@pytest.fixture
def signed_in(client, clerk):
    """A client of somebody who may read, and is no staff."""
    client.force_login(clerk)
    return client
