"""The forms of a project: its space and credentials. The stored token never reaches a form."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator

from logsync.models import Project
from logsync.projects import free_name, has_token_for
from logsync.signalwire.space_url import host_of, is_at_signalwire, is_loopback, parse_space_url, space_name

if TYPE_CHECKING:  # at run time, Django's classes take no type arguments
    ProjectModelForm = forms.ModelForm[Project]
else:
    ProjectModelForm = forms.ModelForm


PROJECT_ID = RegexValidator(
    r"\A[A-Za-z0-9._-]+\Z",
    "A Project ID consists of letters, digits and hyphens. Copy it from the SignalWire dashboard.",
)


class ProjectForm(ProjectModelForm):
    """Replaces the stored token or leaves it as it is; a space on another host needs its token again."""

    space_url = forms.CharField(
        label="Space", max_length=255, help_text="example, example.signalwire.com, or https://example.signalwire.com"
    )
    confirmed_host = forms.CharField(
        label="Host outside signalwire.com",
        max_length=255,
        required=False,
        help_text="Only for a space that is not at signalwire.com: its host again, because the token is sent there.",
    )
    new_token = forms.CharField(
        label="API token",
        max_length=1000,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="Stored encrypted and never shown again. Leave empty to keep the current token.",
    )

    class Meta:
        model = Project
        fields = ["name", "space_url", "signalwire_id", "is_active", "pulls_voice", "pulls_video"]

    def clean_space_url(self) -> str:
        try:
            return parse_space_url(self.cleaned_data["space_url"].strip())
        except ValueError as error:
            raise ValidationError(f"Not a valid space: {error}") from None

    def clean_signalwire_id(self) -> str:
        signalwire_id = str(self.cleaned_data["signalwire_id"]).strip()
        PROJECT_ID(signalwire_id)
        return signalwire_id

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if space := cleaned.get("space_url"):
            self._check_token(space)
            self._check_host(host_of(space), is_safe=is_at_signalwire(space))
        return cleaned

    def save(self, commit: bool = True) -> Project:  # noqa: FBT001, FBT002 - Django's signature
        if token := self.cleaned_data["new_token"]:
            self.instance.api_token = token
        return super().save(commit)

    def _check_token(self, space: str) -> None:
        if self.cleaned_data.get("new_token") or "new_token" in self.errors:
            return
        if not self.instance.pk:
            self.add_error("new_token", "A new project needs its API token.")
        elif space != self.instance.space_url and not has_token_for(self.instance, space):
            given_for, host = host_of(self.instance.space_url), host_of(space)
            self.add_error(
                "new_token", f"The current token was given for {given_for}. Enter the token again to send it to {host}."
            )

    def _check_host(self, host: str, *, is_safe: bool) -> None:
        """A token that is sent to a host outside SignalWire is lost if the host was a mistake."""
        known = {host_of(settings.SIGNALWIRE_SPACE), host_of(self.instance.space_url)}
        typed = str(self.cleaned_data.get("confirmed_host", "")).strip("[] ").lower()
        if not (is_safe or is_loopback(host) or host in known or typed == host):
            self.add_error(
                "confirmed_host",
                f"{host} is outside signalwire.com, and the API token will be sent there. To confirm, type {host}.",
            )


class NewProjectForm(ProjectForm):
    """Named after its space, unless it is given a name."""

    name = forms.CharField(max_length=100, required=False)

    class Meta(ProjectForm.Meta):
        fields = ["space_url", "signalwire_id", "pulls_voice", "pulls_video", "name"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not (cleaned.get("pulls_voice") or cleaned.get("pulls_video")):
            self.add_error("pulls_voice", "Choose voice logs, video logs, or both.")
        if not cleaned.get("name") and cleaned.get("space_url"):
            cleaned["name"] = free_name(space_name(cleaned["space_url"]))
        return cleaned
