"""Counts requests by kind of page, answer and time: never by address, person or word.

Each process counts in a file of its own, which `manage.py serve` makes room for if `METRICS_TOKEN` is set; whichever
process is asked adds them up (prometheus_client's multiprocess mode).
"""

import logging
import re
import time
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.conf import settings
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from guide import edition

logger = logging.getLogger(__name__)

REQUESTS = Counter("requests", "Answers, by kind of page and status.", ["page", "status"])
SECONDS = Histogram(
    "request_seconds", "Time to an answer, by kind of page.", ["page"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)  # fmt: skip
KINDS = {
    "static": "static", "images": "static", "manage": "desk", "journal": "journal", "account": "journal",
    "unlock": "journal", "lock": "journal", "sign-in": "door", "join": "door", "recover": "door", "sign-out": "door",
}  # fmt: skip
_FIRST = re.compile(r"/(?:[a-z]{2}/)?([^/]*)")


def kind(path: str) -> str:
    """Return what kind of page stands at an address. What nobody else has is the guide's."""
    first = _FIRST.match(path)
    return KINDS.get(first[1] if first else "", "guide")


class Counted:
    """Counts what an application answers, and writes a line for each answer to the log if `LOG_REQUESTS` is set."""

    def __init__(self, application: WSGIApplication) -> None:
        self.application = application

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        began = time.perf_counter()
        said = ""

        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Callable[[bytes], object]:
            nonlocal said
            said = status[:3]
            return start_response(status, headers, *error)

        body = self.application(environ, start)
        seconds, page = time.perf_counter() - began, kind(environ["PATH_INFO"])
        _count(page, said)(seconds)
        if settings.LOG_REQUESTS:
            logger.info("%s %s %s %.0f ms", environ["REQUEST_METHOD"], page, said, seconds * 1000)
        return body


@lru_cache(maxsize=500)
def _count(page: str, status: str) -> Callable[[float], None]:
    requests, times = REQUESTS.labels(page, status), SECONDS.labels(page)

    def count(seconds: float) -> None:
        requests.inc()
        times.observe(seconds)

    return count


def told() -> str:
    """Return all counters of all processes, and the edition of the one that answers, as Prometheus reads them."""
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    number = edition.current().number
    return f"{generate_latest(registry).decode()}# TYPE edition_number gauge\nedition_number {number}\n"
