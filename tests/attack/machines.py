"""Two machines behind nginx, with PostgreSQL and Redis: each a process at a loopback address of its own."""

import os
import secrets
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import redis

from tools import postgres, programs
from tools.ports import free_port
from tools.postgres import Postgres
from tools.site import Site
from tools.visitor import Browser

ADDRESSES = ("127.0.0.2", "127.0.0.3")
NGINX = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{}}
http {{
    access_log off;
    client_max_body_size 25m;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    proxy_set_header Host localhost;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    proxy_set_header X-Forwarded-Proto http;
    proxy_connect_timeout 2s;
    upstream both {{
        server {servers[0]} max_fails=0;
        server {servers[1]} max_fails=0;
    }}
    server {{ listen 127.0.0.1:{ports[0]}; location / {{ proxy_pass http://{servers[0]}; }} }}
    server {{ listen 127.0.0.1:{ports[1]}; location / {{ proxy_pass http://{servers[1]}; }} }}
    server {{ listen 127.0.0.1:{ports[2]}; location / {{ proxy_pass http://both; }} }}
}}
"""


@dataclass
class Redis:
    """A server that speaks Redis, with nothing on the disk."""

    port: int
    folder: Path
    server: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    def client(self) -> redis.Redis:
        return redis.Redis(port=self.port)

    def start(self) -> None:
        command = [
            programs.find("redis-server"),
            "--port",
            str(self.port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no",
        ]
        with (self.folder / "redis.log").open("a") as log:
            self.server = subprocess.Popen([*command, "--dir", str(self.folder)], stdout=log, stderr=log)
        for _ in range(600):
            try:
                self.client().ping()
            except redis.ConnectionError:
                time.sleep(0.1)
            else:
                return
        raise RuntimeError((self.folder / "redis.log").read_text())

    def kill(self) -> None:
        if self.server:
            self.server.kill()
            self.server.wait()


@dataclass
class Machines:
    """Both sites, what they stand on, and the ports of the proxy: of one, of the other, of both in turn."""

    sites: tuple[Site, Site]
    database: Postgres
    cache: Redis
    ports: tuple[int, int, int]

    def browser(self, machine: int = 2, network: str = "192.0.2.1") -> Browser:
        """A browser that always meets one machine (0, 1) or either (2), from a network of its own."""
        return Browser(self.ports[machine], {"X-Forwarded-For": network})

    def restart_database(self) -> None:
        """As after a crash."""
        self.database.stop(signal.SIGQUIT)
        self.database.start()


@contextmanager
def proxy(folder: Path, servers: list[str], ports: tuple[int, ...]) -> Iterator[None]:
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, servers=servers, ports=ports))
    folder.chmod(0o755)
    command = [
        programs.find("nginx"),
        "-p",
        str(folder),
        "-e",
        f"{folder}/nginx.log",
        "-c",
        f"{folder}/nginx.conf",
    ]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        running.terminate()
        running.wait()


@contextmanager
def running(folder: Path) -> Iterator[Machines]:
    """Serve all of it from a folder until the block ends."""
    port, ports = free_port(), (free_port(), free_port(), free_port())
    shared = {
        "SECRET_KEY": secrets.token_hex(32),
        "PEPPERS": f"1:{secrets.token_hex(32)}",
        "PORT": str(port),
        "TRUSTED_PROXIES": "2",  # nginx, and the one that each browser of a test claims to come through
        "DJANGO_SETTINGS_MODULE": "tests.attack.settings",
    }
    with ExitStack() as after:
        database = after.enter_context(postgres.serve(durable=True))
        cache = Redis(free_port(), folder)
        after.callback(cache.kill)
        cache.start()
        after.enter_context(proxy(folder, [f"{address}:{port}" for address in ADDRESSES], ports))
        shared |= {"DATABASE_URL": database.url, "CACHE_URL": cache.url}
        sites = []
        for number, address in enumerate(ADDRESSES):
            env = {**os.environ, **shared, "DATA_DIR": str(folder / f"var{number}")}
            log = folder / f"log{number}.txt"
            site = Site(f"http://127.0.0.1:{ports[number]}", folder, env, log, ("--host", address))
            after.callback(site.stop)
            site.start()
            sites.append(site)
        yield Machines((sites[0], sites[1]), database, cache, ports)
