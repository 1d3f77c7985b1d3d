from django.contrib import admin
from django.contrib.auth.views import LogoutView, PasswordChangeDoneView, PasswordChangeView
from django.urls import include, path

from dashboard.views import exports
from dashboard.views.changes import changes
from dashboard.views.frame import SignIn, favicon, jump, preferences
from dashboard.views.health import healthz, live, ready
from dashboard.views.log import log, log_by_id
from dashboard.views.logs import logs
from dashboard.views.metrics import metrics
from dashboard.views.overview import overview
from dashboard.views.saved_views import (
    change_saved_view,
    delete_saved_view,
    new_saved_view,
    open_view,
    restore_saved_view,
    saved_views,
)
from dashboard.views.sync import sync

# Also for what a middleware raises.
handler500 = "dashboard.views.trouble.something_wrong"
account = [
    path("login/", SignIn.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("password_change/", PasswordChangeView.as_view(), name="password_change"),
    path("password_change/done/", PasswordChangeDoneView.as_view(), name="password_change_done"),
]
views = [
    path("", saved_views, name="saved_views"),
    path("new/", new_saved_view, name="new_saved_view"),
    path("<slug:slug>/", change_saved_view, name="change_saved_view"),
    path("<slug:slug>/delete/", delete_saved_view, name="delete_saved_view"),
    path("<slug:slug>/restore/", restore_saved_view, name="restore_saved_view"),
]
urlpatterns = [
    path("", overview, name="overview"),
    path("logs/", logs, name="logs"),
    # A log's id is whatever SignalWire sent, a slash included.
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
    path("views/", include(views)),
    path("v/<slug:slug>/", open_view, name="open_view"),
    path("favicon.ico", favicon, name="favicon"),
    path("jump/", jump, name="jump"),
    path("preferences/", preferences, name="preferences"),
    path("accounts/", include(account)),
    path("admin/", admin.site.urls),
]
