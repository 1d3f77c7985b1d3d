"""The admin's lists: their parameters, lookups of every kind of field, actions, and the search of form fields."""

from itertools import product

import pytest
from django.contrib import admin

from tests.forged_input.requests import ask, assert_answered
from tests.forged_input.values import KINDS, LONG, VALUES

MODELS = list(admin.site._registry)
OWN = ("q", "o", "p", "e", "all", "_facets", "_popup", "_to_field", "_changelist_filters")
LOOKUPS = (
    *["", "__exact", "__in", "__gt", "__lte", "__range", "__isnull", "__year", "__month__gte", "__date", "__hour"],
    *["__contains", "__iexact", "__istartswith", "__regex", "__nothing", "__pk", "__id__in"],
)
FORGED = [
    *[str(2**63), f"1,{2**64}", "9" * 200, "-1", "1.5", "a", "a,b", LONG, "%00", "%ED%A0%80", "(", "%5B" * 200],
    *["", "0001-01-01", "9999-12-31T23:59:59.999999-23:59", "10000-01-01", "0,1", "true", "99999999999", "0"],
]
ACTIONS = (
    "action={0}&index={0}&select_across={0}&_selected_action=1",
    "action=delete_selected&index=0&_selected_action={0}",
    "action=delete_selected&index=0&_selected_action={0}&post=yes",
    "_save=1&form-TOTAL_FORMS={0}&form-INITIAL_FORMS={0}&form-0-id={0}",
)
LONG_SEARCHES = [LONG, "a%20" * 20_000, "'" * 20_001, "%22" * 20_001, "%25" * 60_000, "9" * 100_000]


def path_of(model):
    return f"/admin/{model._meta.app_label}/{model._meta.model_name}/"


def kinds_of_fields():
    """One field of each kind of the registered models, and everything that a list is filtered by."""
    found = {}
    for model in MODELS:
        for field in model._meta.get_fields():
            found.setdefault((type(field), field.concrete), (model, field.name))
        options = admin.site._registry[model]
        for name in (*options.list_filter, options.date_hierarchy):
            if name:
                found[model, name] = (model, name)
    return list(found.values())


def test_forged_parameters_of_a_list_are_answered(staff, drawn):
    for model, name, value in drawn(product(MODELS, OWN, VALUES)):
        assert_answered(ask(staff, path_of(model), f"{name}={value}"))


@pytest.mark.parametrize("q", LONG_SEARCHES, ids=lambda q: q[:4])
def test_a_search_that_is_too_long_is_refused_in_words(staff, q):
    for model in MODELS:
        answer = ask(staff, path_of(model), f"q={q}")
        assert answer.status == 400
        assert "at most 255. Shorten it." in answer.content.decode()


def test_forged_lookups_of_every_kind_of_field_are_answered(staff, drawn):
    for (model, name), lookup, value in drawn(product(kinds_of_fields(), LOOKUPS, FORGED)):
        assert_answered(ask(staff, path_of(model), f"{name}{lookup}={value}"))


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/admin/logsync/pullunit/", "day__year=99999999999999999999"),
        ("/admin/logsync/pullunit/", "day__year=2025&day__month=13"),
        ("/admin/auth/user/", "last_login__year=-1"),
        ("/admin/logsync/pullunit/", "rows__range=1"),
        ("/admin/logsync/pullunit/", "nothing=1"),
        ("/admin/logsync/syncrun/", "started_at__gte=never"),
        ("/admin/auth/user/", "id__in=1,x"),
    ],
)
def test_a_filter_that_cannot_be_read_is_refused_in_words(staff, path, query):
    answer = ask(staff, path, query)
    assert answer.status == 400
    assert "That request is not valid" in answer.content.decode()
    assert "Tollbook does not understand" not in answer.content.decode()


def test_forged_actions_are_answered(staff, drawn):
    for model, form, value in drawn(product(MODELS, ACTIONS, KINDS)):
        assert_answered(ask(staff, path_of(model), body=form.format(value)))


def test_forged_searches_of_form_fields_are_answered(staff):
    right = {"app_label": "dashboard", "model_name": "savedview", "field_name": "owner", "term": "a", "page": "1"}
    for name, value in product(right, KINDS):
        query = "&".join(f"{other}={text}" for other, text in (right | {name: value}).items())
        assert_answered(ask(staff, "/admin/autocomplete/", query))


def test_lists_can_still_be_filtered_searched_and_sorted(staff):
    for path, query in [
        ("/admin/logsync/project/", "name__startswith=Ma"),
        ("/admin/logsync/pullunit/", "state__exact=waiting&day__year=2025&day__month=3&o=-1"),
        ("/admin/logsync/pullunit/", "feed__project__id__exact=1&_facets=True"),
        ("/admin/auth/user/", "is_staff__exact=1&q=boss"),
    ]:
        assert ask(staff, path, query).status == 200
