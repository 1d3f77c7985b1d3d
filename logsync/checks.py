"""Django system checks of the configuration and of the stored projects.

Database checks run with `migrate` and `check --database default`, possibly before the tables exist.
"""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Tags, register
from django.db import DatabaseError, connections

from logsync.exceptions import SecretOfOtherHostError, SecretUnreadableError
from logsync.models import Project
from logsync.projects import VARIABLES, SettingsMissingError, missing_variables

TAG = "logsync"


@register(TAG)
def check_variables(**_: Any) -> list[CheckMessage]:
    """Warn when only some of the variables are set, which must be a mistake."""
    missing = missing_variables()
    if missing and len(missing) < len(VARIABLES):
        hint = "Set all of SIGNALWIRE_SPACE, SIGNALWIRE_PROJECT_ID and SIGNALWIRE_API_TOKEN, or none of them."
        return [checks.Warning(str(SettingsMissingError(missing)), hint=hint, id="logsync.W001")]
    return []


@register(TAG, Tags.database)
def check_projects(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    problems: list[CheckMessage] = []
    for alias in databases or []:
        projects = _projects(alias)
        if projects is not None:
            problems += _check_any_project(projects) + [
                problem for project in projects for problem in _check_token(project)
            ]
    return problems


def _projects(alias: str) -> list[Project] | None:
    """The stored projects; None when there is no table yet, or no database."""
    try:
        if Project._meta.db_table not in connections[alias].introspection.table_names():  # noqa: SLF001 - a documented API
            return None
        return list(Project.objects.using(alias))
    except DatabaseError:  # reported by the first command that needs the database
        return None


def _check_any_project(projects: list[Project]) -> list[CheckMessage]:
    if projects or not missing_variables():
        return []
    hint = f"Set {', '.join(VARIABLES)}, or add a project on the website, at /projects/add/."
    return [checks.Info("There is no SignalWire project to read logs from.", hint=hint, id="logsync.I001")]


def _check_token(project: Project) -> list[CheckMessage]:
    if project.signalwire_id == settings.SIGNALWIRE_PROJECT_ID and settings.SIGNALWIRE_API_TOKEN:
        return []  # the token of the environment will replace it
    try:
        str(project.api_token)
    except SecretUnreadableError as error:
        hint = "To continue and enter the token again in the admin, run: ./tollbook migrate --skip-checks"
        return [checks.Error(str(error), hint=hint, obj=project, id="logsync.E001")]
    except SecretOfOtherHostError as error:
        if error.given_for:  # else the migration that stores the host has yet to run
            hint = "Enter it in the admin under Projects, or set the space back."
            return [checks.Warning(str(error), hint=hint, obj=project, id="logsync.W002")]
    return []
