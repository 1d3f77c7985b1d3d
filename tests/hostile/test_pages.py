"""Every page about logs in which every text is hostile: the texts are shown and harmless."""

import html
import re
import unicodedata

import pytest

from dashboard.models.saved_views import SavedView
from dashboard.pages.log_urls import log_url
from logsync.models import ChargeChange, Log, QuarantinedRow
from tests.hostile.content import MARKUP, OVERRIDE, TEXTS, id_of, read, row
from tests.support.pages import hrefs, text_of

DIMENSIONS = ("type", "direction", "medium", "project", "status", "source")
PAGES = [
    *(f"/?period=all&group_by={dimension}" for dimension in DIMENSIONS),
    "/logs/?period=all&page_size=100",
    "/logs/?period=all&sort=from",
    "/sync/",
    "/sync/changes/?kind=all&page_size=100",
    "/views/",
    "/admin/logsync/quarantinedrow/",
    "/admin/logsync/chargechange/",
    "/admin/logsync/pullunit/",
    "/admin/logsync/project/",
]


def invisible_characters(response):
    """Control and formatting characters, except in form values and copy buttons, which keep the original text."""
    body = re.sub(r'(?:value|data-copy)="[^"]*"', "", response.content.decode())
    allowed = {"\n", "\u200c", "\u200d", "\xad"}
    invisible = ("Cc", "Cf", "Cn", "Zl", "Zp")
    return {f"U+{ord(c):04X}" for c in html.unescape(body) if c not in allowed and unicodedata.category(c) in invisible}


def assert_harmless(response):
    assert response.status_code == 200
    body = response.content.decode()
    for markup in ("<script>alert", "<img src=x", "<style>", 'href="javascript'):
        assert markup not in body
    assert invisible_characters(response) == set()
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("address", PAGES)
def test_hostile_texts_are_harmless_on_every_page(signed_in, hostile_logs, address):
    assert_harmless(signed_in.get(address))


def test_every_log_opens_at_its_url_and_is_harmless(signed_in, hostile_logs):
    for text in TEXTS.values():
        for medium in ("voice", "video"):
            page = signed_in.get(log_url(medium, id_of(text)))
            assert_harmless(page)
            assert "+$1.00" in text_of(page)


def test_every_listed_row_links_to_its_log(signed_in, hostile_logs):
    for address in ("/logs/?period=all&page_size=100", "/sync/changes/?kind=all&page_size=100"):
        found = {href for href in hrefs(signed_in.get(address)) if re.match("/logs/(voice|video)/", href)}
        assert found == {log_url(medium, id_of(text)) for text in TEXTS.values() for medium in ("voice", "video")}


@pytest.mark.parametrize("model", [QuarantinedRow, ChargeChange])
def test_single_rows_in_the_admin_are_harmless(signed_in, hostile_logs, model):
    for stored in model.objects.order_by("pk")[:40]:
        assert_harmless(signed_in.get(f"/admin/logsync/{model._meta.model_name}/{stored.pk}/change/"))


@pytest.mark.parametrize("text", [MARKUP, OVERRIDE, "a\tb\x1b", "שלום"])
def test_view_names_and_filter_values_are_harmless(signed_in, text):
    query = {"type": text, "number": text, "room": text}
    assert_harmless(signed_in.get("/logs/", query))
    assert_harmless(signed_in.get("/", query))
    assert_harmless(signed_in.get("/sync/changes/", query))
    owner = signed_in.get("/views/").context["user"]
    view = SavedView.objects.create(owner=owner, name=text, slug="a-view", path="/logs/", query="room=a")
    assert_harmless(signed_in.get("/views/"))
    assert_harmless(signed_in.get("/views/a-view/"))
    assert_harmless(signed_in.get("/views/a-view/delete/"))
    assert view.name == text


def test_a_text_is_isolated_from_the_text_around_it(signed_in, hostile_logs):
    page = signed_in.get(log_url("voice", TEXTS["right to left"])).content.decode()
    assert re.search(r"<bdi[^>]*>שלום עולם</bdi>", page)
    assert "<bdi>invoice⟨U+202E⟩gpj.exe</bdi>" in re.sub(
        r"<bdi [^>]*>", "<bdi>", signed_in.get(log_url("voice", OVERRIDE)).content.decode()
    )


def test_joiners_are_kept_because_scripts_need_them(signed_in, hostile_logs):
    assert TEXTS["joined"] in text_of(signed_in.get(log_url("voice", TEXTS["joined"])))


def test_the_raw_row_is_indented_and_truncated(signed_in, db):
    read([row("a", 1, more="y" * 1_000_000)])
    page = signed_in.get("/logs/voice/a/")
    assert len(page.content) < 900_000
    assert "the first 200,000 of" in text_of(page)
    assert '{\n  "id": "a",\n' in html.unescape(page.content.decode())


def test_an_id_that_two_projects_have_can_be_chosen(signed_in, db):
    for project in ("One", "Two"):
        read([row("..", 1 if project == "One" else 3)], project=project)
    page = signed_in.get("/logs/voice/?id=..")
    assert "/logs/voice/?id=..&project=Two" in hrefs(page)
    assert "$3.00" in text_of(signed_in.get("/logs/voice/?id=..&project=Two"))
    assert Log.objects.count() == 2


@pytest.mark.parametrize("address", ["", "?id=nothing", "%00/", "?id=%00"])
def test_an_unknown_log_is_404(signed_in, address):
    assert signed_in.get(f"/logs/voice/{address}").status_code == 404


@pytest.mark.parametrize("log_id", ["a b", "a/b", "ä", "a:b@c"])
def test_urls_of_earlier_versions_still_work(signed_in, db, log_id):
    read([row(log_id, 1)])
    assert signed_in.get(f"/logs/voice/{log_id}/").status_code == 200


@pytest.mark.parametrize("log_id", ["..", "a\nb", "79e0439f-eabe-49fe-92aa-b19a69fd2398", "/a//b/", "none"])
def test_the_jump_box_opens_any_id(signed_in, db, log_id, django_assert_max_num_queries):
    read([row(log_id, 1)])
    with django_assert_max_num_queries(4):
        answer = signed_in.get("/jump/", {"q": log_id})
    assert answer.headers["Location"] == log_url("voice", log_id)


def test_the_jump_box_refuses_invalid_text(signed_in):
    assert signed_in.get("/jump/", {"q": "\0"}).status_code == 400
