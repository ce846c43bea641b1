"""Settings, all of them from environment variables; importing this file starts nothing.

| variable            | meaning                                               | without it             |
|---------------------|-------------------------------------------------------|------------------------|
| DATABASE_URL        | PostgreSQL 14 or later                                | the embedded server    |
| REDIS_URL           | Redis or Valkey, broker and cache: redis://, rediss:// or unix:// | the embedded Valkey |
| SECRET_KEY          | signs sessions                                        | made once, kept in var/ |
| INFORMANT_KEYS      | Fernet keys, comma separated; the first encrypts      | made once, kept in var/ |
| ALLOWED_HOSTS       | host names, comma separated                           | this machine only      |
| TRUSTED_ORIGINS     | https origins that may post forms, comma separated    | none                   |
| BEHIND_TLS          | 1: secure cookies, HSTS, trust X-Forwarded-Proto      | 0                      |
| TRUSTED_PROXIES     | proxies before the portal, each of which adds to X-Forwarded-For | 0           |
| PORTAL_URL          | its address, as e-mails give it                       | http://127.0.0.1:8000  |
| EMAIL_HOST, _PORT, _USER, _PASSWORD, _TLS, _FROM | the mail server          | e-mails become files under var/ |
| API_REQUESTS_PER_MINUTE | of one token, or one person without; a fifth of it: searches and figures of one account; 0: no limit | 600 |
| WEBHOOK_HOSTS       | hosts of webhooks that may have a private address; host:port for another port than 443 | none |
| API_SCHEMA_SIGN_IN  | 1: the API's schema and explorer are for who signed in | 0                     |
| UCDP_URL            | where UCDP's candidate files lie                      | UCDP's own server      |
| ACLED_URL           | ACLED's site, or a proxy for it                       | https://acleddata.com  |
| PORTAL_APPS         | Django apps of your own, comma separated              | none                   |
| SECRET_KEY_FILE, INFORMANT_KEYS_FILE, EMAIL_PASSWORD_FILE | files that hold these instead | none |
| POC_STATE_DIR       | where one machine keeps its data                      | var/                   |
"""

import datetime
import os
from pathlib import Path

import dj_database_url
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from poc_portal import broker, queues
from poc_portal.local.postgres import DATABASE_NAME, DATABASE_USER, postgres_sockets
from poc_portal.local.state import BASE_DIR, database_is_external, state_directory
from poc_portal.local.valkey import valkey_url

STATE_DIR = state_directory()


def _list(name: str, default: str = "") -> list[str]:
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


def _secret(name: str) -> str:
    """From the environment, else from the file that ``name``_FILE names, as secrets are mounted."""
    file = os.environ.get(f"{name}_FILE")
    return os.environ.get(name) or (Path(file).read_text().strip() if file else "")


