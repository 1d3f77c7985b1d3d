"""What belongs to the website itself: the views that people save."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils.crypto import get_random_string
from django.utils.text import slugify

# How long the deletion of a view can be undone.
UNDO_WITHIN = timedelta(days=7)
SLUG_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def for_person(self, person: AbstractBaseUser | AnonymousUser) -> "SavedViewQuerySet":
        """Their own and those for all. The only way to reach a view, so that private ones stay so."""
        return self.filter(Q(owner=person.pk) | Q(is_shared=True), deleted_at=None)

    def owned_by(self, person: AbstractBaseUser | AnonymousUser) -> "SavedViewQuerySet":
        return self.filter(owner=person.pk)

    def undoable(self, now: datetime) -> "SavedViewQuerySet":
        return self.filter(deleted_at__gte=now - UNDO_WITHIN)


class SavedView(models.Model):
    """A page with its filter under a name. `query` is canonical: periods stay relative, dates stay dates."""

    class Path(models.TextChoices):
        OVERVIEW = "/", "Overview"
        LOGS = "/logs/", "Logs"

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views")
    name = models.CharField(max_length=100)
    # Readable, and not to be guessed from the name.
    slug = models.SlugField(max_length=60, unique=True)
    path = models.CharField("page", max_length=20, choices=Path)
    query = models.TextField("filter", blank=True)
    is_shared = models.BooleanField("for all", default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)
    # Deleted views are kept for UNDO_WITHIN.
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def address(self) -> str:
        """The page and filter that it stands for."""
        return f"{self.path}?{self.query}" if self.query else self.path


def new_slug(name: str) -> str:
    """From "Spend, last month" to "spend-last-month-x7k2pq"."""
    words = slugify(name)[:40].strip("-") or "view"
    return f"{words}-{get_random_string(6, SLUG_LETTERS)}"
