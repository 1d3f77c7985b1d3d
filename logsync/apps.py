from django.apps import AppConfig


class LogsyncConfig(AppConfig):
    name = "logsync"
    verbose_name = "SignalWire logs"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from logsync import checks  # noqa: F401, PLC0415 - registers itself, and needs the models