SECRET_KEY = _secret("SECRET_KEY")
INFORMANT_KEYS = [key.strip() for key in _secret("INFORMANT_KEYS").split(",") if key.strip()]
DEBUG = False
ALLOWED_HOSTS = _list("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = _list("TRUSTED_ORIGINS")
CSRF_FAILURE_VIEW = "poc_portal.web.errors.csrf_failure"
BEHIND_TLS = os.environ.get("BEHIND_TLS") == "1"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = BEHIND_TLS
CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True  # pages carry the token themselves
LANGUAGE_COOKIE_SAMESITE = "Lax"
DEVICE_COOKIE_NAME = "device"  # where the owner of an account once signed in
SESSION_COOKIE_AGE = CSRF_COOKIE_AGE = 12 * 60 * 60  # one working day
SECURE_HSTS_SECONDS = 31_536_000 if BEHIND_TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = BEHIND_TLS
if BEHIND_TLS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    # Browsers take cookies of these names from this very host alone, and only encrypted.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
    DEVICE_COOKIE_NAME = "__Host-device"
# To send readers on to https is the proxy's business; a list in browsers is for the site's owner.
SILENCED_SYSTEM_CHECKS = ["security.W008", "security.W021"]
# How many hops of X-Forwarded-For are ours; none unless said, for anybody can write that header.
TRUSTED_PROXIES = int(os.environ.get("TRUSTED_PROXIES", "0"))
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# From the lowest floor up; those of your own stand above ours.
APPS = ["poc_portal", "missions", "records", "exchange", "threats", "strategies"]
APPS += _list("PORTAL_APPS")
INSTALLED_APPS = [
    *APPS,
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "csp",
    "django_cotton.apps.SimpleAppConfig",  # the loaders are named below
    "django_filters",
    "django_htmx",
    "django_tables2",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "knox",
    "rest_framework",
]

MIDDLEWARE = [
    "poc_portal.web.middleware.PolicyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "poc_portal.web.styles.StylesheetMiddleware",
    "csp.middleware.CSPMiddleware",
    "poc_portal.api.middleware.ApiMiddleware",
    "poc_portal.web.middleware.ClockMiddleware",
    "poc_portal.web.middleware.LargeFormMiddleware",
    "poc_portal.web.middleware.DatabaseAwayMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "poc_portal.web.middleware.DeclaredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "poc_portal.web.middleware.PrivatePagesMiddleware",
    "poc_portal.web.pace.CostlyPagesMiddleware",
    "poc_portal.web.at_once.AtOnceMiddleware",
]

ROOT_URLCONF = "poc_portal.urls"
WSGI_APPLICATION = "poc_portal.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django_cotton.cotton_loader.Loader",
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "poc_portal.web.context.declared",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django_cotton.templatetags.cotton",
                "poc_portal.templatetags.portal",
            ],
        },
    }
]
COTTON_DIR = "components"  # templates/components/panel.html is <c-panel>
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
INSTALLED_APPS.append("django.forms")

# -- Database ------------------------------------------------------------------------------
if database_is_external():
    _database = dict(dj_database_url.parse(os.environ["DATABASE_URL"]))
else:
    _database = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": DATABASE_NAME,
        "USER": DATABASE_USER,
        "HOST": str(postgres_sockets()),
    }
