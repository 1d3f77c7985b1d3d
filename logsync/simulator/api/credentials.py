"""Authentication: projects with their tokens and scopes."""

from base64 import b64decode
from dataclasses import dataclass

from logsync.simulator.api.errors import ApiError, plain
from logsync.simulator.shapes import MEDIA


@dataclass(frozen=True)
class Project:
    """`missing_scope_status`: SignalWire's documentation says 401 in one place and 403 in another."""

    id: str = "5f1c8b64-0f3e-4a57-9d22-3b1e6c0a7d11"
    token: str = "PT00simulated00token00of00the00demo00space"  # noqa: S105
    scopes: tuple[str, ...] = MEDIA
    missing_scope_status: int = 401


def authenticated(projects: dict[str, Project], authorization: str) -> Project:
    """The project of a Basic header. Raises ApiError with a 401."""
    scheme, _, encoded = authorization.partition(" ")
    try:
        project_id, _, token = b64decode(encoded, validate=True).decode().partition(":")
    except ValueError as error:
        raise ApiError(plain(401)) from error
    project = projects.get(project_id)
    if scheme.lower() != "basic" or project is None or project.token != token:
        raise ApiError(plain(401))
    return project


def check_scope(project: Project, medium: str) -> None:
    """Raises ApiError if the token lacks the scope of the medium."""
    if medium not in project.scopes:
        raise ApiError(plain(project.missing_scope_status))
