from datetime import timedelta

import pytest
from django.utils import timezone

from dashboard.models.saved_views import SavedView
from tests.support.pages import hrefs, person, store_march, table_rows, text_of

LAST_MONTH = "period=last-month&direction=inbound"


@pytest.fixture
def view(clerk):
    return SavedView.objects.create(owner=clerk, name="Inbound", slug="inbound-x7k2pq", path="/logs/", query=LAST_MONTH)


@pytest.fixture
def stranger(client, db):
    client.force_login(person("stranger"))
    return client


def save(client, **fields):
    form = {"name": "Inbound", "path": "/logs/", "query": LAST_MONTH, "is_shared": ""} | fields
    return client.post("/views/new/", form)


@pytest.mark.parametrize("path", ["/", "/logs/"])
def test_the_filter_of_a_page_is_saved_under_a_name_and_its_link_opens_it(signed_in, path):
    [offer] = [href for href in hrefs(signed_in.get(f"{path}?{LAST_MONTH}")) if href.startswith("/views/new/")]
    form = text_of(signed_in.get(offer))
    assert "Last month, direction is inbound" in form
    save(signed_in, path=path)
    view = SavedView.objects.get()
    assert view.slug.startswith("inbound-")
    assert signed_in.get(f"/v/{view.slug}/").headers["Location"] == f"{path}?{LAST_MONTH}"


def test_the_filter_is_kept_in_its_canonical_form(signed_in):
    save(signed_in, query="number=&type=laml_call,relay_sip_call&period=last-30-days&cursor=abc")
    assert SavedView.objects.get().query == "period=last-30-days&type=laml_call&type=relay_sip_call"


@pytest.mark.parametrize(
    "bad",
    [
        {"query": "start=tomorrow"},
        {"path": "/admin/"},
        {"path": "https://elsewhere.example/"},
        {"name": ""},
        {"name": "   "},
        {"name": "x" * 101},
    ],
)
def test_an_invalid_view_is_not_saved(signed_in, bad):
    assert save(signed_in, **bad).status_code == 200
    assert not SavedView.objects.exists()


def ids_of_length(length):
    """A canonical query of so many characters, with as many ids as that takes."""
    start = "period=all"
    count = (length - len(start)) // 40
    ids = [f"{number:036}" for number in range(count)]
    ids[-1] += "x" * (length - len(start) - count * 40)
    return "&".join([start, *(f"id={id_}" for id_ in ids)])


def test_a_filter_that_just_fits_a_link_is_saved_and_opens(signed_in):
    query = ids_of_length(4000)
    assert len(query) == 4000
    save(signed_in, query=query)
    opened = signed_in.get(f"/v/{SavedView.objects.get().slug}/", follow=True)
    assert (opened.status_code, opened.request["QUERY_STRING"]) == (200, query)


@pytest.mark.parametrize("length", [4001, 7_900])
def test_a_filter_that_does_not_fit_a_link_is_refused_in_words(signed_in, length):
    answer = save(signed_in, query=ids_of_length(length))
    assert answer.status_code == 200
    assert f"too long for a link: {length:,} characters; at most 4,000 open everywhere. Remove" in text_of(answer)
    assert not SavedView.objects.exists()


def test_a_filter_is_as_long_as_its_canonical_form(signed_in):
    rooms = "&room=".join("é" * 20 + str(number) for number in range(120))
    assert "too long for a link" in text_of(save(signed_in, query=f"period=all&room={rooms}"))


def test_a_view_cannot_be_changed_to_one_that_is_too_long(view, signed_in):
    changed = {"name": "Inbound", "path": "/logs/", "query": ids_of_length(5000), "is_shared": ""}
    assert "too long for a link" in text_of(signed_in.post("/views/inbound-x7k2pq/", changed))
    assert SavedView.objects.get().query == LAST_MONTH


def test_a_view_saved_too_long_before_says_so_when_it_is_opened(view, signed_in, client):
    SavedView.objects.update(query=ids_of_length(7_900), is_shared=True)
    assert signed_in.get("/v/inbound-x7k2pq/").status_code == 302
    SavedView.objects.update(query=f"period=all&room={'x' * 22_794}")
    answer = signed_in.get("/v/inbound-x7k2pq/")
    assert answer.status_code == 414
    assert "“Inbound” is too long to open Its filter has 22,810 characters" in text_of(answer)
    assert "/views/inbound-x7k2pq/" in hrefs(answer)
    client.force_login(person("stranger"))
    assert "Ask clerk to remove" in text_of(client.get("/v/inbound-x7k2pq/"))


def test_the_form_ignores_a_foreign_page(signed_in):
    page = signed_in.get("/views/new/?path=javascript:alert(1)&query=x")
    assert not [href for href in hrefs(page) if href.startswith("javascript")]


