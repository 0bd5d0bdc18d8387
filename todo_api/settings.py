"""Django settings, read from environment variables (docs/settings.md)."""

import os
from datetime import timedelta
from pathlib import Path

from dotenv import load_dotenv

from accounts.jwk import read_set
from accounts.sources import read_sources
from todo_api import __version__, addresses, embedded
from todo_api.env import Environment
from todo_api.request import logs

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = BASE_DIR / ".data"

load_dotenv(BASE_DIR / ".env")
env = Environment(os.environ)

# --- Mode -----------------------------------------------------------------------------------------

DEBUG = env.flag("DEBUG", default=False)
SECRET_KEY = env.secret("SECRET_KEY")
if not SECRET_KEY and DEBUG:
    SECRET_KEY = embedded.development_secret(DATA_DIR / "secret_key")
elif not SECRET_KEY:
    env.add_problem("SECRET_KEY", "is missing; make one with: openssl rand -base64 48")

# --- Authentication -------------------------------------------------------------------------------

# Hosts of a private network, such as `frontend` in Docker, whose keys are fetched over plain http.
PLAIN_HTTP_HOSTS = env.private_hosts("PLAIN_HTTP_HOSTS")
# The URL of the app. Some operators set the URL of Better Auth's routes instead.
BETTER_AUTH_URL = env.url("BETTER_AUTH_URL", plain_http=PLAIN_HTTP_HOSTS).removesuffix("/api/auth")
BETTER_AUTH_SECRET = env.secret("BETTER_AUTH_SECRET")
# JSON text: further issuers of tokens. It is read below, where the issuer of the app is known.
sources_text = env.document("AUTH_SOURCES")
has_keys = bool(BETTER_AUTH_URL or sources_text)
if DEBUG and not has_keys and not BETTER_AUTH_SECRET:
    BETTER_AUTH_SECRET = embedded.development_secret(DATA_DIR / "better_auth_secret")
BETTER_AUTH_TOKENS = env.choices(
    "BETTER_AUTH_TOKENS", ("jwks", "hs256"), default=["jwks" if has_keys else "hs256"]
)
if not has_keys and not BETTER_AUTH_SECRET:
    env.add_problem(
        "BETTER_AUTH_URL", "set it (or BETTER_AUTH_SECRET): without either, no user can sign in"
    )
elif "jwks" in BETTER_AUTH_TOKENS and not has_keys:
    env.add_problem("BETTER_AUTH_URL", "is missing, and BETTER_AUTH_TOKENS contains jwks")
elif sources_text and "jwks" not in BETTER_AUTH_TOKENS:
    env.add_problem("AUTH_SOURCES", "is not used: BETTER_AUTH_TOKENS does not contain jwks")
elif "hs256" in BETTER_AUTH_TOKENS and not BETTER_AUTH_SECRET:
    env.add_problem("BETTER_AUTH_SECRET", "is missing, and BETTER_AUTH_TOKENS contains hs256")
BETTER_AUTH_JWKS_URL = env.url(
    "BETTER_AUTH_JWKS_URL",
    BETTER_AUTH_URL and addresses.key_set_url(BETTER_AUTH_URL),
    whole=True,
    plain_http=PLAIN_HTTP_HOSTS,
)
if BETTER_AUTH_JWKS_URL and not BETTER_AUTH_URL:
    env.add_problem("BETTER_AUTH_JWKS_URL", "is not used without BETTER_AUTH_URL; set that as well")
BETTER_AUTH_JWKS = env.document("BETTER_AUTH_JWKS", valid=read_set)
BETTER_AUTH_JWKS_MAX_STALE_HOURS = env.number("BETTER_AUTH_JWKS_MAX_STALE_HOURS", 24, 1, 720)
# Better Auth sets `iss` and `aud` to its origin. With BETTER_AUTH_SECRET alone both are unknown.
BETTER_AUTH_ISSUER = env.text("BETTER_AUTH_ISSUER", addresses.origin_of(BETTER_AUTH_URL))
BETTER_AUTH_AUDIENCE = env.text("BETTER_AUTH_AUDIENCE", addresses.origin_of(BETTER_AUTH_URL))
AUTH_SOURCES = read_sources(
    sources_text,
    add_problem=env.add_problem,
    plain_http=PLAIN_HTTP_HOSTS,
    taken=BETTER_AUTH_ISSUER if BETTER_AUTH_URL else "",
)
# Local accounts sign HS256 tokens, so they need those to be accepted.
LOCAL_ACCOUNTS = env.flag("LOCAL_ACCOUNTS", default=True) and "hs256" in BETTER_AUTH_TOKENS

