"""The form of a saved view."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils import timezone

from dashboard.filters.parser import parse_filter
from dashboard.filters.values import FilterError
from dashboard.models.saved_views import MAX_QUERY, SavedView

if TYPE_CHECKING:  # Django's forms are generic only in their stubs
    SavedViewModelForm = forms.ModelForm[SavedView]
else:
    SavedViewModelForm = forms.ModelForm


class SavedViewForm(SavedViewModelForm):
    """A page and a filter under a name. The filter is stored in its canonical form."""

    class Meta:
        model = SavedView
        fields = ["name", "is_shared", "path", "query"]

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def clean_query(self) -> str:
        try:
            query = parse_filter(self.cleaned_data["query"], timezone.now()).query()
        except FilterError as error:
            raise forms.ValidationError(f"The filter cannot be read: {error}") from None
        if len(query) > MAX_QUERY:
            raise forms.ValidationError(
                f"The filter is too long for a link: {len(query):,} characters; at most {MAX_QUERY:,} open everywhere. "
                "Remove some values, or find them by a part that they share."
            )
        return query

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.errors and not {"name", "is_shared"} & set(self.errors):
            raise forms.ValidationError("This page and filter cannot be saved.")
        return cleaned
