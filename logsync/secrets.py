"""Secrets at rest: encrypted with a key that is derived from SECRET_KEY."""

from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from logsync.exceptions import SecretUnreadableError


def encrypt(text: str) -> str:
    return _keys().encrypt(text.encode()).decode()


def decrypt(stored: str) -> str:
    """The secret in clear. Raises SecretUnreadableError when no key of SECRET_KEY or its fallbacks fits."""
    try:
        return _keys().decrypt(stored.encode()).decode()
    except InvalidToken:
        raise SecretUnreadableError from None


def _keys() -> MultiFernet:
    # The first key encrypts, every key decrypts: this is how SECRET_KEY is rotated.
    return MultiFernet([_key(secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _key(secret: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"tollbook api token").derive(secret.encode())
    return Fernet(urlsafe_b64encode(derived))
