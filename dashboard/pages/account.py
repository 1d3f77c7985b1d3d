"""The change of a password, display preferences and the favicon."""

from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.views import PasswordChangeView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.http import require_POST

from dashboard.access.attempts import forget_failures
from dashboard.pages.own_pages import page_of_form

YEAR = 365 * 24 * 3600
# The first choice is the default.
PREFERENCES = {"theme": ("light", "dark"), "density": ("comfortable", "compact")}


class LimitedPasswordChangeForm(PasswordChangeForm):
    """Checks the old password as a sign-in does, so that nobody can guess it here without limit."""

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        self.request = request
        super().__init__(*args, **kwargs)

    def clean_old_password(self) -> str:
        password: str = self.cleaned_data["old_password"]
        if authenticate(self.request, username=self.user.get_username(), password=password) is None:
            raise forms.ValidationError(self.error_messages["password_incorrect"], code="password_incorrect")
        forget_failures(self.request, self.user)
        return password


class PasswordChange(PasswordChangeView):
    form_class = LimitedPasswordChangeForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"request": self.request}


@login_not_required
def favicon(_request: HttpRequest) -> HttpResponse:
    """For pages without an icon link, such as the admin's."""
    return redirect(static("img/mark.svg"))


@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Stores each preference in a cookie of this browser, then redirects back to the page."""
    response = HttpResponseRedirect(page_of_form(request) or reverse("overview"))
    for name, choices in PREFERENCES.items():
        choice = request.POST.get(name)
        if choice == "toggle":
            choice = choices[request.COOKIES.get(name) != choices[1]]
        if choice in choices:
            response.set_cookie(name, choice, max_age=YEAR, samesite="Lax", secure=request.is_secure())
    return response
