"""The settings of the site for processes of their own. The data folder comes from the environment, as in production."""

import os

from config.settings import *  # noqa: F403
from config.settings import JOURNAL_KDF_COST, STATIC_ROOT, STORAGES

STATIC_ROOT.mkdir(exist_ok=True)
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}

if "REAL_COST" not in os.environ:
    JOURNAL_KDF_COST = (19 * 1024, 2, 1)  # the floor
