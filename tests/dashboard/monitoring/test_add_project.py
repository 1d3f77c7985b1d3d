"""The page that adds a project: who may, what it asks for, and what it says about the credentials."""

import pytest
from django.contrib.auth.models import Permission

from logsync.models import Feed, Project
from logsync.simulator import Project as SimulatedProject
from logsync.simulator import Space, serving
from tests.support.pages import hrefs, person, text_of

pytestmark = pytest.mark.django_db
ADD = "/projects/add/"
TOKEN = "PTsecret0of0this0test"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def staff(client):
    """Somebody who may add projects, and nothing else."""
    member = person("ops", is_staff=True)
    member.user_permissions.add(Permission.objects.get(codename="add_project"))
    client.force_login(member)
    return client


@pytest.fixture
def voice_only():
    space = Space(projects=[SimulatedProject("one", TOKEN, scopes=("voice",))])
    with serving(space) as url:
        yield url


def form(**changes):
    values = {
        "space_url": "sales",
        "signalwire_id": "5f1c",
        "new_token": TOKEN,
        "pulls_voice": "on",
        "pulls_video": "on",
    }
    return {name: value for name, value in (values | changes).items() if value is not None}


def test_a_project_is_added_and_leads_to_sync(staff):
    response = staff.post(ADD, form(), follow=True)
    assert response.redirect_chain == [("/sync/", 302)]
    assert "sales was added. Its logs of the last 30 days are read now" in text_of(response)
    assert "A new feed waits for the workers" in text_of(response)
    project = Project.objects.get()
    assert (project.name, project.space_url, project.api_token) == ("sales", "https://sales.signalwire.com", TOKEN)
    assert (project.is_active, project.pulls_voice, project.pulls_video) == (True, True, True)
    assert Feed.objects.filter(project=project).count() == 2


def test_the_media_and_the_name_are_those_of_the_form(staff):
    staff.post(ADD, form(pulls_video=None, name="Sales Europe"))
    project = Project.objects.get()
    assert (project.name, project.media) == ("Sales Europe", ["voice"])


def test_a_second_project_of_a_space_gets_a_name_of_its_own(staff):
    staff.post(ADD, form())
    staff.post(ADD, form(signalwire_id="5f1d"))
    assert set(Project.objects.values_list("name", flat=True)) == {"sales", "sales 2"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"space_url": ""}, "This field is required"),
        ({"space_url": "http://sales.signalwire.com"}, "https only"),
        ({"space_url": "https://169.254.169.254"}, "a link-local address"),
        ({"space_url": "https://logs.example.org"}, "To confirm, type logs.example.org."),
        ({"signalwire_id": ""}, "This field is required"),
        ({"signalwire_id": "a:b"}, "letters, digits and hyphens"),
        ({"signalwire_id": "x" * 65}, "at most 64 characters"),
        ({"new_token": ""}, "needs its API token"),
        ({"new_token": "PT\0"}, "Null characters are not allowed"),
        ({"pulls_voice": None, "pulls_video": None}, "Choose voice logs, video logs, or both"),
        ({"name": "a,b"}, "comma"),
    ],
)
@pytest.mark.parametrize("action", [{}, {"test": "1"}], ids=["add", "test"])
def test_invalid_input_is_explained(staff, changes, message, action):
    response = staff.post(ADD, form(**changes) | action)
    assert response.status_code == 200
    assert message in text_of(response)
    assert not Project.objects.exists()


def test_a_project_that_is_there_is_not_added_again(staff):
    staff.post(ADD, form())
    response = staff.post(ADD, form(name="Again"))
    assert "Project with this Space and Project ID already exists." in text_of(response)
    assert Project.objects.count() == 1


def test_a_host_outside_signalwire_is_confirmed_by_its_name(staff):
    staff.post(ADD, form(space_url="https://logs.example.org", confirmed_host="logs.example.org"))
    assert Project.objects.get().space_url == "https://logs.example.org"


def test_the_test_names_the_missing_scope_and_stores_nothing(staff, voice_only):
    response = staff.post(ADD, form(space_url=voice_only, signalwire_id="one", test="1"))
    page = text_of(response)
    assert "Voice logs The connection works." in page
    assert "the token lacks the Video scope" in page
    assert not Project.objects.exists()
    page = text_of(staff.post(ADD, form(space_url=voice_only, signalwire_id="one", pulls_video=None, test="1")))
    assert "Voice logs The connection works." in page
    assert "Video logs" not in page


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"signalwire_id": "other"}, "is wrong, was revoked, or belongs to another space"),
        ({"new_token": "PTwrong"}, "is wrong, was revoked, or belongs to another space"),
        ({"space_url": "http://127.0.0.1:1"}, "cannot be reached"),
        ({"space_url": "https://10.0.0.1", "confirmed_host": "10.0.0.1"}, "SIGNALWIRE_ALLOW_PRIVATE=true"),
    ],
)
def test_the_test_says_what_is_wrong(staff, voice_only, changes, message):
    page = text_of(staff.post(ADD, {**form(space_url=voice_only, signalwire_id="one", test="1"), **changes}))
    assert message in page
    assert not Project.objects.exists()


@pytest.mark.parametrize("action", [{"test": "1"}, {"signalwire_id": "a b"}], ids=["test", "error"])
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_no_answer_holds_the_token(staff, voice_only, action, headers):
    response = staff.post(ADD, form(space_url=voice_only, signalwire_id="one") | action, headers=headers)
    assert TOKEN not in response.content.decode()
    assert ("Enter it again" in text_of(response)) is (headers == {})


def test_with_a_script_the_browser_goes_to_sync_itself(staff):
    response = staff.post(ADD, form(), headers=HTMX)
    assert response.headers["HX-Redirect"] == "/sync/"
    assert Project.objects.count() == 1


def test_an_unavailable_queue_is_reported(staff, unreachable_queue):
    page = text_of(staff.post(ADD, form(), follow=True))
    assert "sales was added. The task queue is unavailable, so reading has not begun." in page
    assert Project.objects.count() == 1


@pytest.mark.parametrize("is_staff", [False, True])
def test_nobody_else_may(client, is_staff):
    member = person("other", is_staff=is_staff)
    if not is_staff:
        member.user_permissions.add(Permission.objects.get(codename="add_project"))
    client.force_login(member)
    assert client.get(ADD).status_code == client.post(ADD, form()).status_code == 403
    assert not Project.objects.exists()
    assert ADD not in hrefs(client.get("/sync/"))


def test_strangers_are_asked_to_sign_in(client):
    assert client.get(ADD).headers["Location"] == f"/accounts/login/?next={ADD}"


@pytest.mark.parametrize("address", ["/", "/logs/", "/sync/"])
def test_empty_pages_lead_here(staff, address):
    assert ADD in hrefs(staff.get(address))


def test_sync_leads_to_the_next_project(staff):
    staff.post(ADD, form())
    assert ADD in hrefs(staff.get("/sync/"))
    assert "sales, voice" in text_of(staff.get("/sync/"))
