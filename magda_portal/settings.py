"""The one settings module: every value comes from the environment through django-environ.

A secret ``NAME`` may also be given as a file, ``NAME_FILE``. Without any configuration the portal
runs on SQLite and a folder as its broker, with all state under ``DATA_DIR``; its secrets are made
there once by :mod:`magda_portal.bootstrap`. Settings only read. A wrong value is reported at
start by the system checks in :mod:`magda_portal.web.checks`.
"""

import re
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.utils.translation import gettext_lazy as _

from magda_portal.schedule import BEAT_SCHEDULE

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.FileAwareEnv()

# --- Where the portal lives -------------------------------------------------------------------

DATA_DIR = Path(env.str("DATA_DIR", default="var"))
if not DATA_DIR.is_absolute():
    DATA_DIR = BASE_DIR / DATA_DIR

BIND = env.str("BIND", default="127.0.0.1")
PORT = env.int("PORT", default=8000)
SANDBOX_PORT = env.int("SANDBOX_PORT", default=2121)
PORTAL_URL = env.str("PORTAL_URL", default=f"http://{BIND}:{PORT}").rstrip("/")
_portal = urlsplit(PORTAL_URL)
# What stands before the addresses that reverse() makes, which begin with the path of PORTAL_URL:
# the portal may live below a path of somebody else's host.
PORTAL_ORIGIN = f"{_portal.scheme}://{_portal.netloc}"
PORTAL_PATH = _portal.path
FORCE_SCRIPT_NAME = PORTAL_PATH or None
PORTAL_IS_HTTPS = _portal.scheme == "https"

DEBUG = False
# Health checks of a container ask by the loopback name, whatever the public name is.
ALLOWED_HOSTS = [_portal.hostname or "localhost", "localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = [PORTAL_ORIGIN]

# Reverse proxies whose X-Forwarded-For we believe; the same name tells gunicorn whose
# X-Forwarded-Proto it believes.
TRUSTED_PROXIES = [
    entry.strip()
    for entry in env.str("FORWARDED_ALLOW_IPS", default="127.0.0.1,::1").split(",")
    if entry.strip()
]

# --- Secrets ------------------------------------------------------------------------------------


def _secret(name: str) -> str:
    """Read a secret from the environment, from ``NAME_FILE``, or from the data folder.

    Returns an empty string when it is nowhere: Django and the system checks refuse to start then.
    """
    given = env.str(name, default="")
    if given:
        return str(given).strip()
    path = DATA_DIR / "secrets" / name.lower()
    return path.read_text(encoding="ascii").strip() if path.is_file() else ""


SECRET_KEY = _secret("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
# One "id:base64" a line or separated by commas; the first seals, all of them open.
SEALING_KEYS = _secret("SEALING_KEYS")

# --- Applications -------------------------------------------------------------------------------

INSTALLED_APPS = [
    "exchange",
    "certificates",
    "magda_portal.people",
    "magda_portal.audit",
    "magda_portal.web",
    "magda_portal.sealing",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.usersessions",
    "axes",
    "csp",
    "django_filters",
]

MIDDLEWARE = [
    "magda_portal.web.middleware.ClientAddressMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "magda_portal.web.compression.CompressedPagesMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "magda_portal.web.middleware.RequestIdMiddleware",
    "magda_portal.web.uploads.BrokenUploadMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    # Every page needs a login unless its view says otherwise.
    "magda_portal.web.logged_in.LoggedInMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "magda_portal.web.middleware.NoStoreMiddleware",
    # Last: it answers for a locked-out login.
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "magda_portal.urls"
WSGI_APPLICATION = "magda_portal.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["magda_portal.web.templatetags.components"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "magda_portal.web.context.portal",
            ],
        },
    }
]

# --- Database -----------------------------------------------------------------------------------

# A value from a file ends in a line break, which is no part of a database's name.
_database_url = env.str("DATABASE_URL", default="").strip()
DATABASE_URL_GIVEN = bool(_database_url)
if DATABASE_URL_GIVEN:
    # Kept connections are checked first: a restarted server costs no failed request.
    DATABASES = {"default": env.db_url_config(_database_url)}
    DATABASES["default"].update(CONN_MAX_AGE=60, CONN_HEALTH_CHECKS=True)
    if "postgresql" in DATABASES["default"]["ENGINE"]:
        # A server that vanished without a word, in seconds (the last in milliseconds): the page
        # says so, and a worker goes on with the next, instead of waiting for the kernel's hours.
        _patience = {
            "connect_timeout": 5,
            "keepalives_idle": 30,
            "keepalives_interval": 10,
            "keepalives_count": 3,
            "tcp_user_timeout": 30_000,
        }
        _given = DATABASES["default"].get("OPTIONS", {})
        DATABASES["default"]["OPTIONS"] = {**_patience, **_given}
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DATA_DIR / "portal.sqlite3",
            "CONN_MAX_AGE": 60,
            "OPTIONS": {
                # Measured with six writers: without IMMEDIATE and WAL up to 73 % of the
                # transactions fail as "database is locked"; with them none.
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
            },
        }
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Celery -------------------------------------------------------------------------------------

CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="filesystem://localhost//").strip()
if CELERY_BROKER_URL.startswith("filesystem:"):
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(DATA_DIR / "broker" / "queue"),
        "data_folder_out": str(DATA_DIR / "broker" / "queue"),
        "control_folder": str(DATA_DIR / "broker" / "control"),
        "polling_interval": 0.1,
    }
else:
    # A broker that hangs, refuses or is away must not hang a page: one try, of three seconds at
    # most. kombu's own retries would make eight of them, and redis-py's are off by default there.
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "socket_timeout": 3,
        "socket_connect_timeout": 3,
        "max_retries": 0,
        # Seconds. A worker finds out that its connection is dead within a minute.
        "health_check_interval": 10,
        # Longer than any transfer may take, or the broker starts a second copy of it. What is
        # overdue is looked for once a minute; the rounds found that work long before.
        "visibility_timeout": 6 * 3600,
        "unacked_restore_interval": 60,
        "unacked_restore_throttle": 1,
    }
# One connection for each thread of the web server, so that none waits for another's; in seconds.
CELERY_BROKER_POOL_LIMIT = 32
CELERY_BROKER_POOL_ACQUIRE_TIMEOUT = 1
# Slow transfers must never keep the rounds waiting that find work and free what stalled.
CELERY_TASK_DEFAULT_QUEUE = "rounds"
CELERY_TASK_ROUTES = {
    "exchange.tasks.work_account": {"queue": "transfers"},
    "exchange.tasks.collect_account": {"queue": "transfers"},
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# Workers and beat try for ever: after the hundredth time they would end.
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_PUBLISH_RETRY = False
# Seconds. A task that hangs ends before the broker would start a second copy of it.
CELERY_TASK_TIME_LIMIT = 6 * 3600 - 300
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "Europe/Brussels"
CELERY_BEAT_SCHEDULE = BEAT_SCHEDULE
CELERY_BEAT_SCHEDULER = "magda_portal.beat:Scheduler"
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "run" / "beat")

# --- Logging in ---------------------------------------------------------------------------------

AUTH_USER_MODEL = "people.Person"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "overview"
ACCOUNT_ADAPTER = "magda_portal.people.adapter.ClosedSignUpAdapter"
ACCOUNT_FORMS = {"login": "magda_portal.people.forms.LoginForm"}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_EMAIL_VERIFICATION = "none"
# No mail to addresses that nobody here has: it would invite them to a closed sign-up.
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_RATE_LIMITS = {"login_failed": False}  # django-axes counts, in the database
USERSESSIONS_TRACK_ACTIVITY = False
# AXES_USERNAME_FORM_FIELD stays at its default: with "login" axes records nothing and says nothing.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"], ["username"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "account/locked.html"
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

# --- Browser security ---------------------------------------------------------------------------

# Browsers take a __Host- cookie for the whole host only; below a path its neighbours have no
# business with it.
_GUARD = "" if not PORTAL_IS_HTTPS else "__Secure-" if PORTAL_PATH else "__Host-"
SESSION_COOKIE_NAME = f"{_GUARD}session"
SESSION_COOKIE_PATH = f"{PORTAL_PATH}/"
SESSION_COOKIE_SECURE = PORTAL_IS_HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 10 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_NAME = f"{_GUARD}csrf"
CSRF_COOKIE_PATH = f"{PORTAL_PATH}/"
CSRF_COOKIE_SECURE = PORTAL_IS_HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "magda_portal.people.views.refusals.forged"
# TLS ends in a reverse proxy; gunicorn believes its X-Forwarded-Proto only from
# FORWARDED_ALLOW_IPS, so Django needs no header setting of its own.
SECURE_SSL_REDIRECT = PORTAL_IS_HTTPS
# What a container asks on its own machine; health/certificates bears a token. Django compares
# without the first slash.
_below = re.escape(f"{PORTAL_PATH}/".lstrip("/"))
SECURE_REDIRECT_EXEMPT = [rf"^{_below}health/(live|ready)$"]
SECURE_HSTS_SECONDS = 31_536_000 if PORTAL_IS_HTTPS else 0
# Somebody else's host is not ours to promise this for.
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PORTAL_IS_HTTPS and not PORTAL_PATH
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

