"""Projects that were renamed or never were: filters, links, counts and saved views."""

import json
from datetime import timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from dashboard import queries
from dashboard.models.saved_views import SavedView
from logsync.management.arguments import feeds_of
from logsync.models import Feed, FormerProjectName, Project
from tests.support.pages import hrefs, text_of
from tests.support.stored_logs import NOW, asked, make_feed, record, store

ANY_DAY = "start=2020-01-01&end=2099-12-31"
pytestmark = pytest.mark.django_db


def rename(old, new):
    project = Project.objects.get(name=old)
    project.name = new
    project.save()
    return project


def ids(name):
    return sorted(row.id for row in queries.iter_logs(asked(f"project={name}&{ANY_DAY}")))


@pytest.fixture
def logs():
    created_at = timezone.now() - timedelta(days=2)
    store(record("a", created_at=created_at, charge=Decimal("1.25")), project="Sales")
    store(record("b", created_at=created_at, charge=Decimal("2.50")), project="Support")
    Feed.objects.update(read_until=timezone.now())


@pytest.mark.usefixtures("logs")
class TestNames:
    def test_a_former_name_finds_the_project(self):
        rename("Sales", "Outbound")
        rename("Outbound", "Growth")
        assert [ids(name) for name in ("Sales", "Outbound", "Growth", "Sales,Growth")] == [["a"]] * 4
        assert queries.charges(asked(f"project=Sales&{ANY_DAY}"), NOW).total.logs == 1
        assert ids("Growth,Support") == ["a", "b"]

    def test_a_name_that_a_project_has_now_means_that_project(self):
        rename("Sales", "Growth")
        rename("Support", "Sales")
        assert (ids("Sales"), ids("Support"), ids("Growth")) == (["b"], ["b"], ["a"])
        rename("Sales", "Care")
        assert ids("Sales") == ["b"]

    def test_a_project_renamed_back_has_its_name(self):
        rename("Sales", "Growth")
        rename("Growth", "Sales")
        assert (ids("Sales"), ids("Growth")) == (["a"], ["a"])
        assert queries.present_names() == {"Growth": "Sales"}

    def test_only_a_renamed_project_has_former_names(self):
        project = Project.objects.get(name="Sales")
        project.is_active = False
        project.save()
        project.name = "Not stored"
        project.save(update_fields=["is_active"])
        assert not FormerProjectName.objects.exists()

    def test_pull_takes_a_former_name(self):
        rename("Sales", "Growth")
        assert {feed.project.name for feed in feeds_of([], "Sales")} == {"Growth"}


@pytest.mark.usefixtures("logs")
class TestPages:
    def test_pages_show_the_present_name(self, signed_in):
        rename("Sales", "Growth")
        for path in ("/", "/logs/", "/sync/changes/"):
            page = signed_in.get(f"{path}?project=Sales")
            assert "project is Growth" in text_of(page), path
            assert "Sales" not in text_of(page)
        assert "1 log ·" in text_of(signed_in.get("/logs/?project=Sales"))
        answer = json.loads(signed_in.get("/charges.json?project=Sales&group_by=project").content)
        assert answer["rows"][0]["project"] == "Growth"
        assert answer["filter"]["project"] == ["Growth"]

    def test_the_log_of_a_former_name_opens(self, signed_in):
        store(record("a", created_at=timezone.now()), project="Support")
        rename("Sales", "Growth")
        assert signed_in.get("/logs/voice/a/?project=Sales").status_code == 200

    def test_a_saved_view_survives(self, signed_in, clerk):
        SavedView.objects.create(owner=clerk, name="Mine", slug="mine", path="/logs/", query="period=all&project=Sales")
        rename("Sales", "Growth")
        assert "project is Growth" in text_of(signed_in.get("/views/"))
        assert "1 log · $1.25" in text_of(signed_in.get("/v/mine/", follow=True))

    def test_the_admin_keeps_the_former_name(self, admin_client):
        project = Project.objects.get(name="Sales")
        address = f"/admin/logsync/project/{project.pk}/change/"
        form = admin_client.get(address).context["adminform"].form
        fields = {name: form[name].value() for name in form.fields if form[name].value() is not None}
        inline = {"feeds-TOTAL_FORMS": 0, "feeds-INITIAL_FORMS": 0}
        answer = admin_client.post(address, fields | inline | {"name": "Growth", "new_token": ""})
        assert answer.status_code == 302
        assert ids("Sales") == ids("Growth") == ["a"]

    def test_the_former_name_costs_no_query_per_view(self, signed_in, clerk, django_assert_max_num_queries):
        for number in range(12):
            query = f"project=Sales&type=t{number}"
            SavedView.objects.create(owner=clerk, name=str(number), slug=str(number), path="/", query=query)
        with django_assert_max_num_queries(6):
            signed_in.get("/views/")


UNKNOWN = {
    "project=Nobody": "There is no project called “Nobody”.",
    "type=no_call": "No log has the type “no_call”.",
    "status=ringing-twice": "No log has the status “ringing-twice”.",
    "source=elsewhere": "No log has the source “elsewhere”.",
    "direction=sideways": "No log has the direction “sideways”.",
}


@pytest.mark.usefixtures("logs")
class TestUnknownValues:
    @pytest.mark.parametrize("path", ["/", "/logs/", "/sync/changes/"])
    def test_each_is_named_and_answered(self, signed_in, path):
        for query, words in UNKNOWN.items():
            page = signed_in.get(f"{path}?{query}")
            assert page.status_code == 200
            assert words in text_of(page), query
            assert "Nothing has been read yet" not in text_of(page)

    def test_beside_known_ones_only_the_unknown_are_named(self, signed_in):
        page = text_of(signed_in.get("/logs/?project=Sales,Nobody,Nowhere&type=relay_pstn_call,no_call,none"))
        assert "1 log ·" in page
        for name in ("“Nobody”", "“Nowhere”", "“no_call”"):
            assert name in page
        assert page.count("There is no project called") == 2
        assert page.count("No log has the") == 1

    def test_a_value_of_another_period_is_known(self, signed_in):
        store(record("old", created_at=timezone.now() - timedelta(days=300), log_type="fax", status=None))
        assert "No log has" not in text_of(signed_in.get("/logs/?period=today&type=fax&status=none"))

    def test_a_project_without_feeds_to_read_has_been_read_before(self, signed_in):
        Project.objects.update(is_active=False)
        page = text_of(signed_in.get("/logs/?type=no_call"))
        assert "No logs match" in page
        assert "Nothing has been read yet" not in page

    def test_exports_and_commands_answer(self, signed_in):
        for query, words in UNKNOWN.items():
            assert json.loads(signed_in.get(f"/charges.json?{query}").content)["rows"] == []
            for command in ("charges", "logs"):
                out = StringIO()
                call_command(command, query, stdout=out)
                assert words in out.getvalue()

    def test_names_are_escaped(self, signed_in):
        page = signed_in.get("/logs/", {"project": "<script>alert(1)</script>"})
        assert "<script>alert" not in page.content.decode()
        assert "/logs/?period=last-30-days" in hrefs(page)


def test_before_the_first_log_nothing_has_been_read(signed_in):
    make_feed("Sales")
    assert "Nothing has been read yet" in text_of(signed_in.get("/logs/"))
    page = text_of(signed_in.get("/logs/?project=Nobody"))
    assert "There is no project called “Nobody”." in page
    assert "Nothing has been read yet" not in page
