"""The site as others reach it: `serve` at an https address, behind a proxy that ends TLS. All on this machine."""

import datetime
import http.client
import os
import re
import shutil
import socket
import socketserver
import ssl
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookies import Morsel, SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tools.ports import free_port

ROOT = Path(__file__).parent.parent
Answer = tuple[http.client.HTTPMessage, int, str]
TLS_HANDSHAKE = b"\x16"


@dataclass
class SecureSite:
    """The running site: its address, the certificate to trust, and what it logged."""

    url: str
    certificate: Path
    log: Path

    @property
    def host(self) -> str:
        return self.url.removeprefix("https://")


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any) -> None:
        return None


@dataclass
class Visitor:
    """Asks the site for pages, follows no redirect, and keeps cookies as a browser does."""

    site: SecureSite
    cookies: dict[str, Morsel[str]] = field(default_factory=dict)

    def get(self, path: str, headers: dict[str, str] | None = None, **fields: str) -> Answer:
        """Return headers, status and text of a page; with fields, of what a form is answered with."""
        cookies = "; ".join(f"{name}={kept.value}" for name, kept in self.cookies.items())
        data = urlencode(fields).encode() if fields else None
        ours = {"Cookie": cookies, "Origin": self.site.url} if fields else {"Cookie": cookies}
        request = urllib.request.Request(self.site.url + path, data, ours | (headers or {}))
        trust = urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=str(self.site.certificate)))
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), NoRedirect, trust)
        try:
            response = opener.open(request, timeout=30)
        except urllib.error.HTTPError as error:
            response = error
        with response:
            text = response.read().decode()
        for line in response.headers.get_all("Set-Cookie", []):
            self.cookies |= SimpleCookie(line)
        return response.headers, response.status, text

    def send(self, path: str, **fields: str) -> Answer:
        """Open a page and send its form with these fields."""
        _, _, page = self.get(path)
        found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        assert found, page
        return self.get(path, csrfmiddlewaretoken=found[1], **fields)


class Ending(socketserver.StreamRequestHandler):
    """Ends TLS, if that is what comes, and passes one request on, as nginx does with deploy/nginx/."""

    context: ssl.SSLContext
    upstream: int

    def setup(self) -> None:
        self.scheme = "http"
        if self.request.recv(1, socket.MSG_PEEK) == TLS_HANDSHAKE:
            self.scheme = "https"
            self.request = self.context.wrap_socket(self.request, server_side=True)
        super().setup()

    def handle(self) -> None:
        first = self.rfile.readline()
        if not first:
            return  # a browser that opened a connection ahead
        head = list(iter(self.rfile.readline, b"\r\n"))
        length = next((int(line.split(b":")[1]) for line in head if line.lower().startswith(b"content-length:")), 0)
        head = [line for line in head if not line.lower().startswith((b"connection:", b"x-forwarded-"))]
        added = f"X-Forwarded-For: {self.client_address[0]}\r\nX-Forwarded-Proto: {self.scheme}\r\nConnection: close"
        with socket.create_connection(("127.0.0.1", self.upstream)) as server:
            server.sendall(first + b"".join(head) + added.encode() + b"\r\n\r\n" + self.rfile.read(length))
            with server.makefile("rb") as answer:
                shutil.copyfileobj(answer, self.wfile)

    def finish(self) -> None:
        super().finish()
        self.request.close()


class Proxy(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a browser that hangs up."""


@contextmanager
def secure_site(folder: Path) -> Iterator[SecureSite]:
    """Serve the site with a database of its own in a folder, until the block ends."""
    certificate, key = make_certificate(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    handler = type("Handler", (Ending,), {"context": context, "upstream": free_port()})
    with Proxy(("127.0.0.1", 0), handler) as proxy:
        site = SecureSite(f"https://localhost:{proxy.server_address[1]}", certificate, folder / "log.txt")
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        with serving(site, folder, handler.upstream):
            yield site
        proxy.shutdown()


@contextmanager
def serving(site: SecureSite, folder: Path, port: int) -> Iterator[None]:
    env = {"PATH": os.environ["PATH"], "DATA_DIR": str(folder / "var"), "PORT": str(port), "TMPDIR": str(folder)}
    env |= {"SITE_URL": site.url, "TRUSTED_PROXIES": "1"}
    with site.log.open("w") as out:
        command = [sys.executable, "manage.py", "serve", "--workers", "1"]
        server = subprocess.Popen(command, cwd=ROOT, env=env, stdout=out, stderr=out)
    try:
        for _ in range(600):
            assert server.poll() is None, site.log.read_text()
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=30).close()
                break
            except OSError:
                time.sleep(0.1)
        Visitor(site).get("/robots.txt")
        yield
    finally:
        server.terminate()
        server.wait(timeout=20)


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """Make a certificate for this machine alone, which whoever is told to trusts, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    files = folder / "certificate.pem", folder / "key.pem"
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return files
