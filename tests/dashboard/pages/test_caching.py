"""No cache keeps what needs a sign-in; static files are kept for ever."""

import re

import pytest
from django.contrib import admin

from tests.dashboard.pages.test_account import SITE
from tests.support.pages import store_march

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
LISTS = [f"/admin/{model._meta.app_label}/{model._meta.model_name}/" for model in admin.site._registry]
ADMIN = ["/admin/", "/admin/jsi18n/", "/admin/nothing/here/", *LISTS, *(f"{path}add/" for path in LISTS)]
ERRORS = ["/nothing/here/", "/logs/?start=never", "/logs/voice/nothing/", "/static/nothing.css"]


def is_kept_nowhere(answer):
    answer.close()  # streams and files
    return {"no-store", "private"} <= set(answer.headers.get("Cache-Control", "").split(", "))


@pytest.mark.parametrize("path", [*SITE.values(), *ADMIN, *ERRORS])
@pytest.mark.parametrize("method", ["get", "post"])
def test_no_answer_is_kept(client, admin_user, path, method):
    store_march()
    client.force_login(admin_user)
    assert is_kept_nowhere(getattr(client, method)(path))


def test_nor_are_answers_of_errors_and_of_htmx(signed_in):
    signed_in.raise_request_exception = False
    for headers in ({}, {"HX-Request": "true"}, {"If-None-Match": "*"}, {"Range": "bytes=0-9"}):
        assert is_kept_nowhere(signed_in.get("/", headers=headers))
    signed_in.handler.enforce_csrf_checks = True
    assert is_kept_nowhere(signed_in.post("/preferences/"))


def test_static_files_are_kept_for_ever(client, db):
    [sheet, *_] = re.findall(r'href="(/static/[^"]+\.css)"', client.get("/accounts/login/").content.decode())
    answer = client.get(sheet)
    answer.close()
    assert answer.headers["Cache-Control"] == "max-age=315360000, public, immutable"
