from django.contrib import admin
from django.contrib.auth.views import PasswordChangeDoneView
from django.urls import include, path
from django.views.generic import RedirectView

from dashboard.calls.detail.views import log, log_by_id
from dashboard.calls.search import jump
from dashboard.calls.table import logs
from dashboard.exports import views as exports
from dashboard.finance.changed_charges import changes
from dashboard.finance.overview.views import days, overview
from dashboard.monitoring.add_project import add_project
from dashboard.monitoring.healthz import healthz, live, ready
from dashboard.monitoring.metrics.views import metrics
from dashboard.monitoring.sync_page.views import sync
from dashboard.pages.account import PasswordChange, favicon, preferences
from dashboard.pages.sign_in import SignIn, SignOut, sign_out_everywhere
from dashboard.sharing.saved_views import (
    change_saved_view,
    delete_saved_view,
    new_saved_view,
    open_view,
    restore_saved_view,
    saved_views,
)

# Django calls them for exceptions in middleware, too.
handler400 = "dashboard.pages.errors.bad_request_page"
handler500 = "dashboard.pages.errors.server_error_page"
account = [
    path("login/", SignIn.as_view(), name="login"),
    path("logout/", SignOut.as_view(), name="logout"),
    path("logout/everywhere/", sign_out_everywhere, name="sign_out_everywhere"),
    path("password_change/", PasswordChange.as_view(), name="password_change"),
    path("password_change/done/", PasswordChangeDoneView.as_view(), name="password_change_done"),
]
saved = [
    path("", saved_views, name="saved_views"),
    path("new/", new_saved_view, name="new_saved_view"),
    path("<slug:slug>/", change_saved_view, name="change_saved_view"),
    path("<slug:slug>/delete/", delete_saved_view, name="delete_saved_view"),
    path("<slug:slug>/restore/", restore_saved_view, name="restore_saved_view"),
]
urlpatterns = [
    path("", overview, name="overview"),
    path("days/", days, name="days"),
    path("logs/", logs, name="logs"),
    # A log's id can contain a slash.
    path("logs/<str:medium>/<path:log_id>/", log, name="log"),
    path("logs/<str:medium>/", log_by_id, name="log_by_id"),
    path("charges.json", exports.charges_json, name="charges_json"),
    path("charges.csv", exports.charges_csv, name="charges_csv"),
    path("charges.xlsx", exports.charges_xlsx, name="charges_xlsx"),
    path("logs.csv", exports.logs_csv, name="logs_csv"),
    path("logs.xlsx", exports.logs_xlsx, name="logs_xlsx"),
    path("healthz", healthz, name="healthz"),
    path("healthz/live", live, name="healthz_live"),
    path("healthz/ready", ready, name="healthz_ready"),
    path("metrics", metrics, name="metrics"),
    path("sync/", sync, name="sync"),
    path("sync/changes/", changes, name="changes"),
    path("sync/changes.csv", exports.changes_csv, name="changes_csv"),
    path("projects/add/", add_project, name="add_project"),
    path("views/", include(saved)),
    path("v/<slug:slug>/", open_view, name="open_view"),
    path("favicon.ico", favicon, name="favicon"),
    path("jump/", jump, name="jump"),
    path("preferences/", preferences, name="preferences"),
    path("accounts/", include(account)),
    # In place of the admin's own, which neither limit guesses of the old password nor clear the browser's cache.
    path("admin/logout/", SignOut.as_view(), name="admin_logout"),
    path("admin/password_change/", RedirectView.as_view(pattern_name="password_change"), name="admin_password_change"),
    path("admin/", admin.site.urls),
]
