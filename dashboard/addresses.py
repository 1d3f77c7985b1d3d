"""Where a log is: SignalWire's ids are any text, and not every text can stand in the path of an address."""

import re

from django.urls import reverse

from dashboard import links

# A browser resolves dots between slashes by itself, even written as %2e, and a line feed is no part of any path.
_FIT_FOR_A_PATH = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.~:@+-]*")


def log_address(medium: str, log_id: str, project: str | None = None) -> str:
    """/logs/voice/<id>/, or /logs/voice/?id=<id>. `project` is needed where several have a log of this id."""
    own = [("project", project)] if project is not None else []
    if _FIT_FOR_A_PATH.fullmatch(log_id):
        path = reverse("log", args=[medium, log_id])
    else:
        path, own = reverse("log_by_id", args=[medium]), [("id", log_id), *own]
    return f"{path}?{links.joined(own)}" if own else path
