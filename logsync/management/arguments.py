"""Arguments of commands: dates, media, projects. A bad value ends the command with a one-line message."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

from django.core.management.base import CommandError

from logsync.models import Feed, Project
from logsync.models.choices import Medium
from logsync.parsing.wire import EARLIEST, LATEST
from logsync.projects import SettingsMissingError, ensure_project_from_environment, missing_variables
from logsync.scheduling.due_days import active_feeds
from logsync.text import shortened

USAGE_EXIT_STATUS = 2
MAX_WORKERS = 32
MAX_SHOWN = 100


def usage_error(message: str) -> CommandError:
    return CommandError(message, returncode=USAGE_EXIT_STATUS)


def date_of(option: str, value: str | None) -> date | None:
    if value is None:
        return None
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise usage_error(f"{option} {shortened(value, MAX_SHOWN)}: write a date such as 2026-11-20.") from None
    if not EARLIEST.date() <= day < LATEST.date():
        raise usage_error(f"{option} {value}: write a date from {EARLIEST.year} to {LATEST.year - 1}.")
    return day


def days_of(since: str | None, until: str | None) -> tuple[date, date] | None:
    """The first and the last day, both included; None when no first day is given."""
    first, last = date_of("--since", since), date_of("--until", until)
    if first is None and last is None:
        return None
    if first is None:
        raise usage_error("--until needs --since: give the first and the last day, both included.")
    last = last or datetime.now(UTC).date()
    if first > last:
        raise usage_error(f"--since {first} is after {f'--until {last}' if until else 'today'}.")
    return first, last


def media_of(value: str | None) -> list[str]:
    media = [word.strip() for word in (value or "").split(",") if word.strip()]
    for medium in media:
        if medium not in Medium.values:
            raise usage_error(f"--medium {medium}: write voice, video, or voice,video.")
    return media


def workers_of(value: int, option: str = "--workers") -> int:
    if not 1 <= value <= MAX_WORKERS:
        raise usage_error(f"{option} {value}: write a number from 1 to {MAX_WORKERS}.")
    return value


def feeds_of(media: Sequence[str], project: str | None) -> list[Feed]:
    """The feeds to read. Creates the project of the environment variables when it does not exist yet."""
    _ensure_any_project()
    feeds = active_feeds(media, "" if project is None else _present_name(project))
    if not feeds:
        raise CommandError("Nothing to read: the project or this medium is switched off. Switch it on in the admin.")
    return feeds


def _present_name(project: str) -> str:
    """The name of the project that has or had this one."""
    found = Project.objects.named([project]).first()
    if found is None:
        names = ", ".join(Project.objects.values_list("name", flat=True))
        shown = shortened(project, MAX_SHOWN)
        raise usage_error(f"--project {shown}: there is no such project. Choose one of: {names}.")
    return found.name


def _ensure_any_project() -> None:
    if not missing_variables():
        ensure_project_from_environment()
    elif not Project.objects.exists():
        raise CommandError(f"{SettingsMissingError(missing_variables())} Set it, or add a project on the website.")
