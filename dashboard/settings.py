"""Django settings, all from the environment. What each variable does: the table of settings in README.md."""

from urllib.parse import urlsplit

from csp.constants import NONE, SELF

from dashboard import env
from dashboard.logs import FORMATS, logging_config
from logsync.retry import RetryPolicy
from logsync.spaces import space_url

BASE_DIR = env.BASE_DIR
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
env.read_dotenv()

VAR_DIR = BASE_DIR / env.text("VAR_DIR", "var")
DEBUG = env.read("DEBUG", "false", env.flag)
SECRET_KEY = env.secret_key(VAR_DIR)
SECRET_KEY_FALLBACKS = env.words(env.text("SECRET_KEY_FALLBACKS"))
SITE_URL = env.read("SITE_URL", "http://localhost:8000", env.site_url)
# This machine always: health checks come from it.
ALLOWED_HOSTS = [*LOOPBACK, *env.words(env.text("ALLOWED_HOSTS", urlsplit(SITE_URL).hostname or ""))]
REPORT_TIME_ZONE = env.read("REPORT_TIME_ZONE", "UTC", env.time_zone)

SIGNALWIRE_SPACE = env.read("SIGNALWIRE_SPACE", "", space_url)
SIGNALWIRE_PROJECT_ID = env.text("SIGNALWIRE_PROJECT_ID")
SIGNALWIRE_API_TOKEN = env.text("SIGNALWIRE_API_TOKEN")
PULL_DAYS_BACK = env.read("PULL_DAYS_BACK", "30", env.whole_number(1, 3660))
# How often a request is sent again, and how long is waited before.
PULL_RETRIES = RetryPolicy()
PULL_OVERLAP_DAYS = env.read("PULL_OVERLAP_DAYS", "3", env.whole_number(1, 366))
LEASE_SECONDS = env.read("LEASE_SECONDS", "180", env.whole_number(1, 3600))
PULL_REQUESTS_PER_SECOND = env.read("PULL_REQUESTS_PER_SECOND", "10", env.whole_number(1, 1000))
PULL_REQUESTS_IN_FLIGHT = env.read("PULL_REQUESTS_IN_FLIGHT", "8", env.whole_number(1, 1000))

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "csp",
    "django_htmx",
    "logsync",
    "dashboard",
]
MIDDLEWARE = [
    "dashboard.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "dashboard.middleware.FilterErrorMiddleware",
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

DATABASES = {"default": env.read("DATABASE_URL", f"sqlite:///{VAR_DIR}/tollbook.sqlite3", env.database, secret=True)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "en-us"
USE_I18N = False
USE_TZ = True
TIME_ZONE = REPORT_TIME_ZONE.key

LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/accounts/login/"
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
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

# Cookies, HSTS and the redirect follow the scheme people really use, so that plain http keeps working.
_HTTPS = SITE_URL.startswith("https://")
SECURE_SSL_REDIRECT = _HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if _HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _HTTPS else None
SECURE_REDIRECT_EXEMPT = [r"^healthz(/live|/ready)?$"]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _HTTPS
CSRF_TRUSTED_ORIGINS = [SITE_URL]
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

REDIS_URL = env.read("REDIS_URL", "", env.redis_url)

# '' leaves the level to each process: see dashboard/logs.py.
LOG_LEVEL = env.read("LOG_LEVEL", "", env.one_of("", "debug", "info", "warning", "error")).upper()
LOG_FORMAT = env.read("LOG_FORMAT", "text", env.one_of(*FORMATS))
LOG_PHONE_NUMBERS = env.read("LOG_PHONE_NUMBERS", "false", env.flag)
LOGGING = logging_config(LOG_LEVEL, LOG_FORMAT, phone_numbers=LOG_PHONE_NUMBERS)
METRICS_TOKEN = env.text("METRICS_TOKEN")