DATABASES = {"default": _database | {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# -- Broker and cache ------------------------------------------------------------------------
REDIS_URL = os.environ.get("REDIS_URL") or valkey_url()
CACHES = {
    "default": {
        "BACKEND": "poc_portal.cache.Cache",
        "LOCATION": [broker.cache_url(REDIS_URL)],
        "KEY_PREFIX": "poc",
        "OPTIONS": {"serializer": "poc_portal.cache.AsJson"},
    }
}
# A message only wakes a worker: what must be done is a row, and a sweep finds it. So a message is
# gone once it is taken, whatever becomes of the worker, and nothing keeps what a task returned.
CELERY_BROKER_URL = broker.celery_url(REDIS_URL)
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": broker.PATIENCE,
    "socket_connect_timeout": broker.PATIENCE,
    "max_retries": 0,  # of a message; the workers' own connections are tried for ever
    "ack_emulation": False,
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = queues.SHORT
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a broker may be away for long
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE_FILENAME = str(STATE_DIR / "beat-schedule")

# -- E-mail: to a server where one is named, else into files ---------------------------------
EMAIL_HOST = os.environ.get("EMAIL_HOST", "")
EMAIL_PORT = int(os.environ.get("EMAIL_PORT", "587"))
EMAIL_HOST_USER = os.environ.get("EMAIL_USER", "")
EMAIL_HOST_PASSWORD = _secret("EMAIL_PASSWORD")
EMAIL_USE_TLS = os.environ.get("EMAIL_TLS", "1") == "1"
EMAIL_TIMEOUT = 20
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'filebased'}.EmailBackend"
EMAIL_FILE_PATH = STATE_DIR / "e-mail"
DEFAULT_FROM_EMAIL = os.environ.get("EMAIL_FROM", "poc-portal@localhost")
PORTAL_URL = os.environ.get("PORTAL_URL", "http://127.0.0.1:8000")

# -- People --------------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = ["poc_portal.web.guessing.Backend"]
AUTH_USER_MODEL = "missions.User"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

# -- Languages -----------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("fr", _("French"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["poc_portal.formats"]
FILTERS_EMPTY_CHOICE_LABEL = _("any")
TIME_ZONE = "UTC"
USE_TZ = True

# -- Pages -----------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 300  # seconds; names carry no hash, so a new version shows soon
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
LARGEST_FILE = 10 * 1024 * 1024  # bytes somebody may upload
DJANGO_TABLES2_TEMPLATE = "portal/table.html"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# -- API -------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "poc_portal.api.access.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": [
        "rest_framework.permissions.IsAuthenticated",
        "poc_portal.api.access.WithinToken",
    ],
    "DEFAULT_THROTTLE_CLASSES": [
        "poc_portal.api.access.RateLimit",
        "poc_portal.web.pace.CostlyLimit",
        "poc_portal.web.at_once.FilesAtOnce",
    ],
    "DEFAULT_FILTER_BACKENDS": [
        "poc_portal.api.filters.FilterBackend",
        "poc_portal.api.filters.SearchFilter",
        "poc_portal.api.filters.OrderingFilter",
    ],
    "DEFAULT_PAGINATION_CLASS": "poc_portal.api.pagination.CursorPagination",
    "DEFAULT_RENDERER_CLASSES": [
        "rest_framework.renderers.JSONRenderer",
        "poc_portal.api.renderers.NDJSONRenderer",
        "poc_portal.api.renderers.GeoJSONRenderer",
        "poc_portal.api.renderers.CSVRenderer",
        "poc_portal.api.renderers.XLSXRenderer",
    ],
    "DEFAULT_PARSER_CLASSES": ["poc_portal.api.parsers.Parser"],
    "DEFAULT_SCHEMA_CLASS": "poc_portal.api.schema.Schema",
    "EXCEPTION_HANDLER": "poc_portal.api.errors.problem",
    "NUM_PROXIES": TRUSTED_PROXIES,
    "DATETIME_FORMAT": "%Y-%m-%dT%H:%M:%S.%fZ",  # in UTC, as the projection writes it too
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
API_REQUESTS_PER_MINUTE = int(os.environ.get("API_REQUESTS_PER_MINUTE", "600"))
WEBHOOK_HOSTS = _list("WEBHOOK_HOSTS")
KNOX_TOKEN_MODEL = "exchange.AccessToken"
TOKENS_URL = "tokens"  # where people make theirs
MIGRATION_MODULES = {"knox": None}  # its own table is not used
REST_KNOX = {"TOKEN_TTL": datetime.timedelta(days=30), "AUTH_HEADER_PREFIX": "Token"}
SPECTACULAR_SETTINGS = {
    "TITLE": "POC Portal API",
    "DESCRIPTION": (
        "Threats to civilians, what a peace mission does about them, and the risk of every "
        "community. Each answer holds only what the caller's account is cleared for."
    ),
    "VERSION": "5.0.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": [
        "rest_framework.permissions."
        + ("IsAuthenticated" if os.environ.get("API_SCHEMA_SIGN_IN") == "1" else "AllowAny")
    ],
    "POSTPROCESSING_HOOKS": [
        "poc_portal.api.schema.with_enumerations",
        "poc_portal.api.schema.with_problem",
    ],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "COMPONENT_SPLIT_REQUEST": True,
}

# -- Logs --------------------------------------------------------------------------------------
# What people typed never reaches a log: no request bodies, no SQL parameters.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {name: {"level": "INFO"} for name in APPS if name != "poc_portal"}
    | {"kombu": {"level": "ERROR"}},
}
