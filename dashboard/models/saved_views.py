"""The views that people save."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils.crypto import get_random_string
from django.utils.text import slugify

# How long a deleted view can be restored.
UNDO_WITHIN = timedelta(days=7)
# A longer link fails in some browser, proxy or web server on its way, or when a login redirects to it.
MAX_QUERY = 4000
SLUG_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def for_person(self, person: AbstractBaseUser | AnonymousUser) -> "SavedViewQuerySet":
        """Views that this person may open. Always read views through this, so that private ones stay private."""
        return self.filter(Q(owner=person.pk) | Q(is_shared=True), deleted_at=None)

    def owned_by(self, person: AbstractBaseUser | AnonymousUser) -> "SavedViewQuerySet":
        return self.filter(owner=person.pk)

    def undoable(self, now: datetime) -> "SavedViewQuerySet":
        return self.filter(deleted_at__gte=now - UNDO_WITHIN)


class SavedView(models.Model):
    """A named page with its filter. `query` is canonical: periods stay relative, dates stay fixed."""

    class Path(models.TextChoices):
        OVERVIEW = "/", "Overview"
        LOGS = "/logs/", "Logs"

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views")
    name = models.CharField(max_length=100)
    # Readable, but not guessable from the name.
    slug = models.SlugField(max_length=60, unique=True)
    path = models.CharField("page", max_length=20, choices=Path)
    query = models.TextField("filter", blank=True)
    is_shared = models.BooleanField("for all", default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)
    # Deleted views can be restored within UNDO_WITHIN.
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        """What lists of other things may say of it, such as those of what goes with a deleted user."""
        return self.name if self.is_shared else f"private view {self.pk}"

    @property
    def address(self) -> str:
        return f"{self.path}?{self.query}" if self.query else self.path


def new_slug(name: str) -> str:
    """ "Spend, last month" becomes "spend-last-month-x7k2pq"."""
    words = slugify(name)[:40].strip("-") or "view"
    return f"{words}-{get_random_string(6, SLUG_LETTERS)}"
