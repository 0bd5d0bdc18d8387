"""Settings of the service. Behaviour differs by variable, never by file: docs/settings.md."""

import os
from datetime import timedelta
from pathlib import Path

from dotenv import load_dotenv

from accounts.jwk import read_set
from todo_api import embedded
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
    env.wrong("SECRET_KEY", "is missing; make one with: openssl rand -base64 48")

# --- Who is calling -------------------------------------------------------------------------------

# Some write the address of Better Auth's own routes; what we need is the app's.
BETTER_AUTH_URL = env.url("BETTER_AUTH_URL").removesuffix("/api/auth")
BETTER_AUTH_SECRET = env.secret("BETTER_AUTH_SECRET")
if DEBUG and not BETTER_AUTH_URL and not BETTER_AUTH_SECRET:
    BETTER_AUTH_SECRET = embedded.development_secret(DATA_DIR / "better_auth_secret")
BETTER_AUTH_TOKENS = env.chosen(
    "BETTER_AUTH_TOKENS", ("jwks", "hs256"), default=["jwks" if BETTER_AUTH_URL else "hs256"]
)
if not BETTER_AUTH_URL and not BETTER_AUTH_SECRET:
    env.wrong(
        "BETTER_AUTH_URL", "set it (or BETTER_AUTH_SECRET): without either nobody can sign in"
    )
elif "jwks" in BETTER_AUTH_TOKENS and not BETTER_AUTH_URL:
    env.wrong("BETTER_AUTH_URL", "is missing, and BETTER_AUTH_TOKENS asks for jwks")
elif "hs256" in BETTER_AUTH_TOKENS and not BETTER_AUTH_SECRET:
    env.wrong("BETTER_AUTH_SECRET", "is missing, and BETTER_AUTH_TOKENS asks for hs256")
BETTER_AUTH_JWKS_URL = env.url(
    "BETTER_AUTH_JWKS_URL",
    f"{BETTER_AUTH_URL}/api/auth/jwks" if BETTER_AUTH_URL else "",
    whole=True,
)
BETTER_AUTH_JWKS = env.document("BETTER_AUTH_JWKS", valid=read_set)
BETTER_AUTH_JWKS_MAX_STALE_HOURS = env.number("BETTER_AUTH_JWKS_MAX_STALE_HOURS", 24, 1, 720)
# Better Auth puts its origin into `iss` and `aud`; a bare secret says nothing about either.
BETTER_AUTH_ISSUER = env.text("BETTER_AUTH_ISSUER", env.origin_of(BETTER_AUTH_URL))
BETTER_AUTH_AUDIENCE = env.text("BETTER_AUTH_AUDIENCE", env.origin_of(BETTER_AUTH_URL))
# Own accounts mint HS256 tokens, so they exist only where those are accepted.
LOCAL_ACCOUNTS = env.flag("LOCAL_ACCOUNTS", default=True) and "hs256" in BETTER_AUTH_TOKENS

