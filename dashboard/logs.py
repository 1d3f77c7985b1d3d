"""How every process logs: one line each, with the ids of what it is at, and neither secrets nor phone numbers."""

import logging.config
from typing import Any

import structlog
from django.conf import settings
from structlog.typing import EventDict, Processor

from logsync.redaction import redact

# Of the web server, the workers and the scheduler. Commands for people say only what went wrong.
LEVEL_OF_SERVICES = "INFO"
LEVEL_OF_COMMANDS = "WARNING"
FORMATS = ("text", "json")
# They would bring handlers of their own.
OF_LIBRARIES = ("django", "django.server", "celery", "_granian", "granian.access")


def logging_config(level: str, form: str, *, phone_numbers: bool) -> dict[str, Any]:
    """What logging.config.dictConfig takes. `form` is one of FORMATS."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"redacting": {"()": "logsync.redaction.RedactingFilter", "phone_numbers": phone_numbers}},
        "formatters": {"line": _formatter(form, phone_numbers=phone_numbers)},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["redacting"]}},
        "root": {"handlers": ["console"], "level": level or LEVEL_OF_COMMANDS},
        "loggers": {name: {"handlers": [], "level": "NOTSET", "propagate": True} for name in OF_LIBRARIES},
    }


def logging_of_services() -> dict[str, Any]:
    config: dict[str, Any] = settings.LOGGING
    return config | {"root": config["root"] | {"level": settings.LOG_LEVEL or LEVEL_OF_SERVICES}}


def log_as_service(**_of_celery: object) -> None:
    """From now on as the web server and the workers do, which tell what they do also while all is well."""
    logging.config.dictConfig(logging_of_services())


def _formatter(form: str, *, phone_numbers: bool) -> dict[str, Any]:
    def redacted(_logger: object, _name: str, event: EventDict) -> EventDict:
        """Also what the filter cannot reach: tracebacks and ids."""
        texts = {key: value for key, value in event.items() if isinstance(value, str)}
        return {**event, **{key: redact(text, phone_numbers=phone_numbers) for key, text in texts.items()}}

    as_json = structlog.processors.JSONRenderer(ensure_ascii=False)
    plain = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    before: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        redacted,
        as_json if form == "json" else plain,
    ]
    return {"()": structlog.stdlib.ProcessorFormatter, "foreign_pre_chain": before, "processors": last}
