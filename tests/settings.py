"""The settings of the site, in a folder of their own, with hashes as cheap as the floor allows.

The database is SQLite's, or the server's that `DATABASE_URL` names: `make test-postgres`.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

_folder = tempfile.mkdtemp(prefix="either-way-")
atexit.register(shutil.rmtree, _folder, ignore_errors=True)
os.environ["DATA_DIR"] = _folder
for name in ("SITE_URL", "SECRET_KEY", "PEPPERS", "DEBUG", "PORT", "TRUSTED_PROXIES", "TIME_ZONE", "CACHE_URL"):
    os.environ.pop(name, None)

from config.settings import *  # noqa: E402, F403
from config.settings import DATABASES, STATIC_ROOT, STORAGES  # noqa: E402

STATIC_ROOT.mkdir()
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
if DATABASES["default"]["ENGINE"] == "config.sqlite":
    # A file, as in production, so that a test can look through its bytes.
    DATABASES["default"]["TEST"] = {"NAME": str(Path(_folder) / "test.sqlite3")}

JOURNAL_KDF_COST = (19 * 1024, 2, 1)
