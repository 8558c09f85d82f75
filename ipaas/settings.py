"""Settings, all of them from environment variables; without any, the embedded default runs.

Embedded: SQLite, worker threads and live messages in one process. With ``CAUSEWAY_DATABASE_URL``
and ``CAUSEWAY_REDIS_URL`` the same code runs as many processes on PostgreSQL and Redis.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(os.environ.get("CAUSEWAY_DATA_DIR", BASE_DIR / "var")).resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True)


def _secret_key() -> str:
    """Signing key from the environment, else from a private file made at the first start."""
    if given := os.environ.get("CAUSEWAY_SECRET_KEY"):
        return given
    path = DATA_DIR / "secret.key"
    try:
        with open(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    return path.read_text()


def _database(url: str | None) -> dict[str, Any]:
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DATA_DIR / "causeway.sqlite3",
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",
                "init_command": (
                    "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
                    "PRAGMA temp_store=MEMORY; PRAGMA cache_size=-8000;"
                ),
            },
        }
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"}:
        raise ValueError("CAUSEWAY_DATABASE_URL must start with postgresql://")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": parts.port or "",
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"pool": {"min_size": 1, "max_size": 24, "timeout": 20}},
    }


SECRET_KEY = _secret_key()
DEBUG = os.environ.get("CAUSEWAY_DEBUG") == "1"
PORT = int(os.environ.get("CAUSEWAY_PORT", "8000"))
PUBLIC_URL = os.environ.get("CAUSEWAY_PUBLIC_URL", f"http://127.0.0.1:{PORT}").rstrip("/")
SANDBOX_URL = os.environ.get("CAUSEWAY_SANDBOX_URL", "http://127.0.0.1:8701").rstrip("/")
REDIS_URL = os.environ.get("CAUSEWAY_REDIS_URL", "")
EMBEDDED = not REDIS_URL
# Where documents of runs move once they are older than so many seconds; empty: they stay.
STORAGE_URL = os.environ.get("CAUSEWAY_STORAGE_URL", "")
STORAGE_ENDPOINT = os.environ.get("CAUSEWAY_STORAGE_ENDPOINT", "")
STORAGE_REGION = os.environ.get("CAUSEWAY_STORAGE_REGION", "")
STORAGE_AFTER_S = int(os.environ.get("CAUSEWAY_STORAGE_AFTER_S", "600"))
CAUSEWAY_DEMO = os.environ.get("CAUSEWAY_DEMO", "1" if EMBEDDED else "0") == "1"
ALLOWED_HOSTS = [urlsplit(PUBLIC_URL).hostname or "localhost", "127.0.0.1", "localhost", "[::1]"]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "channels",
    "ipaas.tenancy",
    "connectors",
    "runtime",
    "designer",
]
MIDDLEWARE = [
    "ipaas.tenancy.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "designer.static_files.StaticFilesMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "ipaas.urls"
ASGI_APPLICATION = "ipaas.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]

DATABASES = {"default": _database(os.environ.get("CAUSEWAY_DATABASE_URL"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CHANNEL_LAYERS: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "channels.layers.InMemoryChannelLayer", "CONFIG": {"capacity": 1000}}
    if EMBEDDED
    else {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL]},
    }
}

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/designer/assets/.+$"  # names carry a hash
WHITENOISE_AUTOREFRESH = DEBUG

LOGIN_URL = "/login"
LOGIN_REDIRECT_URL = "/"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = PUBLIC_URL.startswith("https://")
CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "ipaas.tenancy.problems.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"}
]

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["ipaas.tenancy.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["ipaas.tenancy.rendering.ExactJsonRenderer"],
    "DEFAULT_PARSER_CLASSES": ["ipaas.tenancy.rendering.ExactJsonParser"],
    "DEFAULT_SCHEMA_CLASS": "ipaas.tenancy.schema.ApiSchema",
    "EXCEPTION_HANDLER": "ipaas.tenancy.problems.handle",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Causeway API",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("CAUSEWAY_LOG_LEVEL", "WARNING")},
}
