"""Model fields for exact money and for secrets."""

import re
from base64 import urlsafe_b64encode
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.query_utils import DeferredAttribute

from logsync.exceptions import SecretOfOtherHostError, SecretUnreadableError
from logsync.money import InexactMoneyError, from_nano, to_nano

if TYPE_CHECKING:  # only the stubs of Django's fields take type arguments
    IntegerColumn = models.BigIntegerField[Any, Any]
    TextColumn = models.TextField[Any, Any]
else:
    IntegerColumn = models.BigIntegerField
    TextColumn = models.TextField


class MoneyField(IntegerColumn):
    """Dollars: a `Decimal` in Python, whole nano-dollars in the database. Never rounds.

    Sums keep the field's type, so `Sum("charge")` is an exact `Decimal` too.
    """

    description = "Exact dollars"
    # The types for assigning and reading, for the type checker's Django plugin.
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
    """A secret as stored in the database, encrypted together with what it is bound to."""

    __slots__ = ()


class Secret(str):
    """A secret in plain text. `bound_to` is the host, as a URL, that it was given for."""

    __slots__ = ("bound_to",)

    def __new__(cls, text: str, bound_to: str = "") -> Self:
        secret = super().__new__(cls, text)
        secret.bound_to = bound_to
        return secret

    bound_to: str


class SecretAttribute(DeferredAttribute):
    """Decrypts on access, so that a lost key breaks only the code that needs the secret, not every query."""

    field: "EncryptedField"

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        value = self.as_kept(instance, cls)
        if instance is None or not isinstance(value, str):
            return value
        host = self.field.host_of(instance)
        secret = _secret(value, host)
        if secret.bound_to != host:
            raise SecretOfOtherHostError(_shown(secret.bound_to), _shown(host))
        return secret

    def __set__(self, instance: Any, value: Any) -> None:
        instance.__dict__[self.field.attname] = _kept(value)

    def as_kept(self, instance: Any, cls: Any = None) -> Any:
        """The value of the instance as it is, loaded from the database if need be."""
        return super().__get__(instance, cls)


class EncryptedField(TextColumn):
    """Text that is encrypted at rest with a key derived from SECRET_KEY (previous keys: SECRET_KEY_FALLBACKS).

    `bound_to` names the field with the host that the secret is for. The host is encrypted with the secret when a new
    one is saved, and stays with it: once the row names another host, by whatever means, the secret cannot be read.

    Reading the attribute raises SecretUnreadableError when no key fits, and SecretOfOtherHostError; saving the row then
    leaves the secret as it is. Otherwise saving encrypts it with the current key.
    """

    description = "Encrypted text"
    descriptor_class = SecretAttribute
    non_db_attrs = (*models.TextField.non_db_attrs, "bound_to")

    def __init__(self, *args: Any, bound_to: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.bound_to = bound_to

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs | ({"bound_to": self.bound_to} if self.bound_to else {})

    def host_of(self, instance: models.Model) -> str:
        return str(getattr(instance, self.bound_to)) if self.bound_to else ""

    def from_db_value(self, value: Any, _expression: Any, _connection: BaseDatabaseWrapper) -> Ciphertext | None:
        return None if value is None else Ciphertext(value)

    def to_python(self, value: Any) -> Any:
        return _kept(super().to_python(value))

    def value_from_object(self, obj: models.Model) -> str | None:
        """Encrypted: forms and fixtures (`dumpdata`) hold no plain secret."""
        value = SecretAttribute.as_kept(getattr(type(obj), self.attname), obj)
        return None if value is None else str(self._sealed(value, obj))

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:  # noqa: ARG002, FBT001 - Django's signature
        value = model_instance.__dict__.get(self.attname)
        if value is not None:  # kept as stored, so that this instance, too, cannot send it to another host later
            value = model_instance.__dict__[self.attname] = self._sealed(value, model_instance)
        return value

    def _sealed(self, value: str, instance: models.Model) -> Ciphertext:
        return value if isinstance(value, Ciphertext) else _seal(_secret(value, self.host_of(instance)))

    def get_prep_value(self, value: Any) -> str | None:
        if value is None:
            return None
        if isinstance(value, Ciphertext):
            return _reencrypt(value)
        if not isinstance(value, Secret):
            raise TypeError("a secret is saved with its row, which names its host: set the attribute and call save()")
        return _seal(value)


# Fernet's tokens.
ENCRYPTED = re.compile(r"gAAAA[A-Za-z0-9_-]{60,}={0,2}")
# Between the host and the secret, which cannot contain it.
SEPARATOR = "\0"
# In place of the host of a secret that was stored by a version that did not bind secrets. No host equals it.
UNBOUND = SEPARATOR


def _kept(value: Any) -> Any:
    """The value of an attribute: encrypted text, as in a fixture, is a stored secret, and never a new one."""
    return Ciphertext(value) if type(value) is str and ENCRYPTED.fullmatch(value) else value


def _secret(value: str, host: str) -> Secret:
    """The secret of a stored value; of plain text, a new secret for `host`."""
    if isinstance(value, Secret):
        return value
    if not isinstance(value, Ciphertext):
        return Secret(value, host)
    bound_to, separator, text = decrypt(value).partition(SEPARATOR)
    return Secret(text, bound_to) if separator else Secret(bound_to, UNBOUND)


def bind_stored(value: Ciphertext, host: str) -> Ciphertext:
    """A stored secret that was not bound to any host, bound to this one. Leaves one that no key fits as it is."""
    try:
        secret = _secret(value, host)
    except SecretUnreadableError:
        return value
    return _seal(Secret(secret, host)) if secret.bound_to == UNBOUND else value


def unbind_stored(value: Ciphertext) -> Ciphertext:
    """The opposite, for going back to a version that does not bind secrets."""
    try:
        return Ciphertext(encrypt(_secret(value, "")))
    except SecretUnreadableError:
        return value


def _shown(url: str) -> str:
    return "" if url == UNBOUND else urlsplit(url).netloc or url


def _seal(secret: Secret) -> Ciphertext:
    return Ciphertext(encrypt(f"{secret.bound_to}{SEPARATOR}{secret}"))


def _reencrypt(value: Ciphertext) -> str:
    try:
        return encrypt(decrypt(value))
    except SecretUnreadableError:
        return str(value)


class RawJSONField(TextColumn):
    """JSON exactly as received: text in Python, and readable by the database's JSON functions.

    Uses PostgreSQL's `json`, because `jsonb` would reorder keys, drop duplicates and reject \\u0000.
    """

    description = "JSON as received"

    def db_type(self, connection: BaseDatabaseWrapper) -> str | None:
        return "json" if connection.vendor == "postgresql" else super().db_type(connection)

    def select_format(self, compiler: Any, sql: str, params: Any) -> tuple[str, Any]:
        # Read as text: the driver would parse the JSON and turn charges into floats.
        if compiler.connection.vendor == "postgresql":
            return f"({sql})::text", params
        return sql, params


def encrypt(text: str) -> str:
    return _keys().encrypt(text.encode()).decode()


def decrypt(stored: str) -> str:
    """The plain text. Raises SecretUnreadableError when neither SECRET_KEY nor a fallback fits."""
    try:
        return _keys().decrypt(stored.encode()).decode()
    except InvalidToken:
        raise SecretUnreadableError from None


def _keys() -> MultiFernet:
    # The first key encrypts, every key decrypts, so SECRET_KEY can be rotated.
    return MultiFernet([_key(secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _key(secret: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"tollbook api token").derive(secret.encode())
    return Fernet(urlsafe_b64encode(derived))
