"""A token is sent to the host that it was given for, and to no other, however the project came to name that one."""

import io
import json

import pytest
from django.core.management import call_command
from django.db import connection

from logsync.exceptions import SecretOfOtherHostError, SecretUnreadableError
from logsync.fields import decrypt, encrypt
from logsync.models import Project
from logsync.projects import connection_problems, ensure_project
from logsync.simulator import Space, serving
from tests.support.migrations import migrate

pytestmark = pytest.mark.django_db
REFUSED = r"This token was given for sales\.signalwire\.com, not for evil\.example\. Enter the token again\."
OLD, NEW = "https://sales.signalwire.com", "https://evil.example"


@pytest.fixture
def sales():
    return ensure_project("Sales", OLD, "5f1c", "PTsecret")


def stored():
    return Project.objects.get(signalwire_id="5f1c")


def by_saving(project):
    project.space_url = NEW
    project.save()


def by_saving_one_field(project):
    project.space_url = NEW
    project.save(update_fields=["space_url"])


def by_a_queryset(project):
    Project.objects.filter(pk=project.pk).update(space_url=NEW)


def by_bulk_update(project):
    project.space_url = NEW
    Project.objects.bulk_update([project], ["space_url"])


def by_sql(project):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE logsync_project SET space_url = %s", [NEW])


WAYS = [by_saving, by_saving_one_field, by_a_queryset, by_bulk_update, by_sql]


@pytest.mark.parametrize("move", WAYS)
def test_a_project_that_moves_to_another_host_has_to_be_given_its_token_again(sales, move):
    move(sales)
    project = stored()
    with pytest.raises(SecretOfOtherHostError, match=REFUSED):
        str(project.api_token)
    project.api_token = "PTagain"
    project.save()
    assert stored().api_token == "PTagain"


@pytest.mark.parametrize("move", [by_saving, by_a_queryset, by_sql])
def test_a_project_that_moves_back_has_its_token_again(sales, move):
    move(sales)
    Project.objects.update(space_url=OLD)
    assert stored().api_token == "PTsecret"


def test_the_instance_that_saved_a_new_token_cannot_take_it_to_another_host():
    project = Project(name="Sales", space_url=OLD, signalwire_id="5f1c", api_token="PTsecret")
    project.save()
    project.space_url = NEW
    project.save()
    for moved in (project, stored()):
        with pytest.raises(SecretOfOtherHostError):
            str(moved.api_token)


def as_stored(project):
    with connection.cursor() as cursor:
        cursor.execute("SELECT api_token FROM logsync_project WHERE id = %s", [project.pk])
        return cursor.fetchone()[0]


@pytest.mark.parametrize("taken", [lambda project: project.api_token, as_stored], ids=["read", "as stored"])
def test_the_token_of_one_project_is_of_no_use_to_another(sales, taken):
    token = taken(sales)
    Project.objects.create(name="Saved", space_url=NEW, signalwire_id="saved", api_token=token)
    Project.objects.bulk_create([Project(name="Made", space_url=NEW, signalwire_id="made", api_token=token)])
    with connection.cursor() as cursor:
        cursor.execute("UPDATE logsync_project SET api_token = %s WHERE name = 'Saved'", [as_stored(sales)])
    for other in Project.objects.exclude(pk=sales.pk):
        with pytest.raises(SecretOfOtherHostError, match=REFUSED):
            str(other.api_token)


def test_the_host_and_a_new_token_may_be_set_in_any_order(sales):
    sales.api_token = "PTnew"
    sales.space_url = NEW
    sales.save()
    assert stored().api_token == "PTnew"


def test_another_port_is_another_host(sales):
    Project.objects.update(space_url=f"{OLD}:8443")
    with pytest.raises(SecretOfOtherHostError, match=r"not for sales\.signalwire\.com:8443"):
        str(stored().api_token)


def test_a_token_that_cannot_be_used_breaks_nothing_else(sales):
    by_sql(sales)
    sales.refresh_from_db()
    assert sales.space_url == NEW
    sales.name = "Renamed"
    sales.save()
    with pytest.raises(SecretOfOtherHostError, match=REFUSED):
        str(sales.api_token)
    assert stored().name == "Renamed"
    call_command("dumpdata", "logsync.project", stdout=io.StringIO())


