"""Which fields are secret, and which lookups would reveal something of them."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from django.db.models.constants import LOOKUP_SEP

from logsync.fields import EncryptedField

# Fields of other packages: hashes of passwords, keys and data of sessions, tokens.
_SECRET_NAME = re.compile(r"passw|token|secret|credential|api_?key|private_?key|session_(key|data|hash)")


def is_secret(field: Any) -> bool:
    return isinstance(field, EncryptedField) or bool(_SECRET_NAME.search(field.name))


def secret_fields(model: type[Model]) -> list[str]:
    return [field.name for field in model._meta.get_fields() if field.concrete and is_secret(field)]  # noqa: SLF001 - a documented API


def may_look_up(model: type[Model], lookup: str) -> bool:
    """Whether a lookup such as `owner__name__startswith` reveals no secret, and nothing of the rows that point here.

    Each answer to `api_token__startswith` tells one more character. Rows that point here, such as the private views of
    a person, have an owner or a list of their own.
    """
    return not any(is_secret(field) or _is_reverse(field) for field in _fields_of(model, lookup))


def without_secrets(model: type[Model], names: Iterable[Any]) -> list[Any]:
    """Those of an admin's options (list_display, search_fields …) that name no secret field."""
    return [name for name in names if not isinstance(name, str) or may_look_up(model, name.lstrip("^=@-"))]


def _fields_of(model: type[Model], lookup: str) -> Iterator[Any]:
    """The fields on the way of a lookup, up to its first transform."""
    for part in lookup.split(LOOKUP_SEP):
        try:
            field: Any = model._meta.get_field(model._meta.pk.name if part == "pk" else part)  # noqa: SLF001
        except FieldDoesNotExist:
            return
        yield field
        if not getattr(field, "path_infos", None):
            return
        model = field.path_infos[-1].to_opts.model


def _is_reverse(field: Any) -> bool:
    return field.auto_created and not field.concrete