def test_a_private_view_is_hidden_from_others(view, stranger):
    for address in ("/v/inbound-x7k2pq/", "/views/inbound-x7k2pq/", "/views/inbound-x7k2pq/delete/"):
        assert stranger.get(address).status_code == 404
    assert "Inbound" not in text_of(stranger.get("/views/"))


def test_all_can_open_a_shared_view_and_only_its_owner_can_change_it(view, stranger):
    SavedView.objects.update(is_shared=True)
    assert stranger.get("/v/inbound-x7k2pq/").headers["Location"] == f"/logs/?{LAST_MONTH}"
    assert "Inbound" in text_of(stranger.get("/views/"))
    assert stranger.get("/views/inbound-x7k2pq/").status_code == 404
    assert stranger.post("/views/inbound-x7k2pq/", {"name": "Mine"}).status_code == 404
    assert stranger.post("/views/inbound-x7k2pq/delete/").status_code == 404
    assert stranger.post("/views/inbound-x7k2pq/restore/").status_code == 404
    assert SavedView.objects.get(deleted_at=None).name == "Inbound"


def test_a_link_leads_through_the_login_to_its_page_and_filter(view, client):
    SavedView.objects.update(is_shared=True)
    person("newcomer")
    asked = client.get("/v/inbound-x7k2pq/")
    assert asked.headers["Location"] == "/accounts/login/?next=/v/inbound-x7k2pq/"
    credentials = {"username": "newcomer", "password": "correct horse"}
    landed = client.post(asked.headers["Location"], credentials, follow=True)
    assert landed.request["PATH_INFO"] == "/logs/"
    assert landed.request["QUERY_STRING"] == LAST_MONTH


def test_the_link_stays_when_the_owner_changes_the_view(view, signed_in):
    changed = {"name": "Outbound", "path": "/logs/", "query": "direction=outbound", "is_shared": "on"}
    signed_in.post("/views/inbound-x7k2pq/", changed)
    view.refresh_from_db()
    assert (view.name, view.is_shared) == ("Outbound", True)
    assert signed_in.get("/v/inbound-x7k2pq/").headers["Location"].endswith("direction=outbound")


def test_deleting_asks_for_confirmation_and_can_be_undone(view, signed_in):
    assert "Delete “Inbound”?" in text_of(signed_in.get("/views/inbound-x7k2pq/delete/"))
    assert signed_in.get("/v/inbound-x7k2pq/").status_code == 302
    page = signed_in.post("/views/inbound-x7k2pq/delete/", follow=True)
    assert "“Inbound” was deleted just now" in text_of(page)
    assert signed_in.get("/v/inbound-x7k2pq/").status_code == 404
    signed_in.post("/views/inbound-x7k2pq/restore/")
    assert signed_in.get("/v/inbound-x7k2pq/").status_code == 302


def test_a_deletion_is_final_after_a_week(view, signed_in):
    SavedView.objects.update(deleted_at=timezone.now() - timedelta(days=8))
    assert "was deleted" not in text_of(signed_in.get("/views/"))
    assert signed_in.post("/views/inbound-x7k2pq/restore/").status_code == 404
    save(signed_in, name="Another")
    signed_in.post(f"/views/{SavedView.objects.get(deleted_at=None).slug}/delete/")
    assert not SavedView.objects.filter(slug="inbound-x7k2pq").exists()


def test_opening_and_listing_views_writes_nothing(view, signed_in):
    before = SavedView.objects.values().get()
    for address in ("/views/", "/v/inbound-x7k2pq/", "/views/inbound-x7k2pq/", "/views/inbound-x7k2pq/delete/"):
        signed_in.get(address)
    assert SavedView.objects.values().get() == before


def test_the_list_says_what_each_view_shows(view, signed_in):
    assert table_rows(signed_in.get("/views/"))[1][:4] == ["Inbound", "Logs", "Last month, direction is inbound", "You"]


def test_a_view_with_an_invalid_query_is_listed_as_such(view, signed_in):
    SavedView.objects.update(query="gone=1")
    assert "cannot be read" in text_of(signed_in.get("/views/"))


def test_the_page_without_views_says_so(signed_in):
    store_march()
    assert "No views yet" in text_of(signed_in.get("/views/"))


@pytest.mark.parametrize("views", [1, 20])
def test_the_number_of_queries_does_not_depend_on_the_views(signed_in, clerk, django_assert_max_num_queries, views):
    for number in range(views):
        save(signed_in, name=f"View {number}", is_shared="on")
    with django_assert_max_num_queries(5):
        signed_in.get("/views/")