def test_a_token_is_never_set_apart_from_its_host(sales):
    with pytest.raises(TypeError, match="names its host"):
        Project.objects.update(api_token="PTother")


def test_a_fixture_keeps_the_token_of_the_same_host_encrypted(sales, tmp_path):
    path = tmp_path / "projects.json"
    call_command("dumpdata", "logsync.project", output=str(path))
    assert "PTsecret" not in path.read_text()
    sales.delete()
    call_command("loaddata", str(path), verbosity=0)
    assert stored().api_token == "PTsecret"


def test_a_fixture_with_another_host_is_refused(sales, tmp_path):
    path = tmp_path / "projects.json"
    call_command("dumpdata", "logsync.project", output=str(path))
    path.write_text(path.read_text().replace(OLD, NEW))
    with pytest.raises(SecretOfOtherHostError, match=REFUSED):
        call_command("loaddata", str(path), verbosity=0)
    assert stored().space_url == OLD


def test_a_fixture_may_bring_a_new_token(tmp_path):
    fields = {"name": "Sales", "space_url": OLD, "signalwire_id": "5f1c", "api_token": "PTnew"}
    path = tmp_path / "projects.json"
    path.write_text(json.dumps([{"model": "logsync.project", "fields": fields | {"created_at": "2026-11-01T00:00Z"}}]))
    call_command("loaddata", str(path), verbosity=0)
    assert stored().api_token == "PTnew"
    by_sql(stored())
    with pytest.raises(SecretOfOtherHostError):
        str(stored().api_token)


def test_a_fixture_of_an_installation_with_another_key_is_refused(sales, settings, tmp_path):
    path = tmp_path / "projects.json"
    call_command("dumpdata", "logsync.project", output=str(path))
    settings.SECRET_KEY = "of another installation" * 3
    with pytest.raises(SecretUnreadableError):
        call_command("loaddata", str(path), verbosity=0)


def test_the_new_host_is_not_even_asked():
    with serving(old := Space()) as old_url, serving(new := Space()) as new_url:
        project = ensure_project("example", old_url, *old.credentials)
        assert set(connection_problems(project).values()) == {""}
        Project.objects.update(space_url=new_url)
        problems = connection_problems(Project.objects.get())
        assert all("Enter the token again" in problem for problem in problems.values())
    assert new.requests.total == 0


def test_the_environment_gives_its_token_for_its_space(sales):
    assert ensure_project("Sales", NEW, "5f1c", "PTsecret").api_token == "PTsecret"
    assert stored().space_url == NEW


@pytest.mark.django_db(transaction=True)
def test_tokens_that_were_stored_without_a_host_are_bound_to_that_of_their_project(sales, all_migrations_again):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE logsync_project SET api_token = %s", [encrypt("PTold")])
    with pytest.raises(SecretOfOtherHostError, match="stored without its host"):
        str(stored().api_token)
    migrate("0005_fill_search_keys")
    migrate("0006_bind_tokens")
    assert stored().api_token == "PTold"
    by_sql(sales)
    with pytest.raises(SecretOfOtherHostError, match=REFUSED):
        str(stored().api_token)


@pytest.mark.django_db(transaction=True)
def test_going_back_leaves_tokens_that_an_earlier_version_reads(sales, all_migrations_again):
    Project.objects.create(name="Lost", space_url=NEW, signalwire_id="lost", api_token="PTlost")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE logsync_project SET api_token = 'of a lost key' WHERE signalwire_id = 'lost'")
    migrate("0005_fill_search_keys")
    with connection.cursor() as cursor:
        cursor.execute("SELECT api_token FROM logsync_project WHERE signalwire_id = '5f1c'")
        from_earlier = cursor.fetchone()[0]
    migrate("0006_bind_tokens")
    assert decrypt(from_earlier) == "PTsecret"
    assert stored().api_token == "PTsecret"
    with pytest.raises(SecretUnreadableError):
        str(Project.objects.get(name="Lost").api_token)
