"""The first authentication backend: refuses attempts to sign in while they are blocked."""

from typing import Any

from axes.backends import AxesStandaloneBackend
from django.http import HttpRequest


class LimitedSignIn(AxesStandaloneBackend):  # type: ignore[misc]
    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> None:
        """Raises PermissionDenied while blocked, and otherwise leaves the decision to the next backend."""
        if request is not None:  # commands and tasks have none, and are no one to limit
            super().authenticate(request, username, password, **kwargs)
