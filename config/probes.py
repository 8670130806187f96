"""What machines ask about the site: is it there, is it ready, how much does it do. Answered before Django.

A probe comes from this machine or from a proxy, under any host name and by plain HTTP, so nothing of Django's is
asked whether it may. What strangers learn is `ok` or `not ready`.
"""

import hmac
import logging
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from config import counting
from guide import edition

logger = logging.getLogger(__name__)

OK, AWAY = "200 OK", "503 Service Unavailable"


class Probes:
    """Answers `/healthz`, `/readyz` and `/metrics`, and hands every other request on."""

    def __init__(self, application: WSGIApplication) -> None:
        self.application = application
        self._is_migrated = False  # once it is, it stays so for as long as this code runs

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path == "/healthz":
            return _say(start_response, OK, "ok\n")
        if path == "/readyz":
            return _say(start_response, OK, "ok\n") if self._is_ready() else _say(start_response, AWAY, "not ready\n")
        if path == "/metrics" and _may_count(environ):
            return _say(start_response, OK, counting.told())
        return self.application(environ, start_response)

    def _is_ready(self) -> bool:
        """Whether pages can be served that need the database: it answers, has all tables, and there is a guide."""
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            if not self._is_migrated:
                executor = MigrationExecutor(connection)
                self._is_migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
            edition.current()
        except DatabaseError as error:
            connection.close()
            logger.warning("Not ready: the database does not answer (%s).", type(error).__name__)
            return False
        if not self._is_migrated:
            logger.warning("Not ready: the database waits for a migration.")
        return self._is_migrated


def _may_count(environ: WSGIEnvironment) -> bool:
    """Whether a request carries the token. Without one in the settings there is no such page."""
    sent = environ.get("HTTP_AUTHORIZATION", "").encode("latin-1")
    return bool(settings.METRICS_TOKEN) and hmac.compare_digest(sent, b"Bearer " + settings.METRICS_TOKEN.encode())


def _say(start_response: StartResponse, status: str, text: str) -> list[bytes]:
    body = text.encode()
    headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))]
    start_response(status, [*headers, ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff")])
    return [body]
