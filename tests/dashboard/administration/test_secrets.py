"""The admin answers no question about secret fields, and none about the private views of others."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Permission, User
from django.contrib.sessions.models import Session

from dashboard.administration.guarded import GuardedAdmin
from dashboard.administration.secrets import may_look_up, secret_fields
from dashboard.models.saved_views import SavedView
from logsync.models import Project, PullUnit
from tests.support.pages import person, text_of
from tests.support.records import make_feed

REGISTERED = admin.site._registry
OF_MODEL = pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model.__name__)
LOOKUPS = ("", "__startswith", "__regex", "__gt", "__isnull", "__in", "__contains", "__length", "__nothing")


@pytest.fixture
def boss(db):
    return person("boss", is_staff=True, is_superuser=True)


@pytest.fixture
def staff(client, boss):
    client.force_login(boss)
    make_feed()
    return client


@pytest.fixture
def private(db):
    return SavedView.objects.create(
        owner=person("owner"), name="Severance", slug="severance-x7k2pq", path="/", query="room=board"
    )


def list_of(model):
    return f"/admin/{model._meta.app_label}/{model._meta.model_name}/"


def paths_to_secrets(model, depth=2):
    """Lookups that lead from a model to a secret field, of its own or through relations in any direction."""
    yield from secret_fields(model)
    for field in model._meta.get_fields() if depth else ():
        if field.is_relation and field.related_model:
            yield from (f"{field.name}__{path}" for path in paths_to_secrets(field.related_model, depth - 1))


def test_the_secret_fields_are_known():
    found = {model: secret_fields(model) for model in apps.get_models()}
    assert found[Project] == ["api_token"]
    assert found[User] == ["password"]
    assert found[Session] == ["session_key", "session_data"]


@OF_MODEL
def test_every_list_is_guarded(model):
    assert isinstance(REGISTERED[model], GuardedAdmin)


@OF_MODEL
def test_no_list_can_be_filtered_by_a_secret(staff, model):
    for path in paths_to_secrets(model):
        assert not [lookup for lookup in LOOKUPS if may_look_up(model, f"{path}{lookup}")]
        for lookup in LOOKUPS if path in secret_fields(model) else LOOKUPS[:2]:
            assert staff.get(list_of(model), {f"{path}{lookup}": "a"}).status_code == 400


@OF_MODEL
def test_no_option_names_a_secret(rf, boss, model):
    request, options = rf.get("/"), REGISTERED[model]
    request.user = boss
    names = [
        *options.get_list_display(request),
        *options.get_list_filter(request),
        *options.get_search_fields(request),
        *options.get_ordering(request),
        *options.get_readonly_fields(request),
    ]
    assert not [name for name in names if isinstance(name, str) and not may_look_up(model, name.lstrip("^=@-"))]
    assert not [field for field in secret_fields(model) if options.to_field_allowed(request, field)]


def test_an_option_that_names_a_secret_is_ignored(rf, boss, staff):
    """As a package may have it that is added later."""

    class Careless(admin.ModelAdmin):
        list_display = search_fields = ("name", "api_token")
        list_filter = ordering = readonly_fields = ("api_token",)
        fields = ("name", "api_token")

    site = type(admin.site._wrapped)("careless")
    site.register(Project, Careless)
    request, options = rf.get("/"), site._registry[Project]
    request.user = boss
    assert list(options.get_list_display(request)) == ["name"]
    assert list(options.get_search_fields(request)) == ["name"]
    assert not options.get_list_filter(request)
    assert not options.get_ordering(request)
    assert not options.get_readonly_fields(request)


@OF_MODEL
def test_no_page_shows_a_secret(staff, model):
    secrets = [User.objects.get(username="boss").password, "PTx", *Session.objects.values_list("pk", flat=True)]
    key = model._default_manager.values_list("pk", flat=True).first()
    for address in ("", "add/", f"{key}/change/", f"{key}/history/", f"{key}/delete/", "?q=a", "?e=1"):
        page = staff.get(f"{list_of(model)}{address}", follow=True).content.decode()
        assert "gAAAA" not in page
        assert not [secret for secret in secrets if secret in page]


@pytest.mark.parametrize("model", [User, PullUnit], ids=lambda model: model.__name__)
def test_a_refusal_says_what_to_do(staff, model):
    [path, *_] = paths_to_secrets(model)
    page = staff.get(list_of(model), {f"{path}__startswith": "a"})
    assert "This list cannot be filtered by that field. Remove it from the address." in text_of(page)


@pytest.mark.parametrize("lookup", ["saved_views", "saved_views__name__startswith", "saved_views__isnull", "logentry"])
def test_people_cannot_be_found_by_what_is_theirs(staff, private, lookup):
    assert staff.get(list_of(User), {lookup: "1"}).status_code == 400


def test_a_private_view_is_on_no_page_of_the_admin(staff, private):
    addresses = [
        *[list_of(SavedView), f"{list_of(SavedView)}?q=severance", f"{list_of(SavedView)}?is_shared__exact=0"],
        *[f"{list_of(SavedView)}{private.pk}/{page}/" for page in ("change", "history", "delete")],
        *[f"{list_of(User)}{private.owner_id}/{page}/" for page in ("change", "delete")],
        f"/admin/autocomplete/?app_label=dashboard&model_name=savedview&field_name=owner&term={private.name}",
    ]
    for address in addresses:
        page = staff.get(address, follow=True).content.decode().replace("q=severance", "").replace('"severance"', "")
        assert not [text for text in ("Severance", private.slug, private.query) if text in page], address
    chosen = {"action": "delete_selected", "_selected_action": private.pk, "post": "yes"}
    staff.post(list_of(SavedView), chosen)
    assert SavedView.objects.filter(pk=private.pk).exists()


def test_a_shared_view_can_be_handed_over_made_private_and_deleted(staff, private, boss):
    SavedView.objects.update(is_shared=True)
    address = f"{list_of(SavedView)}{private.pk}/"
    assert "Severance" in text_of(staff.get(list_of(SavedView)))
    staff.post(
        f"{address}change/", {"owner": boss.pk, "is_shared": "on", "name": "Other", "query": "type=x"}, follow=True
    )
    private.refresh_from_db()
    assert (private.owner, private.name, private.query) == (boss, "Severance", "room=board")
    staff.post(f"{address}change/", {"owner": boss.pk, "is_shared": ""}, follow=True)
    assert "Severance" not in text_of(staff.get(list_of(SavedView)))
    SavedView.objects.update(is_shared=True)
    staff.post(f"{address}delete/", {"post": "yes"})
    assert not SavedView.objects.exists()


def test_nobody_adds_a_view_for_others(staff):
    assert staff.get(f"{list_of(SavedView)}add/").status_code == 403


def test_staff_with_rights_of_their_own_are_refused_the_same(client, private):
    helper = person("helper", is_staff=True)
    helper.user_permissions.set(Permission.objects.all())
    client.force_login(helper)
    assert client.get(list_of(Project), {"api_token__startswith": "g"}).status_code == 400
    assert "Severance" not in text_of(client.get(list_of(SavedView)))