AUTH_USER_MODEL = "accounts.User"
# What a person's export holds beside themselves, and how it is shown.
PERSONAL_DATA = {
    "task": "tasks.serializers.TaskSerializer",
    "idempotency_record": "tasks.serializers.IdempotencyRecordSerializer",
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

EMBEDDED = DEBUG and not env.text("DATABASE_URL")
DATABASES = {
    "default": {
        **env.database(
            "DATABASE_URL", default=embedded.start(DATA_DIR / "postgres") if EMBEDDED else ""
        ),
        "ENGINE": "todo_api.postgresql",
        "CONN_MAX_AGE": 60,  # seconds
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": True,  # Neon's pooler hands out connections per transaction
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Web ------------------------------------------------------------------------------------------

# Loopback is always there: health checks on the machine itself, and nobody else can send it.
ALLOWED_HOSTS = [*env.hosts("ALLOWED_HOSTS"), "localhost", "127.0.0.1", "[::1]"]
# How many proxies of ours stand in front. Their X-Forwarded-* headers are believed, nobody else's.
TRUSTED_PROXY_COUNT = env.number("TRUSTED_PROXY_COUNT", 0, 0, 10)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXY_COUNT else None

CORS_ALLOWED_ORIGINS = env.origins("CORS_ORIGINS") or env.origins(
    "FRONTEND_URL", default=["http://localhost:3000"] if DEBUG else []
)
CORS_ALLOW_CREDENTIALS = True
CORS_ALLOW_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
CORS_ALLOW_HEADERS = [
    "accept", "authorization", "cache-control", "content-type", "idempotency-key", "if-match",
    "if-none-match", "pragma", "x-request-id", "x-requested-with",
]  # fmt: skip
CORS_EXPOSE_HEADERS = [
    "Content-Disposition", "ETag", "Idempotency-Replayed", "Ignored-Fields", "Link", "Location",
    "RateLimit", "RateLimit-Policy", "Retry-After", "WWW-Authenticate", "X-Request-ID",
    "X-Total-Count",
]  # fmt: skip
CORS_PREFLIGHT_MAX_AGE = 86_400  # seconds

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEBUG
SECURE_HSTS_SECONDS = 0 if DEBUG else 31_536_000
SILENCED_SYSTEM_CHECKS = [
    # E-mail is unique among people with a password only, which the check cannot see.
    "auth.W004",
    # One host's API cannot decide for sibling domains, nor put them on a browser's list.
    "security.W005",
    "security.W021",
    # The start refuses a weak secret (env.secret); Django's rule asks for 50 characters.
    "security.W009",
    # No redirect to https: a token sent in the clear has leaked, and a redirect would hide it.
    "security.W008",
]

MAX_BODY_BYTES = 1_048_576
DATA_UPLOAD_MAX_MEMORY_SIZE = MAX_BODY_BYTES
# Unknown members and query parameters are refused instead of named in a header.
STRICT_INPUT = env.flag("STRICT_INPUT", default=False)

# Calls a minute: of a person, and of an address without a good token. 0 is no limit.
RATE_LIMIT_PER_MINUTE = env.number("RATE_LIMIT_PER_MINUTE", 600, 0, 1_000_000)
RATE_LIMIT_ANONYMOUS_PER_MINUTE = env.number("RATE_LIMIT_ANONYMOUS_PER_MINUTE", 120, 0, 1_000_000)
# Requests of one user that run in a process at a time. 0 is no limit.
REQUESTS_AT_WORK_PER_USER = 4
# Where the processes count together; without it each counts for itself.
REDIS_URL = env.redis("REDIS_URL")

ROOT_URLCONF = "todo_api.urls"
WSGI_APPLICATION = "todo_api.wsgi.application"
APPEND_SLASH = False  # every path answers with and without it

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True  # static files are served from the packages: no collectstatic step
STORAGES = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}

INSTALLED_APPS = [
    "accounts",  # before Django's own: of two commands of one name the first app's wins
    "django.contrib.admin",
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
    # What follows is for pages. API requests go past it.
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "axes.middleware.AxesMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
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
DATE_FORMAT, DATETIME_FORMAT = "Y-m-d", "Y-m-d H:i"  # in the admin; as in the log, and UTC

# --- Admin ----------------------------------------------------------------------------------------

ADMIN_PATH = env.path(
    "ADMIN_PATH", "admin", taken=("api", "health", "healthz", "metrics", "readyz", "static")
)
# Pages of other origins have no business in the admin, whose cookie a browser may send along.
CORS_URLS_REGEX = f"^/(?!{ADMIN_PATH}(/|$))"
SESSION_ENGINE = "accounts.admin_sessions"
# A sign-in ends so long after it, used or not, and with the browser.
SESSION_COOKIE_AGE = env.number("ADMIN_SESSION_HOURS", 8, 1, 720) * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True

# Only the admin authenticates this way: the API's log-in has its own limit (accounts.throttling).
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
AXES_CLIENT_IP_CALLABLE = "accounts.lockout.caller"
AXES_CLIENT_STR_CALLABLE = "accounts.lockout.described"
AXES_USERNAME_CALLABLE = "accounts.lockout.name_of"
AXES_USERNAME_FORM_FIELD = "username"
AXES_SENSITIVE_PARAMETERS = ["username", "csrfmiddlewaretoken"]
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

# --- API ------------------------------------------------------------------------------------------

# What existing frontends expect of the answers' shape: a combination by name, and parts of it.
CONTRACTS = {
    "canonical": {},
    "keyed": {"API_LIST_SHAPE": "keyed", "API_ITEM_SHAPE": "keyed"},
    "keyed-list": {"API_LIST_SHAPE": "keyed"},
    "data": {"API_LIST_SHAPE": "data", "API_ITEM_SHAPE": "data", "API_DELETE_STATUS": "200"},
    "camel": {"API_FIELD_CASE": "camel"},
}
contract = CONTRACTS[env.choice("API_CONTRACT", CONTRACTS)]
API_LIST_SHAPE = env.choice("API_LIST_SHAPE", ("bare", "keyed", "data"), contract)
API_ITEM_SHAPE = env.choice("API_ITEM_SHAPE", ("bare", "keyed", "data"), contract)
API_ERROR_SHAPE = env.choice("API_ERROR_SHAPE", ("flat", "nested"), contract)
API_FIELD_CASE = env.choice("API_FIELD_CASE", ("snake", "camel"), contract)
API_DELETE_STATUS = int(env.choice("API_DELETE_STATUS", ("204", "200"), contract))
API_STATUS_FIELD = env.flag("API_STATUS_FIELD", default=False)

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.authentication.BearerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["todo_api.web.rendering.ContractRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "todo_api.web.rendering.Negotiation",
    "DEFAULT_PARSER_CLASSES": ["todo_api.web.body.BodyParser"],
    "DEFAULT_THROTTLE_CLASSES": ["todo_api.limits.rate_limits.AnonymousThrottle"],
    "DEFAULT_METADATA_CLASS": None,  # OPTIONS is the browser's, answered before any view
    "DEFAULT_SCHEMA_CLASS": "todo_api.web.openapi.schema.ApiSchema",
    "EXCEPTION_HANDLER": "todo_api.errors.exception_handler",
    "NUM_PROXIES": TRUSTED_PROXY_COUNT,
    "URL_FORMAT_OVERRIDE": None,  # `format` is a parameter like any other that we do not know
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Todo API",
    "VERSION": "1.0.0",
    "DESCRIPTION": "A signed-in person reads and changes their own tasks, and nobody else's.",
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
        "todo_api.web.openapi.schema.answers_are_whole",
        "tasks.schema.in_contract",
        "todo_api.web.openapi.contract.in_contract",
    ],
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
}

# --- What operators see ---------------------------------------------------------------------------

# Each worker process adds up its answers and writes them once a minute (operations.traffic).
RECORD_TRAFFIC = True
# Prometheus shows it as a bearer token. Without it there is no /metrics.
METRICS_TOKEN = env.secret("METRICS_TOKEN")

# --- Logs -----------------------------------------------------------------------------------------

LOGGING = logs.configuration(debug=DEBUG)

env.stop_if_unsafe()
