from pathlib import Path

import pytest

from dashboard.celery import app


@pytest.fixture
def unreachable_queue():
    """The folder of the file-based broker is missing."""
    folder = Path(app.conf.broker_transport_options["data_folder_out"])
    elsewhere = folder.rename(folder.with_name("elsewhere"))
    yield
    elsewhere.rename(folder)
