"""Projects in the admin: adding, changing and testing them, without ever showing a token."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from logsync.models import Feed, Project, PullUnit, QuarantinedRow, SyncRun

pytestmark = pytest.mark.django_db
ADD = reverse("admin:logsync_project_add")
LIST = reverse("admin:logsync_project_changelist")


@pytest.fixture
def admin(client, django_user_model):
    client.force_login(django_user_model.objects.create_superuser("ann", password="secret"))
    return client


def form(**changes):
    feeds = {"feeds-TOTAL_FORMS": "0", "feeds-INITIAL_FORMS": "0"}
    values = {
        "name": "Sales",
        "space_url": "sales",
        "signalwire_id": "5f1c",
        "new_token": "PTsecret",
        "is_active": "on",
        "pulls_voice": "on",
        "pulls_video": "on",
    }
    return feeds | values | changes


def change_page(project):
    return reverse("admin:logsync_project_change", args=[project.pk])


def feeds_of(project):
    feeds = {"feeds-TOTAL_FORMS": "2", "feeds-INITIAL_FORMS": "2"}
    for number, row in enumerate(project.feeds.order_by("pk")):
        feeds |= {f"feeds-{number}-id": row.pk, f"feeds-{number}-project": project.pk}
    return feeds


def errors_of(response):
    return " ".join(error for errors in response.context["adminform"].form.errors.values() for error in errors)


def test_a_project_is_added_with_its_feeds(admin):
    response = admin.post(ADD, form())
    assert response.status_code == 302
    project = Project.objects.get()
    assert (project.space_url, project.api_token) == ("https://sales.signalwire.com", "PTsecret")
    assert project.feeds.count() == 2


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"new_token": ""}, "needs its API token"),
        ({"space_url": "http://sales.signalwire.com"}, "https only"),
        ({"space_url": "https://sales.signalwire.com/path"}, "without a path"),
        ({"name": "a,b"}, "comma"),
        ({"signalwire_id": "a:b"}, "letters, digits and hyphens"),
        ({"space_url": "https://user:word@sales.signalwire.com"}, "no user name"),
        ({"space_url": "https://169.254.169.254"}, "link-local"),
        ({"space_url": "https://0xA9FEA9FE"}, "four decimal numbers"),
        ({"space_url": "https://logs.example.org"}, "logs.example.org is outside signalwire.com"),
        ({"space_url": "https://logs.example.org", "confirmed_host": "logs.example.com"}, "type logs.example.org"),
        ({"space_url": "https://ѕignalwire.com"}, "type xn--ignalwire-k9h.com"),
    ],
)
def test_invalid_input_is_explained(admin, changes, message):
    response = admin.post(ADD, form(**changes))
    assert message in errors_of(response)
    assert not Project.objects.exists()


@pytest.mark.parametrize("confirmed", ["logs.example.org", " Logs.Example.Org "])
def test_a_host_outside_signalwire_is_confirmed_by_its_name(admin, confirmed):
    assert admin.post(ADD, form(space_url="logs.example.org", confirmed_host=confirmed)).status_code == 302
    project = Project.objects.get()
    response = admin.post(change_page(project), form(space_url="logs.example.org", new_token="") | feeds_of(project))
    assert response.status_code == 302  # the host is the same


def test_the_space_of_the_environment_and_this_machine_need_no_confirmation(admin, settings):
    settings.SIGNALWIRE_SPACE = "https://logs.example.org"
    assert admin.post(ADD, form(space_url="logs.example.org")).status_code == 302
    assert admin.post(ADD, form(space_url="http://127.0.0.1:9999", name="Demo")).status_code == 302


def test_another_host_needs_the_token_again(admin):
    admin.post(ADD, form())
    project = Project.objects.get()
    feeds = feeds_of(project)
    response = admin.post(change_page(project), form(space_url="other", new_token="") | feeds)
    assert "was given for sales.signalwire.com. Enter the token again" in errors_of(response)
    assert Project.objects.get().space_url == "https://sales.signalwire.com"
    assert admin.post(change_page(project), form(space_url="other", new_token="PTnew") | feeds).status_code == 302
    assert Project.objects.get().api_token == "PTnew"


def test_a_project_that_was_moved_behind_the_admin_can_be_moved_back_without_its_token(admin):
    admin.post(ADD, form())
    Project.objects.update(space_url="https://evil.example")
    project = Project.objects.get()
    response = admin.post(change_page(project), form(new_token="") | feeds_of(project))
    assert response.status_code == 302
    assert Project.objects.get().api_token == "PTsecret"


def test_the_same_project_cannot_be_added_twice(admin):
    admin.post(ADD, form())
    response = admin.post(ADD, form(name="Again", space_url="https://sales.signalwire.com"))
    assert response.status_code == 200
    assert Project.objects.count() == 1


def test_the_token_is_never_shown_again(admin):
    admin.post(ADD, form())
    page = admin.get(change_page(Project.objects.get())).content.decode()
    assert "PTsecret" not in page
    assert "gAAAA" not in page  # nor the encrypted one
    assert "PTsecret" not in admin.get(LIST).content.decode()


def test_an_empty_token_keeps_the_old_one_and_saving_retries_at_once(admin):
    admin.post(ADD, form())
    project = Project.objects.get()
    Feed.objects.update(next_try_at=timezone.now() + timedelta(hours=1))
    feeds = feeds_of(project)
    response = admin.post(change_page(project), form(new_token="", name="Sales Europe") | feeds)
    assert response.status_code == 302
    assert Project.objects.get().name == "Sales Europe"
    assert Project.objects.get().api_token == "PTsecret"
    assert not Feed.objects.exclude(next_try_at=None).exists()
    admin.post(change_page(project), form(new_token="PTnew") | feeds)
    assert Project.objects.get().api_token == "PTnew"


def test_the_project_id_cannot_be_changed(admin):
    admin.post(ADD, form())
    project = Project.objects.get()
    assert b'name="signalwire_id"' not in admin.get(change_page(project)).content


def test_a_project_whose_token_cannot_be_decrypted_can_still_be_opened(admin):
    admin.post(ADD, form())
    with connection.cursor() as cursor:
        cursor.execute("UPDATE logsync_project SET api_token = 'of another key'")
    assert admin.get(LIST).status_code == 200
    assert admin.get(change_page(Project.objects.get())).status_code == 200


def test_a_connection_can_be_tested(admin, project, space):
    space.faults.add("403 always for /api/video")
    response = admin.post(LIST, {"action": "test_connection", "_selected_action": project.pk}, follow=True)
    shown = [str(message) for message in response.context["messages"]]
    assert f"{project}, voice logs: the connection works." in shown
    assert any("video logs" in message and "Video scope" in message for message in shown)


def test_failed_feeds_can_be_retried_at_once(admin, project):
    Feed.objects.update(next_try_at=timezone.now() + timedelta(hours=1))
    admin.post(LIST, {"action": "try_again", "_selected_action": project.pk})
    assert not Feed.objects.exclude(next_try_at=None).exists()


@pytest.mark.parametrize("model", [SyncRun, PullUnit, QuarantinedRow])
def test_lists_are_read_only(admin, project, model):
    name = f"admin:logsync_{model._meta.model_name}"
    assert admin.get(reverse(f"{name}_changelist")).status_code == 200
    assert admin.get(reverse(f"{name}_add")).status_code == 403


def test_the_former_name_of_another_project_is_refused(db):
    project = Project.objects.create(name="Old", space_url="https://a.signalwire.com", signalwire_id="1", api_token="t")
    project.name = "New"
    project.save()
    other = Project(name="Old", space_url="https://b.signalwire.com", signalwire_id="2", api_token="t")
    with pytest.raises(ValidationError, match="This was the name of “New”"):
        other.full_clean()
    project.name = "Old"
    project.full_clean()
