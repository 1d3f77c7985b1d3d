"""Ending sessions."""

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.sessions.models import Session


def end_sessions(user: AbstractBaseUser) -> None:
    """Sign the user out on all devices. A session's user stands inside its data, so all are decoded; they are few."""
    sessions = Session.objects.all()
    own = [session.pk for session in sessions if session.get_decoded().get(SESSION_KEY) == str(user.pk)]
    Session.objects.filter(pk__in=own).delete()
