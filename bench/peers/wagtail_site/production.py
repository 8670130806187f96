import os

from .base import *  # noqa: F403

DEBUG = False
SECRET_KEY = "for a bench"
ALLOWED_HOSTS = ["127.0.0.1"]
if os.environ.get("BENCH_CACHED"):
    MIDDLEWARE = [
        "django.middleware.cache.UpdateCacheMiddleware",
        *MIDDLEWARE,  # noqa: F405
        "django.middleware.cache.FetchFromCacheMiddleware",
    ]