AUTH_USER_MODEL = "accounts.User"
# The contents of a user's export besides the user: kind -> serializer.
PERSONAL_DATA = {
    "task": "tasks.serializers.TaskSerializer",
    "idempotency_record": "tasks.serializers.IdempotencyRecordSerializer",
    "calendar_feed": "tasks.serializers.CalendarFeedSerializer",
}
PASSWORD_HASHERS = ["accounts.hashers.FrugalArgon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("MinimumLengthValidator", "CommonPasswordValidator", "NumericPasswordValidator")
]
SIMPLE_JWT = {
    "ALGORITHM": "HS256",
    "SIGNING_KEY": BETTER_AUTH_SECRET,
    "ISSUER": BETTER_AUTH_ISSUER or None,
    "AUDIENCE": BETTER_AUTH_AUDIENCE or None,
    "ACCESS_TOKEN_LIFETIME": timedelta(hours=env.number("JWT_EXPIRATION_HOURS", 24, 1, 8760)),
}

# --- Database -------------------------------------------------------------------------------------

# libpq reads these: what the service relies on, whatever the defaults of the database are.
os.environ |= {"PGDATESTYLE": "ISO, YMD", "PGTZ": "UTC"}
EMBEDDED = DEBUG and not env.text("DATABASE_URL")
DATABASES = {
    "default": {
        **env.database(
            "DATABASE_URL", default=embedded.start(DATA_DIR / "postgres") if EMBEDDED else ""
        ),
        "ENGINE": "todo_api.postgresql",
        "CONN_MAX_AGE": 60,  # seconds
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": True,  # a pooler may assign connections per transaction
    }
}
# A schema of their own for the tables; by default the first of the role's search_path.
DATABASE_SCHEMA = env.identifier("DATABASE_SCHEMA")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Web ------------------------------------------------------------------------------------------

# Loopback names are always allowed, for health checks on the machine itself.
ALLOWED_HOSTS = [*env.hosts("ALLOWED_HOSTS"), "localhost", "127.0.0.1", "[::1]"]
# The number of trusted proxies in front. Only their X-Forwarded-* headers are used.
TRUSTED_PROXY_COUNT = env.number("TRUSTED_PROXY_COUNT", 0, 0, 10)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXY_COUNT else None

origins = env.origins("CORS_ORIGINS") or env.origins(
    "FRONTEND_URL",
    default=["http://localhost:3000", "http://127.0.0.1:3000"] if DEBUG else [],
)
CORS_ALLOWED_ORIGINS = [origin for origin in origins if "*" not in origin]
CORS_ALLOWED_ORIGIN_REGEXES = [
    addresses.preview_pattern(origin) for origin in origins if "*" in origin
]
CORS_ALLOW_CREDENTIALS = True
CORS_ALLOW_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
CORS_ALLOW_HEADERS = [
    "accept", "authorization", "cache-control", "content-type", "idempotency-key", "if-match",
    "if-none-match", "pragma", "time-zone", "x-request-id", "x-requested-with",
    # Agents in a browser.
    "mcp-method", "mcp-name", "mcp-protocol-version",
    # Tracing: Sentry, and W3C Trace Context.
    "baggage", "sentry-trace", "traceparent", "tracestate",
    *env.header_names("CORS_HEADERS"),
]  # fmt: skip
CORS_EXPOSE_HEADERS = [
    "Content-Disposition", "ETag", "Idempotency-Replayed", "Ignored-Fields", "Link", "Location",
    "RateLimit", "RateLimit-Policy", "Retry-After", "WWW-Authenticate", "X-Request-ID",
    "X-Total-Count",
]  # fmt: skip
CORS_PREFLIGHT_MAX_AGE = 86_400  # seconds

