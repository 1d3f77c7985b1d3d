from django.apps import AppConfig


class LogsyncConfig(AppConfig):
    name = "logsync"
    verbose_name = "SignalWire logs"
    default_auto_field = "django.db.models.BigAutoField"
