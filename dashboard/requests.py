"""What the website asks the workers to do: tasks by their names, so that nothing here can talk to SignalWire."""

from kombu.exceptions import OperationalError

from dashboard.celery import app


def ask_for(task: str, *arguments: object) -> bool:
    """Queues a task of logsync.tasks; False when the queue cannot be reached."""
    try:
        app.send_task(f"logsync.tasks.{task}", args=arguments, retry=False)
    except (OperationalError, OSError):
        return False
    return True
