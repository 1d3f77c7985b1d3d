"""Django settings, read from the environment. README.md documents each variable."""

from functools import partial
from urllib.parse import urlsplit

from csp.constants import NONE, SELF

from dashboard.access.limits import SOURCE
from dashboard.config import env, site
from dashboard.config.log_output import FORMATS, logging_config
from dashboard.config.redis_url import redis_url
from logsync.signalwire.retries import RetryPolicy
from logsync.signalwire.space_url import parse_space_url
from logsync.text import whole_number

BASE_DIR = env.BASE_DIR
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
env.read_dotenv()

VAR_DIR = BASE_DIR / env.text("VAR_DIR", "var")
DEBUG = env.read("DEBUG", "false", env.flag)
SECRET_KEY = env.secret_key(VAR_DIR, published_is_fine=DEBUG)
SECRET_KEY_FALLBACKS = env.words(env.text("SECRET_KEY_FALLBACKS"))
SITE_URL = env.read("SITE_URL", "http://localhost:8000", site.site_url)
ALLOWED_HOSTS = [*LOOPBACK, site.host_of(SITE_URL), *env.read("ALLOWED_HOSTS", "", site.allowed_hosts)]
# X-Forwarded-For and X-Forwarded-Host are read from these alone: see dashboard/pages/forwarding.py.
TRUSTED_PROXIES = env.read("TRUSTED_PROXIES", "", site.networks)
USE_X_FORWARDED_HOST = bool(TRUSTED_PROXIES)
REPORT_TIME_ZONE = env.read("REPORT_TIME_ZONE", "UTC", env.time_zone)

SIGNALWIRE_SPACE = env.read("SIGNALWIRE_SPACE", "", parse_space_url)
SIGNALWIRE_PROJECT_ID = env.text("SIGNALWIRE_PROJECT_ID")
SIGNALWIRE_API_TOKEN = env.text("SIGNALWIRE_API_TOKEN")
SIGNALWIRE_ALLOW_PRIVATE = env.read("SIGNALWIRE_ALLOW_PRIVATE", "false", env.flag)
PULL_DAYS_BACK = env.read("PULL_DAYS_BACK", "30", whole_number(1, 3660))
PULL_RETRIES = RetryPolicy()
PULL_OVERLAP_DAYS = env.read("PULL_OVERLAP_DAYS", "3", whole_number(1, 366))
LEASE_SECONDS = env.read("LEASE_SECONDS", "180", whole_number(1, 3600))
PULL_REQUESTS_PER_SECOND = env.read("PULL_REQUESTS_PER_SECOND", "10", whole_number(1, 1000))
PULL_REQUESTS_IN_FLIGHT = env.read("PULL_REQUESTS_IN_FLIGHT", "8", whole_number(1, 1000))
# The columnar copy is asked about periods with at least so many logs: the database answers sooner about fewer.
COPY_MIN_LOGS = 100_000
COPY_IN_BACKGROUND = True

INSTALLED_APPS = [
    "dashboard.administration.apps.AdministrationConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "axes",
    "csp",
    "django_htmx",
    "logsync",
    "dashboard",
]
MIDDLEWARE = [
    "dashboard.pages.forwarding.TrustedProxyMiddleware",
    "dashboard.pages.forwarding.AnyHostMiddleware",
    "dashboard.pages.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "dashboard.pages.middleware.NoStoreMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "dashboard.pages.middleware.SignInRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "dashboard.access.known_devices.KnownDeviceMiddleware",
    "axes.middleware.AxesMiddleware",
    "dashboard.pages.middleware.FilterErrorMiddleware",
    *(["dashboard.pages.middleware.AnsweredByMiddleware"] if DEBUG else []),
]
ROOT_URLCONF = "dashboard.urls"
WSGI_APPLICATION = "dashboard.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

_DATABASE = env.read("DATABASE_URL", f"sqlite:///{VAR_DIR}/tollbook.sqlite3", env.database)
DATABASES = {"default": env.read("DATABASE_POOLER", "", partial(env.through_pooler, _DATABASE))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "en-us"
USE_I18N = False
USE_TZ = True
TIME_ZONE = REPORT_TIME_ZONE.key

LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/accounts/login/"
SESSION_COOKIE_AGE = 14 * 24 * 3600
# django-axes limits every form that checks a password, the admin's too, and counts in the database, which all processes
# share. (The limits of django-allauth do not cover the admin, and count in a cache, which only Redis would share.)
AUTHENTICATION_BACKENDS = ["dashboard.access.backend.LimitedSignIn", "django.contrib.auth.backends.ModelBackend"]
AXES_HANDLER = "dashboard.access.attempts.SignInAttempts"  # the limits
AXES_COOLOFF_TIME = SOURCE.memory  # older failures are deleted
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_CLIENT_IP_CALLABLE = "dashboard.access.client_address.client_address"
AXES_LOCKOUT_CALLABLE = "dashboard.pages.sign_in.too_many_attempts"
AXES_DISABLE_ACCESS_LOG = True  # only failures are kept
AXES_ENABLE_ADMIN = AXES_VERBOSE = False
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "dashboard.runtime.bundles.BundleFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

# Secure cookies, HSTS and the redirect only if the site is served over https.
_HTTPS = SITE_URL.startswith("https://")
SECURE_SSL_REDIRECT = _HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if _HTTPS else 0
# Only the URL knows the port of https; without one, each host is redirected to itself.
SECURE_SSL_HOST = urlsplit(SITE_URL).netloc if _HTTPS and urlsplit(SITE_URL).port else None
# An https URL says that a TLS proxy stands in front.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _HTTPS or TRUSTED_PROXIES else None
# For probes and Prometheus, which come to the address of a machine or pod, and not through the proxy.
ANY_HOST_PATHS = r"^(healthz(/live|/ready)?|metrics)$"
SECURE_REDIRECT_EXEMPT = [ANY_HOST_PATHS]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _HTTPS
CSRF_TRUSTED_ORIGINS = [SITE_URL]
# Subdomains of the host, and whether browsers ship its domain as https-only, are for the owner of the domain to decide.
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = False
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]  # that these two are off
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

REDIS_URL = env.read("REDIS_URL", "", redis_url)

# If empty, services and commands have different defaults: see dashboard/config/log_output.py.
LOG_LEVEL = env.read("LOG_LEVEL", "", env.one_of("", "debug", "info", "warning", "error")).upper()
LOG_FORMAT = env.read("LOG_FORMAT", "text", env.one_of(*FORMATS))
LOG_PHONE_NUMBERS = env.read("LOG_PHONE_NUMBERS", "false", env.flag)
LOGGING = logging_config(LOG_LEVEL, LOG_FORMAT, phone_numbers=LOG_PHONE_NUMBERS)
METRICS_TOKEN = env.text("METRICS_TOKEN")
