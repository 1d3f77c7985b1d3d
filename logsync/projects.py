"""Projects and their feeds: the one that the environment names, and the door to SignalWire of each."""

from collections.abc import Callable
from time import sleep

from django.conf import settings

from logsync.budget import Budget
from logsync.choices import Medium
from logsync.client import Credentials, Limits, RetryPolicy, SignalWireClient
from logsync.exceptions import TollbookError
from logsync.models import Feed, Project
from logsync.politeness import budget_of
from logsync.spaces import space_name
from logsync.transactions import atomic

HASTY = Limits(connect_s=5, silence_s=10, answer_s=10, turn_s=10)
VARIABLES = ("SIGNALWIRE_SPACE", "SIGNALWIRE_PROJECT_ID", "SIGNALWIRE_API_TOKEN")


class SettingsMissingError(TollbookError):
    """`names` are the variables of the environment that are not set."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'} not set.")
        self.names = names


def missing_variables() -> list[str]:
    return [name for name in VARIABLES if not getattr(settings, name)]


def ensure_project_from_environment() -> Project:
    """The project of the SIGNALWIRE_* variables, made or brought up to date. Raises SettingsMissingError."""
    if missing := missing_variables():
        raise SettingsMissingError(missing)
    space, signalwire_id, api_token = (getattr(settings, name) for name in VARIABLES)
    return ensure_project(space_name(space), space, signalwire_id, api_token)


@atomic()
def ensure_project(name: str, space_url: str, signalwire_id: str, api_token: str) -> Project:
    """The project with this Project ID and its feeds. Of one that exists only the space and the token change."""
    project = Project.objects.filter(signalwire_id=signalwire_id).order_by("pk").first()
    if project is None:
        project = Project(name=_free_name(name), signalwire_id=signalwire_id, api_token="")
    if (project.space_url, _token_of(project)) != (space_url, api_token):
        project.space_url, project.api_token = space_url, api_token
        project.save()
        forget_pauses(project)
    ensure_feeds(project)
    return project


def ensure_feeds(project: Project) -> None:
    """A feed for each medium; which of them are read is the project's choice."""
    Feed.objects.bulk_create([Feed(project=project, medium=medium) for medium in Medium], ignore_conflicts=True)


def forget_pauses(project: Project) -> None:
    """Try again at once: what stopped the feeds may be mended."""
    project.feeds.update(next_try_at=None, failures=0)


def client_of(project: Project, wait: Callable[[float], None] = sleep) -> SignalWireClient:
    """`wait` is how it waits before another try. Raises SecretUnreadableError when the token cannot be decrypted."""
    return SignalWireClient(
        _credentials_of(project), retries=settings.PULL_RETRIES, sleep=wait, budget=_budget_of(project)
    )


def _budget_of(project: Project) -> Budget:
    return budget_of(project.space_url, project.signalwire_id)


def _credentials_of(project: Project) -> Credentials:
    return Credentials(project.space_url, project.signalwire_id, project.api_token)


def _free_name(name: str) -> str:
    taken = set(Project.objects.values_list("name", flat=True))
    candidates = [name, *(f"{name} {number}" for number in range(2, len(taken) + 3))]
    return next(candidate for candidate in candidates if candidate not in taken)


def _token_of(project: Project) -> str | None:
    try:
        return str(project.api_token)
    except TollbookError:  # the key is lost; the environment brings the token anew
        return None


def problems_of(project: Project) -> dict[str, str]:
    """Ask for one log of each medium that the project reads: what is wrong with it in words, '' when nothing is."""
    return {medium: _problem_of(project, medium) for medium in project.media}


def _problem_of(project: Project, medium: str) -> str:
    try:
        # Somebody waits for the answer: no second try.
        once = RetryPolicy(attempts=1)
        client = SignalWireClient(_credentials_of(project), limits=HASTY, retries=once, budget=_budget_of(project))
        next(client.iter_pages(medium, page_size=1), None)
    except TollbookError as error:
        return str(error)
    return ""
