"""Projects, their feeds and their SignalWire clients."""

import time
from collections.abc import Callable
from copy import copy
from functools import cache
from pathlib import Path

from django.conf import settings

from logsync import database
from logsync.database import atomic
from logsync.exceptions import SecretUnusableError, TollbookError
from logsync.models import Feed, FormerProjectName, Project
from logsync.models.choices import Medium
from logsync.rate_limit.limiter import RateLimiter
from logsync.rate_limit.state import RateLimit
from logsync.rate_limit.stores import FileStateStore, StateStore
from logsync.signalwire.client import Credentials, Limits, RetryPolicy, SignalWireClient
from logsync.signalwire.space_url import space_name

# A user waits for the result.
INTERACTIVE_LIMITS = Limits(connect_s=5, read_s=10, body_s=10, permit_timeout_s=10)
STATE_FOLDER = "state"
VARIABLES = ("SIGNALWIRE_SPACE", "SIGNALWIRE_PROJECT_ID", "SIGNALWIRE_API_TOKEN")


class SettingsMissingError(TollbookError):
    """`names` are the environment variables that are not set."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'} not set.")
        self.names = names


def missing_variables() -> list[str]:
    return [name for name in VARIABLES if not getattr(settings, name)]


def ensure_project_from_environment() -> Project:
    """The project of the SIGNALWIRE_* variables, created or updated. Raises SettingsMissingError."""
    if missing := missing_variables():
        raise SettingsMissingError(missing)
    space, signalwire_id, api_token = (getattr(settings, name) for name in VARIABLES)
    return ensure_project(space_name(space), space, signalwire_id, api_token)


@atomic()
def ensure_project(name: str, space_url: str, signalwire_id: str, api_token: str) -> Project:
    """The project with this Project ID, with its feeds. Of an existing one, only the space and token are updated."""
    project = Project.objects.filter(signalwire_id=signalwire_id).order_by("pk").first()
    if project is None:
        project = Project(name=free_name(name), signalwire_id=signalwire_id, api_token="")
    if (project.space_url, _token_of(project)) != (space_url, api_token):
        project.space_url, project.api_token = space_url, api_token
        store_project(project)
    ensure_feeds(project)
    return project


@atomic()
def store_project(project: Project) -> None:
    """Store a new or changed project. Failed reads are retried at once, because the cause may be fixed."""
    project.save()
    ensure_feeds(project)
    clear_feed_backoff(project)


def ensure_feeds(project: Project) -> None:
    """Create the missing feeds, one per medium. The settings of the project decide which of them are read."""
    Feed.objects.bulk_create([Feed(project=project, medium=medium) for medium in Medium], ignore_conflicts=True)


def clear_feed_backoff(project: Project) -> None:
    """Make failed feeds due at once, because the cause may be fixed."""
    project.feeds.update(next_try_at=None, failures=0)


def free_name(name: str) -> str:
    """The name, or else with the first number that makes it one which no project has or had: "example 2"."""
    # Links with a former name still mean the project that had it.
    former = FormerProjectName.objects.values_list("name", flat=True)
    taken = {*Project.objects.values_list("name", flat=True), *former}
    candidates = [name, *(f"{name} {number}" for number in range(2, len(taken) + 3))]
    return next(candidate for candidate in candidates if candidate not in taken)


def has_token_for(project: Project, space_url: str) -> bool:
    """Whether the stored token was given for this space, so that it may be sent there."""
    moved = copy(project)
    moved.space_url = space_url
    return _token_of(moved) is not None


def client_of(
    project: Project,
    sleep: Callable[[float], None] = time.sleep,
    *,
    limits: Limits | None = None,
    retries: RetryPolicy | None = None,
) -> SignalWireClient:
    """The rate-limited client of a project. Raises SecretUnusableError when the token must be entered again."""
    return SignalWireClient(
        Credentials(project.space_url, project.signalwire_id, project.api_token),
        limits=limits,
        retries=retries or settings.PULL_RETRIES,
        sleep=sleep,
        # Machines with different clocks must agree which of two responses is newer.
        clock=database.now,
        rate_limiter=rate_limiter_for(project.space_url, project.signalwire_id),
        allow_private=settings.SIGNALWIRE_ALLOW_PRIVATE,
    )


def _token_of(project: Project) -> str | None:
    try:
        return str(project.api_token)
    except SecretUnusableError:
        return None


def connection_problems(project: Project) -> dict[str, str]:
    """Read one log of each medium that the project pulls. Returns an error message per medium, '' on success."""
    return {medium: _connection_problem(project, medium) for medium in project.media}


def _connection_problem(project: Project, medium: str) -> str:
    try:
        client = client_of(project, limits=INTERACTIVE_LIMITS, retries=RetryPolicy(attempts=1))
        next(client.iter_pages(medium, page_size=1), None)
    except TollbookError as error:
        return str(error)
    return ""


def rate_limiter_for(space_url: str, project_id: str) -> RateLimiter:
    """The limiter of a project, shared by all processes of this installation."""
    rate = RateLimit(settings.PULL_REQUESTS_PER_SECOND, settings.PULL_REQUESTS_IN_FLIGHT, Limits().request_s)
    store = _state_store(settings.REDIS_URL, Path(settings.VAR_DIR, STATE_FOLDER))
    return RateLimiter(store, space_url, project_id, rate, clock=database.now)


@cache  # so that all limiters skip Redis together after it failed
def _state_store(redis_url: str, folder: Path) -> StateStore:
    files = FileStateStore(folder)
    if not redis_url:
        return files
    from logsync.rate_limit.redis_store import RedisStateStore  # noqa: PLC0415 - 6 MB, for those who use it

    return RedisStateStore(redis_url, files)
