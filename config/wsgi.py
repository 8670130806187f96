"""The WSGI application, for any server."""

import os
import re
import sys
import time
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

_django = get_wsgi_application()

from django.db import OperationalError, connection  # noqa: E402 - these need the settings and the apps

from config.counting import Counted  # noqa: E402
from config.probes import Probes  # noqa: E402
from guide import edition  # noqa: E402
from guide.front import Front  # noqa: E402
from journal import turns  # noqa: E402

# Opening a text of 2 KB and more lets other threads run, and waits as long as this to go on. A search does so
# for every text: beside a busy thread 0.6 seconds became 0.4 (bench/journal.py). Python's own choice is 5 ms.
sys.setswitchinterval(0.0005)

_BOUNDARY = re.compile(r';\s*(boundary=(?:"[^"]+"|[^\s;"]+))', re.IGNORECASE)


def behind(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Hand a request to Django as what every form of ours is: UTF-8, whatever its header says.

    Django looks up a charset that a Content-Type names while it makes its request, where neither our error pages nor
    our log filter stand around it, and refuses words in another than UTF-8. Readers of the guide need no turn.
    """
    environ["CONTENT_TYPE"] = without_charset(environ.get("CONTENT_TYPE", ""))
    with turns.taken():
        return _django(environ, start_response)


def _read_the_guide() -> None:
    """Have the guide at hand before the first request: from then on it is served, with or without the database.

    A database that is away just now is waited for, ten seconds at most: other processes answer meanwhile.
    """
    for _ in range(20):
        try:
            edition.current()
        except OperationalError:
            time.sleep(0.5)
        except Exception:  # whatever it is, the first reader meets it too, and is answered with a page of ours
            return
        else:
            connection.close()  # this thread asks no more
            return


application: WSGIApplication = Probes(Front(behind))
if settings.METRICS_TOKEN or settings.LOG_REQUESTS:
    application = Counted(application)
_read_the_guide()


def without_charset(content_type: str) -> str:
    """Return the type alone, with the boundary if it has one."""
    kind = content_type.partition(";")[0].strip()
    boundary = _BOUNDARY.search(content_type)
    return f"{kind}; {boundary[1]}" if boundary else kind