# --- Files --------------------------------------------------------------------------------------

UPLOAD_LIMIT = env.int("UPLOAD_LIMIT", default=2 * 1024**3)  # bytes
FILE_UPLOAD_HANDLERS = ["magda_portal.web.uploads.UnnamedFileUploadHandler"]
FILE_UPLOAD_TEMP_DIR = str(DATA_DIR / "uploads")
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024**2
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
DATA_UPLOAD_MAX_NUMBER_FILES = 50
PAYLOAD_DIR = DATA_DIR / "payloads"
# Files are refused when less would be left on that disk: the database on it has to go on.
STORAGE_RESERVE_MB = env.int("STORAGE_RESERVE_MB", default=100)
# Contents are erased this many days after delivery or first opening; rows and hashes stay.
PAYLOAD_RETENTION_DAYS = env.int("PAYLOAD_RETENTION_DAYS", default=30)

STATIC_URL = f"{PORTAL_PATH}/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# --- Transfers ----------------------------------------------------------------------------------

# Seconds: connect, one reply, no byte moving, a whole operation (0: no limit).
FTPS_CONNECT_TIMEOUT = env.float("FTPS_CONNECT_TIMEOUT", default=10.0)
FTPS_REPLY_TIMEOUT = env.float("FTPS_REPLY_TIMEOUT", default=30.0)
FTPS_STALL_TIMEOUT = env.float("FTPS_STALL_TIMEOUT", default=30.0)
FTPS_TOTAL_TIMEOUT = env.float("FTPS_TOTAL_TIMEOUT", default=0.0)

# How many deliveries of one account may run at once; MAGDA's server is shared.
CONNECTIONS_PER_ACCOUNT = env.int("CONNECTIONS_PER_ACCOUNT", default=2)

# --- Certificates -------------------------------------------------------------------------------

# Revocation lists are fetched from these hosts only; a name that begins with a dot stands for
# everything below it. Certificates name the addresses, so a list here keeps a made-up certificate
# from sending the portal anywhere.
REVOCATION_HOSTS = env.list("REVOCATION_HOSTS", default=[".pki.vlaanderen.be"])
# http://host:port of the proxy to fetch them through; empty: directly.
REVOCATION_PROXY = env.str("REVOCATION_PROXY", default="").strip()
# Whoever shows this token as a bearer may read /health/certificates; empty: nobody may.
HEALTH_TOKEN = env.str("HEALTH_TOKEN", default="").strip()

# --- Language and time --------------------------------------------------------------------------

# Where people report a page that they can't use, for the accessibility statement.
ACCESSIBILITY_CONTACT = env.str("ACCESSIBILITY_CONTACT", default="").strip()
# For people who have not chosen one, whose browser asks for none that we have, and for mail.
LANGUAGE_CODE = env.str("DEFAULT_LANGUAGE", default="nl")
LANGUAGES = [("nl", _("Dutch")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Europe/Brussels"
USE_TZ = True
LANGUAGE_COOKIE_PATH = f"{PORTAL_PATH}/"
LANGUAGE_COOKIE_SECURE = PORTAL_IS_HTTPS
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"

# --- Mail ---------------------------------------------------------------------------------------

_mail = env.email_url_config(env.str("EMAIL_URL", default="consolemail://").strip())
EMAIL_BACKEND = _mail["EMAIL_BACKEND"]
EMAIL_HOST = _mail["EMAIL_HOST"] or "localhost"
EMAIL_PORT = _mail["EMAIL_PORT"] or 25
EMAIL_HOST_USER = _mail["EMAIL_HOST_USER"] or ""
EMAIL_HOST_PASSWORD = _mail["EMAIL_HOST_PASSWORD"] or ""
EMAIL_USE_TLS = _mail.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = _mail.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default=f"portal@{_portal.hostname}")

# --- Logging ------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "filters": {"outages": {"()": "magda_portal.web.outages.OneLinePerOutage"}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["outages"],
        }
    },
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        "axes": {"level": "WARNING"},
        "django.server": {"level": "WARNING"},
        # "Not Found: /x" is no news; a bad request or an exception is.
        "django.request": {"level": "ERROR"},
    },
}