# For an admin whose proxy changes Host or X-Forwarded-Proto.
CSRF_TRUSTED_ORIGINS = env.origins("ADMIN_ORIGINS", patterns=False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEBUG
SECURE_HSTS_SECONDS = 0 if DEBUG else 31_536_000
SILENCED_SYSTEM_CHECKS = [
    # A partial constraint makes the e-mail unique among users with a password.
    "auth.W004",
    # HSTS for subdomains and the preload list: a decision for the whole domain, not for one host.
    "security.W005",
    "security.W021",
    # env.secret refuses weak secrets; Django requires 50 characters.
    "security.W009",
    # No redirect to https: it would hide that a token was sent in plain text.
    "security.W008",
]

MAX_BODY_BYTES = 1_048_576
DATA_UPLOAD_MAX_MEMORY_SIZE = MAX_BODY_BYTES
# Refuse unknown members and query parameters instead of listing them in Ignored-Fields.
STRICT_INPUT = env.flag("STRICT_INPUT", default=False)

# Requests per minute: of a user, and of a client address without a valid token. 0: no limit.
RATE_LIMIT_PER_MINUTE = env.number("RATE_LIMIT_PER_MINUTE", 600, 0, 1_000_000)
RATE_LIMIT_ANONYMOUS_PER_MINUTE = env.number("RATE_LIMIT_ANONYMOUS_PER_MINUTE", 120, 0, 1_000_000)
# Concurrent requests of one user in a process. 0: no limit.
REQUESTS_AT_WORK_PER_USER = 4
# The most tasks of one user, those in the trash included.
TASKS_PER_USER = env.number("TASKS_PER_USER", 50_000, 1, 10_000_000)
# purge_expired deletes tasks that are in the trash longer than this.
TRASH_DAYS = env.number("TRASH_DAYS", 30, 1, 3_650)
# Shares the request counts between processes. Without it each process counts separately.
REDIS_URL = env.redis("REDIS_URL")

ROOT_URLCONF = "todo_api.urls"
WSGI_APPLICATION = "todo_api.wsgi.application"
APPEND_SLASH = False  # every path works with and without it

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True  # serves static files from the packages, without collectstatic
STORAGES = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}

