"""Django's settings, derived from `schoolgate.config`; nothing here is read from elsewhere."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from schoolgate.config import PRIVATE, Config, mail_of

os.umask(PRIVATE)
CONFIG = Config.from_environment()
CONFIG.make_home()

SECRET_KEY = CONFIG.site_keys().key("django-sessions").hex()
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", "testserver", urlsplit(CONFIG.site).hostname or "localhost"]
USE_TZ = True
TIME_ZONE = "Europe/London"
LANGUAGE_CODE = "en-gb"
USE_I18N = True
LANGUAGES = [("en-gb", "English"), ("cy", "Cymraeg")]
# A translator's catalogues: `locale/cy/LC_MESSAGES/django.mo` (docs/notices.md).
LOCALE_PATHS = [CONFIG.home / "locale"]
ROOT_URLCONF = "schoolgate.web.urls"
WSGI_APPLICATION = "schoolgate.web.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "people.Account"
STATIC_URL = "static/"
# GOV.UK Frontend's stylesheet, when `frontend/` was built; the pages are complete without it.
_BUILT = Path(__file__).resolve().parents[2] / "static-built"
STATICFILES_DIRS = [_BUILT] if _BUILT.is_dir() else []
WHITENOISE_USE_FINDERS = True
CSRF_FAILURE_VIEW = "schoolgate.web.faults.csrf_failed"
LOGIN_URL = "/family/sign-in/"

DATABASES = {"default": CONFIG.django_database()}
# A face or a worker reaches the tables of its own; what it may not touch is said in plain words before the database
# refuses it.
DATABASE_ROUTERS = [] if CONFIG.gate is None else ["schoolgate.gate.serve.outside.OutsideRouter"]

# Tries at signing in are counted here (`web/family/throttle`). Django’s own limit is 300 entries; the oldest are then
# forgotten: a hundred and sixty wrong sign-ins with made-up addresses would wipe out somebody's count. Each entry costs
# a try, and each try a slow hash, so that so many are not made within the quarter of an hour that a count stands.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {"MAX_ENTRIES": 200_000},
    }
}

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_tasks_db",
    "schoolgate.work",
    "schoolgate.register",
    "schoolgate.post",
    "schoolgate.published",
    "schoolgate.people",
    "schoolgate.declining",
    "schoolgate.collect",
    "schoolgate.match",
    "schoolgate.records",
    "schoolgate.consent",
    "schoolgate.requests",
    "schoolgate.requests.drafting",
    "schoolgate.requests.panel",
    "schoolgate.notices",
    "schoolgate.ledger",
    "schoolgate.gate.releases",
    "schoolgate.gate.erasing",
    "schoolgate.gate.corrections",
    "schoolgate.gate.withholding",
    "schoolgate.oversight",
    "schoolgate.rights",
    "schoolgate.rights.cases",
    "schoolgate.rights.packs",
    "schoolgate.rights.digests",
    "schoolgate.rights.helping",
    "schoolgate.web",
]

# The queue. Whatever a row of its table names, a worker does these and nothing else.
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}}
WORK_TASKS = (
    "schoolgate.gate.settle.settle_release",
    "schoolgate.gate.settle.note_unsettled",
    "schoolgate.gate.releases.fetching.tend",
    "schoolgate.gate.erasing.service.carry_out",
    "schoolgate.gate.erasing.service.tend",
    "schoolgate.gate.erasing.past.replace_past",
    "schoolgate.gate.corrections.tending.tend",
    "schoolgate.oversight.letters.tell_overseers",
    "schoolgate.oversight.stating.state_quarter",
    "schoolgate.register.jobs.publish",
    "schoolgate.requests.agreement.jobs.mind_days",
    "schoolgate.notices.telling.tell_notices",
    "schoolgate.post.jobs.send",
    "schoolgate.post.jobs.forget",
    "schoolgate.published.jobs.refresh",
    "schoolgate.rights.cases.jobs.mind_cases",
    "schoolgate.rights.packs.jobs.make",
    "schoolgate.rights.packs.jobs.tend",
    "schoolgate.rights.digests.jobs.tell_families",
    "schoolgate.published.jobs.tell",
    "schoolgate.work.jobs.tidy",
)

# Letters. Nothing leaves the machine until an operator says where to.
_MAIL = mail_of(CONFIG)
EMAIL_BACKEND, DEFAULT_FROM_EMAIL, EMAIL_FILE_PATH = _MAIL.backend, _MAIL.sender, str(_MAIL.folder)
EMAIL_HOST, EMAIL_PORT, EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _MAIL.host, _MAIL.port, _MAIL.user, _MAIL.password
EMAIL_USE_TLS, EMAIL_USE_SSL, EMAIL_TIMEOUT = _MAIL.starttls, _MAIL.tls, 30

MIDDLEWARE = [
    "schoolgate.web.headers.SecurityHeaders",
    "schoolgate.web.faults.NotTooLarge",
    "schoolgate.web.faults.TryLater",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 60 * 60 * 2
CSRF_COOKIE_HTTPONLY = True
# Where people reach the site by TLS, its cookies go no other way, and browsers are told to ask no other way for a year.
_TLS = CONFIG.site.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _TLS
CSRF_TRUSTED_ORIGINS = [CONFIG.site] if _TLS else []
SECURE_HSTS_SECONDS = 31_536_000 if _TLS else 0
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"

# Logs never carry request bodies, query strings or exception locals: a name or a code in one of them
# would outlive every right to have it erased.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}
