"""Logging of all processes: one line per event, with its context ids, without secrets or phone numbers."""

import logging.config
from typing import Any

import structlog
from django.conf import settings
from structlog.typing import EventDict, Processor

from logsync.redaction import redact

# Services are the web server, the workers and the scheduler. Commands run by people log only problems.
SERVICE_LEVEL = "INFO"
COMMAND_LEVEL = "WARNING"
FORMATS = ("text", "json")
SERVER_ERROR = 500
# These libraries would add their own handlers.
LIBRARY_LOGGERS = ("django", "django.server", "celery", "_granian", "granian.access")


class RefusalFilter(logging.Filter):
    """Leaves the traceback out where a request was refused: what was wrong is in the request. Never drops a record."""

    def filter(self, record: logging.LogRecord) -> bool:
        if getattr(record, "status_code", SERVER_ERROR) < SERVER_ERROR:
            record.exc_info = record.exc_text = None
        return True


def logging_config(level: str, form: str, *, phone_numbers: bool) -> dict[str, Any]:
    """A configuration for logging.config.dictConfig. `form` is one of FORMATS; an empty level means COMMAND_LEVEL."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {
            "refusals": {"()": RefusalFilter},
            "redacting": {"()": "logsync.redaction.RedactingFilter", "phone_numbers": phone_numbers},
        },
        "formatters": {"line": _formatter(form, phone_numbers=phone_numbers)},
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["refusals", "redacting"]}
        },
        "root": {"handlers": ["console"], "level": level or COMMAND_LEVEL},
        "loggers": {name: {"handlers": [], "level": "NOTSET", "propagate": True} for name in LIBRARY_LOGGERS}
        # It reports every sign-in in several lines that hide who it was; dashboard.access.attempts says what counts.
        | {"axes": {"level": "WARNING"}},
    }


def logging_of_services() -> dict[str, Any]:
    config: dict[str, Any] = settings.LOGGING
    return config | {"root": config["root"] | {"level": settings.LOG_LEVEL or SERVICE_LEVEL}}


def log_as_service(**_celery_arguments: object) -> None:
    """Configure this process's logging as a service."""
    logging.config.dictConfig(logging_of_services())


def _formatter(form: str, *, phone_numbers: bool) -> dict[str, Any]:
    def redacted(_logger: object, _name: str, event: EventDict) -> EventDict:
        """Covers tracebacks and context ids, which the logging filter cannot reach."""
        texts = {key: value for key, value in event.items() if isinstance(value, str)}
        return {**event, **{key: redact(text, phone_numbers=phone_numbers) for key, text in texts.items()}}

    json_renderer = structlog.processors.JSONRenderer(ensure_ascii=False)
    text_renderer = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    pre_chain: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    processors: list[Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        redacted,
        json_renderer if form == "json" else text_renderer,
    ]
    return {"()": structlog.stdlib.ProcessorFormatter, "foreign_pre_chain": pre_chain, "processors": processors}
