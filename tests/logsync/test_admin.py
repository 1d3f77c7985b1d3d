"""Projects in the admin: added, changed, tested; and their tokens never shown again."""

from datetime import timedelta

import pytest
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


def errors_of(response):
    return " ".join(error for errors in response.context["adminform"].form.errors.values() for error in errors)


def test_a_project_is_added_with_its_feeds(admin):
    response = admin.post(ADD, form())
    assert response.status_code == 302
    project = Project.objects.get()
    assert (project.space_url, project.api_token) == ("https://sales.signalwire.com", "PTsecret")
    assert project.feeds.count() == 2


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"new_token": ""}, "needs its API token"),
        ({"space_url": "http://sales.signalwire.com"}, "https only"),
        ({"space_url": "https://sales.signalwire.com/path"}, "without a path"),
        ({"name": "a,b"}, "comma"),
    ],
)
def test_what_cannot_be_used_is_said_in_words(admin, changes, said):
    response = admin.post(ADD, form(**changes))
    assert said in errors_of(response)
    assert not Project.objects.exists()


def test_the_same_project_cannot_be_added_twice(admin):
    admin.post(ADD, form())
    response = admin.post(ADD, form(name="Again", space_url="https://sales.signalwire.com"))
    assert response.status_code == 200
    assert Project.objects.count() == 1


def test_the_token_is_never_shown_again(admin):
    admin.post(ADD, form())
    page = admin.get(change_page(Project.objects.get())).content.decode()
    assert "PTsecret" not in page
    assert "gAAAA" not in page  # nor as it lies in the database
    assert "PTsecret" not in admin.get(LIST).content.decode()


def test_an_empty_token_keeps_the_old_one_and_a_new_one_is_tried_at_once(admin):
    admin.post(ADD, form())
    project = Project.objects.get()
    Feed.objects.update(next_try_at=timezone.now() + timedelta(hours=1))
    rows = list(project.feeds.order_by("pk"))
    feeds = {"feeds-TOTAL_FORMS": "2", "feeds-INITIAL_FORMS": "2"}
    for number, row in enumerate(rows):
        feeds |= {f"feeds-{number}-id": row.pk, f"feeds-{number}-project": project.pk}
    response = admin.post(change_page(project), form(new_token="", name="Sales Europe") | feeds)
    assert response.status_code == 302
    assert Project.objects.get().name == "Sales Europe"
    assert Project.objects.get().api_token == "PTsecret"
    assert not Feed.objects.exclude(next_try_at=None).exists()
    admin.post(change_page(project), form(new_token="PTnew") | feeds)
    assert Project.objects.get().api_token == "PTnew"


def test_the_project_id_cannot_be_changed_because_logs_would_mix(admin):
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
    said = [str(message) for message in response.context["messages"]]
    assert f"{project}, voice logs: they can be read." in said
    assert any("video logs" in message and "Video scope" in message for message in said)


def test_what_failed_can_be_tried_again_at_once(admin, project):
    Feed.objects.update(next_try_at=timezone.now() + timedelta(hours=1))
    admin.post(LIST, {"action": "try_again", "_selected_action": project.pk})
    assert not Feed.objects.exclude(next_try_at=None).exists()


@pytest.mark.parametrize("model", [SyncRun, PullUnit, QuarantinedRow])
def test_lists_can_be_looked_through_but_not_written(admin, project, model):
    name = f"admin:logsync_{model._meta.model_name}"
    assert admin.get(reverse(f"{name}_changelist")).status_code == 200
    assert admin.get(reverse(f"{name}_add")).status_code == 403
