"""The project of the environment: created once, kept up to date, and otherwise left to the admin."""

from datetime import timedelta

import pytest
from django.utils import timezone

from logsync.models import Feed, Project
from logsync.projects import (
    SettingsMissingError,
    connection_problems,
    ensure_project,
    ensure_project_from_environment,
    missing_variables,
)
from logsync.simulator import Project as SimulatedProject
from logsync.simulator import Space, serving

pytestmark = pytest.mark.django_db


@pytest.fixture
def environment(settings):
    settings.SIGNALWIRE_SPACE = "https://example.signalwire.com"
    settings.SIGNALWIRE_PROJECT_ID = "5f1c8b64"
    settings.SIGNALWIRE_API_TOKEN = "PTfirst"
    return settings


def test_the_project_is_named_after_its_space_and_has_a_feed_for_each_medium(environment):
    project = ensure_project_from_environment()
    assert (project.name, project.space_url) == ("example", "https://example.signalwire.com")
    assert sorted(project.feeds.values_list("medium", flat=True)) == ["video", "voice"]
    assert Project.objects.get().api_token == "PTfirst"


def test_ensuring_the_project_is_idempotent(environment):
    first = ensure_project_from_environment()
    Feed.objects.update(next_try_at=timezone.now() + timedelta(hours=1), failures=3)
    assert ensure_project_from_environment() == first
    assert Project.objects.count() == 1
    assert Feed.objects.filter(failures=3).count() == 2


def test_a_new_token_replaces_the_old_one_and_clears_the_backoff(environment):
    ensure_project_from_environment()
    Feed.objects.update(next_try_at=timezone.now() + timedelta(hours=1), failures=3)
    environment.SIGNALWIRE_API_TOKEN = "PTsecond"
    ensure_project_from_environment()
    assert Project.objects.get().api_token == "PTsecond"
    assert Feed.objects.filter(failures=0, next_try_at=None).count() == 2


def test_changes_made_in_the_admin_are_kept(environment):
    Project.objects.filter(pk=ensure_project_from_environment().pk).update(name="Sales", pulls_video=False)
    environment.SIGNALWIRE_SPACE = "https://renamed.signalwire.com"
    ensure_project_from_environment()
    project = Project.objects.get()
    assert (project.name, project.pulls_video) == ("Sales", False)
    assert project.space_url == "https://renamed.signalwire.com"


def test_a_token_with_a_lost_key_is_restored_from_the_environment(environment):
    ensure_project_from_environment()
    environment.SECRET_KEY = "another"
    ensure_project_from_environment()
    assert Project.objects.get().api_token == "PTfirst"


def test_two_projects_of_one_space_get_two_names(environment):
    ensure_project_from_environment()
    environment.SIGNALWIRE_PROJECT_ID = "another"
    assert ensure_project_from_environment().name == "example 2"


def test_a_new_project_does_not_take_the_former_name_of_another(environment):
    project = ensure_project_from_environment()
    project.name = "Prod"
    project.save()
    environment.SIGNALWIRE_PROJECT_ID = "another"
    assert ensure_project_from_environment().name == "example 2"
    assert Project.objects.named(["example"]).get() == project


@pytest.mark.parametrize("name", ["SIGNALWIRE_SPACE", "SIGNALWIRE_PROJECT_ID", "SIGNALWIRE_API_TOKEN"])
def test_a_missing_variable_is_named(environment, name):
    setattr(environment, name, "")
    assert missing_variables() == [name]
    with pytest.raises(SettingsMissingError, match=f"^{name} is not set"):
        ensure_project_from_environment()


def test_a_connection_is_tested_for_each_medium(db):
    with serving(Space(projects=[SimulatedProject("one", "PT1", scopes=("voice",))])) as url:
        project = ensure_project("example", url, "one", "PT1")
        problems = connection_problems(project)
        assert problems["voice"] == ""
        assert "Video scope" in problems["video"]
        project = ensure_project("example", url, "one", "PTwrong")
        assert "wrong" in connection_problems(project)["voice"]
    problem = connection_problems(project)["voice"]
    assert "cannot be reached" in problem
    assert "retry" not in problem  # nothing will: somebody waits for the answer
