"""A page of the guide beside the same bytes served in other ways, and beside Wagtail with the same text.

Every server has two processes, and all of them are up at once; each is asked in its turn.
"""

import gzip
import os
import re
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

from bench.measuring import Figure, Load, in_turns, megabytes, milliseconds, running, say, wrk
from bench.peers import wagtail
from tools.ports import free_port
from tools.site import ROOT, Site

PAGE = "/guide/are-you-ready/"
OURS, NGINX, BARE = "guide page", "nginx gzip_static", "bare WSGI"
FILE, DJANGO_FILE = "WhiteNoise", "WhiteNoise in Django"
WAGTAIL, CACHED = "Wagtail", "Wagtail, cached"
NGINX_CONFIG = """{user}
worker_processes 2;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{ worker_connections 256; }}
http {{
  access_log off;
  types {{ text/html html; }}
  keepalive_requests 1000000;
  server {{ listen 127.0.0.1:{port}; root {folder}; gzip_static on; }}
}}
"""
# Changes the page and publishes it; says when that was done.
PUBLISH = f"""
import django; django.setup()
import time
from guide.models import Section
sections = Section.objects.originals().filter(slug="{PAGE.split("/")[2]}")
section = sections.get()
section.body += "\\n\\nOne more line."
section.save()
sections.publish()
print(time.time())
"""

Server = tuple[str, int]  # the address to ask, and the process to watch


def figures(site: Site, folder: Path, peers: Path) -> list[Figure]:
    page = urllib.request.urlopen(site.url + PAGE).read()
    (folder / "page.html").write_bytes(page)
    (folder / "page.html.gz").write_bytes(gzip.compress(page, mtime=0))
    with ExitStack() as stack:
        servers: dict[str, Server] = {OURS: (site.url + PAGE, site.pid)}
        for name, server in others(folder, peers, page.decode()).items():
            say(f"starting {name}")
            servers[name] = stack.enter_context(server)
        sizes = memory(servers)
        speeds = speed(servers)
    return [*speeds, publishing(site), *sizes, starting(site)]


def others(folder: Path, peers: Path, page: str) -> dict[str, AbstractContextManager[Server]]:
    text = re.search(r"</h1>(.*)</main>", page, re.DOTALL)
    cms = folder / "wagtail"
    cms.mkdir()
    wagtail.make(peers / "bin", cms, text[1] if text else page)
    files = {"BENCH_FOLDER": str(folder), "PYTHONPATH": str(ROOT)}
    settings = {"DJANGO_SETTINGS_MODULE": "peer.settings.production"}
    return {
        NGINX: nginx(folder),
        BARE: granian(peers, folder, "bench.peers.files:bare", files),
        FILE: granian(peers, folder, "bench.peers.files:whitenoise", files),
        DJANGO_FILE: granian(peers, folder, "bench.peers.files:behind_django", files),
        WAGTAIL: granian(peers, cms, "peer.wsgi:application", settings),
        CACHED: granian(peers, cms, "peer.wsgi:application", settings | {"BENCH_CACHED": "1"}),
    }


@contextmanager
def granian(peers: Path, folder: Path, application: str, env: dict[str, str]) -> Iterator[Server]:
    """Serve a WSGI application as `manage.py serve` serves ours."""
    port = free_port()
    url = f"http://127.0.0.1:{port}/{'' if application.startswith('peer') else 'page.html'}"
    command = [str(peers / "bin/granian"), "--interface", "wsgi", application, "--port", str(port)]
    command += ["--workers", "2", "--blocking-threads", "4", "--log-level", "warning", "--no-ws"]
    with running(command, url, folder / f"{port}.log", cwd=folder, env={**os.environ, **env}) as pid:
        yield url, pid


@contextmanager
def nginx(folder: Path) -> Iterator[Server]:
    port, config = free_port(), folder / "nginx.conf"
    config.write_text(NGINX_CONFIG.format(folder=folder, port=port, user="user root;" if os.geteuid() == 0 else ""))
    url = f"http://127.0.0.1:{port}/page.html"
    with running(["nginx", "-c", str(config), "-e", str(folder / "nginx.log")], url, folder / "nginx.out") as pid:
        yield url, pid


