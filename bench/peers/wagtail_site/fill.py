"""Put the text of a page into the first page of a new Wagtail site, and seven parts below it for its menu."""

import os
import sys
from pathlib import Path

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "peer.settings.production"
sys.path.insert(0, ".")
django.setup()

from home.models import HomePage  # noqa: E402 - when the settings are there

home = HomePage.objects.get()
home.title = "Are you ready?"
home.body = Path(sys.argv[1]).read_text()
home.save_revision().publish()
for number in range(1, 8):
    home.add_child(instance=HomePage(title=f"Part {number}", slug=f"part-{number}", show_in_menus=True))