INSTALLED_APPS = [
    "accounts",  # first, so that its commands replace Django's of the same name
    "todo_api.web.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "corsheaders",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "axes",
    "todo_api",
    "tasks",
    "operations",
]
MIDDLEWARE = [
    "todo_api.middleware.RequestIdMiddleware",
    "operations.middleware.ObserveMiddleware",
    "todo_api.middleware.WebMiddleware",
    # The following are for pages. API requests skip them (WebMiddleware).
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "operations.admin_input.AdminInputMiddleware",
    "axes.middleware.AxesMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "todo_api/templates"],  # before those of the admin
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False
FORMAT_MODULE_PATH = "todo_api.formats"  # dates and times in the admin

# --- Admin ----------------------------------------------------------------------------------------

TAKEN_PATHS = ("health", "healthz", "metrics", "readyz", "static")
ADMIN_PATH = env.path("ADMIN_PATH", "admin", taken=("api", *TAKEN_PATHS))
# No CORS for the admin: a browser may send its session cookie from other origins.
CORS_URLS_REGEX = f"^/(?!{ADMIN_PATH}(/|$))"
LOGIN_REDIRECT_URL = "admin:index"
CSRF_FAILURE_VIEW = "todo_api.web.error_pages.csrf_failure"
SESSION_ENGINE = "accounts.admin_sessions"
# A session ends this long after the sign-in, even if it is in use, or when the browser closes.
SESSION_COOKIE_AGE = env.number("ADMIN_SESSION_HOURS", 8, 1, 720) * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True

# For the admin only. The API's log-in has its own limit (accounts.throttling).
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AXES_HANDLER = "accounts.lockout.Handler"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"], "ip_address", "username"]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=30)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "accounts.lockout.locked_out"
AXES_CLIENT_IP_CALLABLE = "accounts.lockout.client_address"
AXES_CLIENT_STR_CALLABLE = "accounts.lockout.client_description"
AXES_USERNAME_CALLABLE = "accounts.lockout.username_hash"
AXES_USERNAME_FORM_FIELD = "username"
AXES_SENSITIVE_PARAMETERS = ["username", "csrfmiddlewaretoken"]
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

# --- API ------------------------------------------------------------------------------------------

# Response formats for existing frontends: named combinations, and their single settings.
CONTRACTS = {
    "canonical": {},
    "keyed": {"API_LIST_SHAPE": "keyed", "API_ITEM_SHAPE": "keyed"},
    "keyed-list": {"API_LIST_SHAPE": "keyed"},
    "data": {"API_LIST_SHAPE": "data", "API_ITEM_SHAPE": "data", "API_DELETE_STATUS": "200"},
    "camel": {"API_FIELD_CASE": "camel"},
}
# Names that API_TASK_EXTRAS cannot have.
TASK_MEMBERS = {
    "id", "user_id", "title", "description", "completed", "completed_at", "priority", "due_date",
    "due_at", "time_zone", "remind_at", "repeat", "tags", "created_at", "updated_at", "deleted_at",
    "next", "status", "is_completed",
}  # fmt: skip
contract = CONTRACTS[env.choice("API_CONTRACT", CONTRACTS)]
API_LIST_SHAPE = env.choice("API_LIST_SHAPE", ("bare", "keyed", "data", "data-keyed"), contract)
API_ITEM_SHAPE = env.choice("API_ITEM_SHAPE", ("bare", "keyed", "data"), contract)
API_ERROR_SHAPE = env.choice("API_ERROR_SHAPE", ("flat", "nested"), contract)
API_FIELD_CASE = env.choice("API_FIELD_CASE", ("snake", "camel"), contract)
API_DELETE_STATUS = int(env.choice("API_DELETE_STATUS", ("204", "200"), contract))
API_STATUS_FIELD = env.flag("API_STATUS_FIELD", default=False)
API_DONE_FIELD = env.flag("API_DONE_FIELD", default=False)
API_TASK_EXTRAS = env.members(
    "API_TASK_EXTRAS", taken=TASK_MEMBERS, is_camel=API_FIELD_CASE == "camel"
)
# Own accounts are below /api/auth/, and also below this path, for frontends without a prefix.
API_AUTH_PREFIX = env.path("API_AUTH_PREFIX", "", taken=("api", ADMIN_PATH, *TAKEN_PATHS))
API_PREFIXES = ("/api/", f"/{API_AUTH_PREFIX}/") if API_AUTH_PREFIX else ("/api/",)

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.authentication.BearerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["todo_api.web.rendering.ContractRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "todo_api.web.rendering.Negotiation",
    "DEFAULT_PARSER_CLASSES": ["todo_api.web.body.BodyParser"],
    "DEFAULT_THROTTLE_CLASSES": ["todo_api.limits.rate_limits.AnonymousThrottle"],
    "DEFAULT_METADATA_CLASS": None,  # no OPTIONS: WebMiddleware responds to preflights
    "DEFAULT_SCHEMA_CLASS": "todo_api.web.openapi.schema.ApiSchema",
    "EXCEPTION_HANDLER": "todo_api.errors.exception_handler",
    "NUM_PROXIES": TRUSTED_PROXY_COUNT,
    "URL_FORMAT_OVERRIDE": None,  # `format` is an unknown query parameter like any other
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Todo API",
    "VERSION": __version__,
    "DESCRIPTION": (BASE_DIR / "todo_api/web/openapi/introduction.md").read_text(),
    "SERVERS": [{"url": "/", "description": "This service"}],
    "CONTACT": {"name": "The Todo API authors"},
    "LICENSE": {"name": "MIT", "identifier": "MIT"},
    "SORT_OPERATIONS": "todo_api.openapi.canonical_first",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PUBLIC": True,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False,
    "PREPROCESSING_HOOKS": ["todo_api.web.openapi.schema.without_slashes"],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "todo_api.web.openapi.schema.require_every_member",
        "todo_api.openapi.name_operations",
        "todo_api.openapi.add_examples",
        "tasks.schema.in_contract",
        "todo_api.web.openapi.contract.in_contract",
    ],
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
}

# --- Monitoring -----------------------------------------------------------------------------------

# Each worker process writes its counts of responses once a minute (operations.traffic).
RECORD_TRAFFIC = True
# The bearer token of Prometheus. Without it /metrics returns 404.
METRICS_TOKEN = env.secret("METRICS_TOKEN")

# --- Logs -----------------------------------------------------------------------------------------

LOGGING = logs.configuration(debug=DEBUG)

env.raise_if_invalid()
