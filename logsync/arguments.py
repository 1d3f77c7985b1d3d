"""What the commands take: dates, media, projects. A value that cannot be used ends the command with one line."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

from django.core.management.base import CommandError

from logsync.choices import Medium
from logsync.models import Feed, Project
from logsync.projects import SettingsMissingError, ensure_project_from_environment, missing_variables
from logsync.schedule import active_feeds

BAD_VALUE = 2
MOST_WORKERS = 32


def bad_value(message: str) -> CommandError:
    return CommandError(message, returncode=BAD_VALUE)


def date_of(option: str, value: str | None) -> date | None:
    if value is None:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise bad_value(f"{option} {value}: write a date such as 2026-11-20.") from None


def days_of(since: str | None, until: str | None) -> tuple[date, date] | None:
    """The first and the last day, both included; None when no first day is given."""
    first, last = date_of("--since", since), date_of("--until", until)
    today = datetime.now(UTC).date()
    if first is None and last is None:
        return None
    if first is None:
        raise bad_value("--until needs --since: the days from the one to the other, both included.")
    last = last or today
    if first > last:
        raise bad_value(f"--since {first} lies after {f'--until {last}' if until else 'today'}.")
    return first, last


def media_of(value: str | None) -> list[str]:
    media = [word.strip() for word in (value or "").split(",") if word.strip()]
    for medium in media:
        if medium not in Medium.values:
            raise bad_value(f"--medium {medium}: write voice, video, or voice,video.")
    return media


def workers_of(value: int) -> int:
    if not 1 <= value <= MOST_WORKERS:
        raise bad_value(f"--workers {value}: write a number from 1 to {MOST_WORKERS}.")
    return value


def feeds_of(media: Sequence[str], project: str | None) -> list[Feed]:
    """The feeds to read; where there is no project yet, that of the environment is made."""
    _ensure_any_project()
    if project is not None and not Project.objects.filter(name=project).exists():
        names = ", ".join(Project.objects.values_list("name", flat=True))
        raise bad_value(f"--project {project}: there is no such project, but {names}.")
    feeds = active_feeds(media, project or "")
    if not feeds:
        raise CommandError("Nothing to read: the project, or this kind of its logs, is switched off in the admin.")
    return feeds


def _ensure_any_project() -> None:
    if not missing_variables():
        ensure_project_from_environment()
    elif not Project.objects.exists():
        raise CommandError(f"{SettingsMissingError(missing_variables())} Set it, or add a project in the admin.")
