"""The same page, served in the ways it could be if nobody had written `guide.front`. Each is a WSGI application.

`BENCH_FOLDER` holds `page.html` and `page.html.gz`.
"""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from whitenoise import WhiteNoise

FOLDER = Path(os.environ["BENCH_FOLDER"])
COMPRESSED = (FOLDER / "page.html.gz").read_bytes()
HEADERS = [
    ("Content-Type", "text/html; charset=utf-8"),
    ("Content-Length", str(len(COMPRESSED))),
    ("Content-Encoding", "gzip"),
]


def bare(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """The least that a WSGI application can do."""
    start_response("200 OK", HEADERS)
    return [COMPRESSED]


whitenoise = WhiteNoise(bare, root=FOLDER)

settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    MIDDLEWARE=["django.middleware.security.SecurityMiddleware", "whitenoise.middleware.WhiteNoiseMiddleware"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="for a bench",
    STATIC_URL="/static/",
    WHITENOISE_ROOT=FOLDER,
)
urlpatterns: list[Any] = []
behind_django = get_wsgi_application()
