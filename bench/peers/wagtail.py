"""A Wagtail site with a page of the guide's text: made by Wagtail's own `wagtail start`, and served by granian."""

import shutil
import subprocess
from pathlib import Path

FILES = Path(__file__).parent / "wagtail_site"


def make(binaries: Path, folder: Path, text: str) -> None:
    """Make the site in a folder that exists."""
    (folder / "text.html").write_text(text)

    def run(*command: str) -> None:
        subprocess.run([binaries / command[0], *command[1:]], cwd=folder, check=True, capture_output=True)

    run("wagtail", "start", "peer", ".")
    shutil.copy(FILES / "models.py", folder / "home/models.py")
    shutil.copy(FILES / "home_page.html", folder / "home/templates/home/home_page.html")
    shutil.copy(FILES / "production.py", folder / "peer/settings/production.py")
    settings = "--settings=peer.settings.production"
    run("python", "manage.py", "makemigrations", settings, "home")
    run("python", "manage.py", "migrate", settings)
    run("python", str(FILES / "fill.py"), "text.html")
