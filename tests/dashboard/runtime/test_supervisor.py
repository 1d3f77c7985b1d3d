"""Restarting services, giving up, and rotating logs."""

import pytest

from dashboard.runtime import supervisor
from dashboard.runtime.supervisor import Service, ServiceFailedError, Supervisor, rotate_log
from tests.waiting import wait_for


def test_a_service_that_keeps_ending_stops_everything(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    said = []

    def keep_running():
        services.keep_running()
        return False

    with Supervisor(said.append) as services:
        services.start(Service("web server", ("no-such-command",)))
        with pytest.raises(ServiceFailedError, match=r"The web server keeps ending\. Its log: .*\n.*Unknown command"):
            wait_for(keep_running, 60)
    assert len(said) == supervisor.MAX_STARTS - 1
    assert all(text.startswith("The web server ended (status 1); restarting it.") for text in said)


def test_a_long_log_is_rotated_while_it_is_written(tmp_path):
    log = tmp_path / "worker.log"
    with log.open("ab", buffering=0) as written:
        written.write(b"x" * (supervisor.MAX_LOG_BYTES + 1))
        rotate_log(log)
        written.write(b"continues")
    assert log.read_bytes() == b"continues"
    assert (tmp_path / "worker.1.log").stat().st_size == supervisor.MAX_LOG_BYTES + 1


def test_a_short_log_is_left_alone(tmp_path):
    (tmp_path / "worker.log").write_text("short")
    rotate_log(tmp_path / "worker.log")
    assert [path.name for path in tmp_path.iterdir()] == ["worker.log"]


def test_a_log_file_that_somebody_deleted_stops_nothing(tmp_path):
    rotate_log(tmp_path / "gone.log")