def memory(servers: dict[str, Server]) -> list[Figure]:
    """How large a server of two processes is after 100 requests, and after 10,000 and more."""
    ours, cms = servers[OURS], servers[WAGTAIL]
    for url, _ in (ours, cms):
        for _ in range(100):
            urllib.request.urlopen(url).close()
    few, theirs = megabytes(ours[1]), megabytes(cms[1])
    wrk(*ours)
    many = megabytes(ours[1])
    return [
        Figure("P12", "memory: after 10,000 requests / after 100", many / few, "<= 1.1", f"{many:.0f} / {few:.0f} MB"),
        Figure("P12", "memory: ours / Wagtail’s", few / theirs, "<= 0.55", f"{few:.0f} / {theirs:.0f} MB"),
    ]


def speed(servers: dict[str, Server]) -> list[Figure]:
    loads: dict[str, list[Load]] = {name: [] for name in servers}

    def ask(name: str) -> float:
        loads[name].append(wrk(*servers[name]))
        return loads[name][-1].a_second

    say("load")
    a_second = in_turns({name: lambda name=name: ask(name) for name in servers})  # type: ignore[misc]
    middle = {name: sorted(found, key=lambda load: load.p99)[len(found) // 2] for name, found in loads.items()}
    cpu = {name: sorted(load.cpu for load in found)[len(found) // 2] for name, found in loads.items()}
    aims = {FILE: ("P1", 1.8), DJANGO_FILE: ("P1", 4), NGINX: ("P2", 0.45), WAGTAIL: ("P3", 180), CACHED: ("P3", 8)}
    found = [
        Figure(
            number,
            f"guide page / {name}, requests",
            a_second[OURS] / a_second[name],
            f">= {aim}",
            f"{a_second[OURS]:,.0f} / {a_second[name]:,.0f} a second",
        )
        for name, (number, aim) in aims.items()
    ]
    spent, late = f"{cpu[OURS]:.0f} / {cpu[BARE]:.0f} µs", f"{middle[OURS].p99:.1f} / {middle[FILE].p99:.1f} ms"
    found.insert(3, Figure("P2", "guide page / bare WSGI, CPU", cpu[OURS] / cpu[BARE], "<= 1.25", spent))
    most = f"{a_second[BARE]:,.0f} / {a_second[FILE]:,.0f} a second"
    found.append(Figure("–", f"bare WSGI / {FILE}, requests", a_second[BARE] / a_second[FILE], "P1 at most", most))
    return [*found, Figure("P4", "guide page / WhiteNoise, p99", middle[OURS].p99 / middle[FILE].p99, "<= 1", late)]


def publishing(site: Site) -> Figure:
    """How long after a publication the page of before is still served by any process."""
    seen: list[tuple[float, str]] = []
    ended = threading.Event()

    def look() -> None:
        while not ended.is_set():
            asked = time.time()  # a connection of its own each time, so that every process is met
            with urllib.request.urlopen(site.url + PAGE) as answer:
                seen.append((asked, answer.headers["ETag"]))
            time.sleep(0.002)

    reader = threading.Thread(target=look)
    reader.start()
    late = in_turns({"late": lambda: _publish(site, seen)})["late"]
    ended.set()
    reader.join()
    return Figure("P5", "Publish to the new page from every process, s", late, "<= 1", "the last old page seen")


def _publish(site: Site, seen: list[tuple[float, str]]) -> float:
    command = [sys.executable, "-c", PUBLISH]
    said = subprocess.run(command, env=site.env, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    time.sleep(3)
    newest = seen[-1][1]
    return max(at for at, etag in seen if etag != newest) - float(said)


def starting(site: Site) -> Figure:
    def start() -> float:
        site.stop()
        return milliseconds(site.start)()

    took = in_turns({"start": start})["start"] / 1000
    return Figure("P13", "cold start to the first answer, s", took, "<= 2", "a database that is there")
