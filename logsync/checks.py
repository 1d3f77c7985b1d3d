"""Django system checks: what an operator is told before anything is read. Those that look into the database run with
`migrate` and `check --database default`, also while its tables are still to be made."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Tags, register
from django.db import DatabaseError, connections

from logsync.exceptions import SecretUnreadableError
from logsync.models import Project
from logsync.projects import VARIABLES, SettingsMissingError, missing_variables

TAG = "logsync"


@register(TAG)
def check_variables(**_: Any) -> list[CheckMessage]:
    """Some of the three are set, but not all: that is no wish to do without."""
    missing = missing_variables()
    if missing and len(missing) < len(VARIABLES):
        hint = "Set all of SIGNALWIRE_SPACE, SIGNALWIRE_PROJECT_ID and SIGNALWIRE_API_TOKEN, or none of them."
        return [checks.Warning(str(SettingsMissingError(missing)), hint=hint, id="logsync.W001")]
    return []


@register(TAG, Tags.database)
def check_projects(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    for alias in databases or []:
        projects = _projects(alias)
        if projects is not None:
            found += _nothing_to_read(projects) + [message for project in projects for message in _unreadable(project)]
    return found


def _projects(alias: str) -> list[Project] | None:
    """None where there is no table yet, or no database."""
    try:
        if Project._meta.db_table not in connections[alias].introspection.table_names():  # noqa: SLF001 - public in fact
            return None
        return list(Project.objects.using(alias))
    except DatabaseError:  # whoever needs the database says so; a check is too early
        return None


def _nothing_to_read(projects: list[Project]) -> list[CheckMessage]:
    if projects or not missing_variables():
        return []
    hint = f"Set {', '.join(VARIABLES)}, or add a project in the admin."
    return [checks.Info("There is no SignalWire project to read logs from.", hint=hint, id="logsync.I001")]


def _unreadable(project: Project) -> list[CheckMessage]:
    if project.signalwire_id == settings.SIGNALWIRE_PROJECT_ID and settings.SIGNALWIRE_API_TOKEN:
        return []  # the environment brings the token anew
    try:
        str(project.api_token)
    except SecretUnreadableError as error:
        hint = "To go on without this project and enter its token again in the admin: ./tollbook migrate --skip-checks"
        return [checks.Error(str(error), hint=hint, obj=project, id="logsync.E001")]
    return []
