"""The tables of the dashboard. Imports no other dashboard package."""

from dashboard.models.saved_views import UNDO_WITHIN, SavedView, SavedViewQuerySet, new_slug

__all__ = ["UNDO_WITHIN", "SavedView", "SavedViewQuerySet", "new_slug"]
