"""Services that are kept running, and the one that will not run."""

import pytest

from dashboard import supervisor
from dashboard.supervisor import Service, ServiceFailedError, Supervisor, cut_long_log
from tests.waiting import wait_for


def test_a_service_that_ends_again_and_again_ends_the_whole(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    said = []

    def keep_running():
        services.keep_running()
        return False

    with Supervisor(said.append) as services:
        services.start(Service("web server", ("no-such-command",)))
        with pytest.raises(
            ServiceFailedError, match=r"The web server ended again and again\. Its log: .*\n.*Unknown command"
        ):
            wait_for(keep_running, 60)
    assert len(said) == supervisor.STARTS_IN_A_ROW - 1
    assert all(text.startswith("The web server ended (status 1) and is started again.") for text in said)


def test_a_log_that_has_grown_long_is_set_aside_while_it_is_written(tmp_path):
    log = tmp_path / "worker.log"
    with log.open("ab", buffering=0) as written:
        written.write(b"x" * (supervisor.LONG_LOG_BYTES + 1))
        cut_long_log(log)
        written.write(b"goes on")
    assert log.read_bytes() == b"goes on"
    assert (tmp_path / "worker.1.log").stat().st_size == supervisor.LONG_LOG_BYTES + 1


def test_a_short_log_is_left_alone(tmp_path):
    (tmp_path / "worker.log").write_text("short")
    cut_long_log(tmp_path / "worker.log")
    assert [path.name for path in tmp_path.iterdir()] == ["worker.log"]
