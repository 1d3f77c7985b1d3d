"""Model fields for exact money and for secrets."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.query_utils import DeferredAttribute

from logsync.exceptions import SecretUnreadableError
from logsync.money import InexactMoneyError, from_nano, to_nano
from logsync.secrets import decrypt, encrypt

if TYPE_CHECKING:  # Django's fields take type arguments in their stubs alone
    IntegerColumn = models.BigIntegerField[Any, Any]
    TextColumn = models.TextField[Any, Any]
else:
    IntegerColumn = models.BigIntegerField
    TextColumn = models.TextField


class MoneyField(IntegerColumn):
    """Dollars: a `Decimal` in Python, whole nano-dollars in the database. Never rounds.

    Sums keep the field's type, so `Sum("charge")` is a `Decimal` too, right to the last digit.
    """

    description = "Exact dollars"
    # What may be assigned and what is read, for the type checker's Django plugin.
    _pyi_private_set_type: Any
    _pyi_private_get_type: Any

    def from_db_value(self, value: Any, _expression: Any, _connection: BaseDatabaseWrapper) -> Decimal | None:
        return None if value is None else from_nano(int(value))

    def to_python(self, value: Any) -> Decimal | None:
        if value is None or isinstance(value, Decimal):
            return value
        try:
            return Decimal(str(value))
        except ArithmeticError:
            raise ValidationError(f"{value!r} is not an amount of money.") from None

    def get_prep_value(self, value: Any) -> int | None:
        if value is None:
            return None
        if not isinstance(value, Decimal | int):
            raise TypeError(f"an amount of money must be a Decimal, not {type(value).__name__}")
        try:
            return to_nano(Decimal(value))
        except InexactMoneyError as error:
            raise ValidationError(str(error)) from None

    def formfield(self, **kwargs: Any) -> Any:
        return models.Field.formfield(self, form_class=forms.DecimalField, **kwargs)


class Ciphertext(str):
    """A secret as it lies in the database."""

    __slots__ = ()


class SecretAttribute(DeferredAttribute):
    """Decrypts when it is read: a key that was lost stops only those who need the secret, not every query."""

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        value = super().__get__(instance, cls)
        return decrypt(value) if isinstance(value, Ciphertext) else value

    def __set__(self, instance: Any, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class EncryptedField(TextColumn):
    """Text that is encrypted at rest with a key derived from SECRET_KEY (older keys: SECRET_KEY_FALLBACKS).

    Reading the attribute raises SecretUnreadableError when no key fits; saving the row then keeps the secret as it is.
    """

    description = "Encrypted text"
    descriptor_class = SecretAttribute

    def from_db_value(self, value: Any, _expression: Any, _connection: BaseDatabaseWrapper) -> Ciphertext | None:
        return None if value is None else Ciphertext(value)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:  # noqa: ARG002, FBT001 - Django's signature
        return model_instance.__dict__.get(self.attname)

    def get_prep_value(self, value: Any) -> str | None:
        if isinstance(value, Ciphertext):
            return _with_present_key(value)
        return None if value is None else encrypt(str(value))


def _with_present_key(value: Ciphertext) -> str:
    try:
        return encrypt(decrypt(value))
    except SecretUnreadableError:
        return str(value)


class RawJSONField(TextColumn):
    """JSON exactly as it was received: its text in Python, a column that the database's JSON functions can read.

    PostgreSQL's `json` rather than `jsonb`, which would reorder keys, drop duplicates and refuse \\u0000.
    """

    description = "JSON as received"

    def db_type(self, connection: BaseDatabaseWrapper) -> str | None:
        return "json" if connection.vendor == "postgresql" else super().db_type(connection)

    def select_format(self, compiler: Any, sql: str, params: Any) -> tuple[str, Any]:
        # As text: the driver would parse it, and make floats of the charges.
        if compiler.connection.vendor == "postgresql":
            return f"({sql})::text", params
        return sql, params
