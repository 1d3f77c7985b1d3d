"""The URL of a log. SignalWire's ids can be any text, and not every text fits in a path."""

import re

from django.urls import reverse

from dashboard.filters import query_string

# Browsers resolve dot segments even as %2e, and Django's routes reject a line feed.
_PATH_SAFE = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.~:@+-]*")


def log_url(medium: str, log_id: str, project: str | None = None) -> str:
    """/logs/voice/<id>/, or /logs/voice/?id=<id>. `project` is needed if several projects have a log with this id."""
    query = [("project", project)] if project is not None else []
    if _PATH_SAFE.fullmatch(log_id):
        path = reverse("log", args=[medium, log_id])
    else:
        path, query = reverse("log_by_id", args=[medium]), [("id", log_id), *query]
    return f"{path}?{query_string.encode(query)}" if query else path
