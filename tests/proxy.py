"""The site behind a real nginx, with the file that is shipped in `deploy/nginx/`. All on this machine."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.tls import ROOT, SecureSite, make_certificate, serving
from tools import programs
from tools.ports import free_port

SITE = ROOT / "deploy" / "nginx" / "either-way.conf"
# Around it stands what Debian's own nginx.conf has: a site must not rely on it, and undoes what it does not want.
AROUND = """
daemon off;
{user}
worker_processes 2;
pid {folder}/nginx.pid;
error_log {folder}/nginx-error.log;
events {{ worker_connections 768; }}
http {{
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    sendfile on;
    gzip on;
    access_log {folder}/access.log;
    client_body_temp_path {folder}/sent 1 2;  # folders that stay, though the files in them do not
    proxy_temp_path {folder}/answered 1 2;
    fastcgi_temp_path {folder}/none;
    uwsgi_temp_path {folder}/none;
    scgi_temp_path {folder}/none;
    include {folder}/site.conf;
}}
"""


@dataclass
class ProxiedSite(SecureSite):
    """The running site: where nginx listens without TLS too, and the folder it could write to."""

    plain: int = 0
    folder: Path = Path()
    places: tuple[int, int] = (0, 0)
    nginx: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)


def adapted(site: ProxiedSite, key: Path) -> str:
    """The shipped file with the names, ports and folders of a test. Everything else stays word for word.

    Raises `ValueError` if something that is to be replaced is not there, or the shipped file names another folder.
    """
    text = SITE.read_text()
    port = site.host.partition(":")[2]
    for shipped, ours in {
        "https://guide.example$": f"{site.url}$",
        "server_name guide.example;": "server_name localhost;",
        "listen 80;": f"listen 127.0.0.1:{site.plain};",
        "    listen [::]:80;\n": "",
        "listen 443 ssl http2;": f"listen 127.0.0.1:{port} ssl http2;",
        "    listen [::]:443 ssl http2;\n": "",
        "/etc/letsencrypt/live/guide.example/fullchain.pem": str(site.certificate),
        "/etc/letsencrypt/live/guide.example/privkey.pem": str(key),
        "127.0.0.1:8001": f"127.0.0.1:{site.places[0]}",
        "127.0.0.1:8002": f"127.0.0.1:{site.places[1]}",
        "/var/log/nginx/": f"{site.folder}/",
        "/srv/either-way/current/": f"{ROOT}/",
    }.items():
        if shipped not in text:
            raise ValueError(f"{SITE.name} has no “{shipped}” any more.")
        text = text.replace(shipped, ours)
    return text


@contextmanager
def nginx(folder: Path) -> Iterator[ProxiedSite]:
    """Run nginx with the shipped file until the block ends, without a site behind it yet."""
    certificate, key = make_certificate(folder)
    site = ProxiedSite(f"https://localhost:{free_port()}", certificate, folder / "log.txt")
    site.plain, site.folder, site.places = free_port(), folder, (free_port(), free_port())
    for name in ("sent", "answered", "none"):
        (folder / name).mkdir()
    (folder / "site.conf").write_text(adapted(site, key))
    user = "user root;" if os.geteuid() == 0 else ""  # else its workers could not read what a test made
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder, user=user))
    command = [programs.find("nginx"), "-e", str(folder / "nginx-error.log"), "-c", str(folder / "nginx.conf")]
    with (folder / "nginx.txt").open("w") as out:
        site.nginx = subprocess.Popen(command, stdout=out, stderr=out)
    try:
        for _ in range(300):
            assert site.nginx.poll() is None, (folder / "nginx.txt").read_text()
            try:
                socket.create_connection(("127.0.0.1", site.plain), timeout=5).close()
                break
            except OSError:
                time.sleep(0.1)
        yield site
    finally:
        site.nginx.terminate()
        site.nginx.wait(timeout=20)


@contextmanager
def proxied_site(folder: Path) -> Iterator[ProxiedSite]:
    """Serve the site in the first place, behind nginx, with a database of its own in a folder."""
    with nginx(folder) as site, serving(site, folder, site.places[0]):
        yield site
