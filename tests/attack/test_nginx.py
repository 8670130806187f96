"""The site behind a real nginx with the file that is shipped: what people get, and what nginx keeps of it."""

import http.client
import re
import socket
import ssl
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.conftest import PASSWORD
from tests.proxy import ProxiedSite, nginx, proxied_site
from tests.tls import Visitor, serving

pytestmark = pytest.mark.attack
HSTS = "max-age=63072000; includeSubDomains; preload"
MB = 1024 * 1024


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProxiedSite]:
    with proxied_site(tmp_path_factory.mktemp("proxied")) as site:
        yield site


@pytest.fixture
def visitor(site: ProxiedSite) -> Visitor:
    return Visitor(site)


@pytest.fixture(scope="module")
def alice(site: ProxiedSite) -> Visitor:
    alice = Visitor(site)
    assert alice.send("/join/", username="alice", password=PASSWORD)[1] == 200
    return alice


def connect(site: ProxiedSite) -> ssl.SSLSocket:
    """A bare connection with TLS."""
    context = ssl.create_default_context(cafile=str(site.certificate))
    port = int(site.host.partition(":")[2])
    return context.wrap_socket(socket.create_connection(("127.0.0.1", port), timeout=60), server_hostname="localhost")


def written(site: ProxiedSite) -> list[Path]:
    """Files that nginx put bodies into, and folders it made for some."""
    return [*(site.folder / "sent").iterdir(), *(site.folder / "answered").iterdir()]


@pytest.mark.parametrize("path", ["/", "/journal/?next=%2F", "/guide/red-flags/"])
def test_who_asks_without_https_is_sent_to_https(site: ProxiedSite, path: str) -> None:
    plain = http.client.HTTPConnection("127.0.0.1", site.plain, timeout=30)
    plain.request("GET", path, headers={"Host": "localhost"})
    answer = plain.getresponse()
    assert (answer.status, answer.headers["Location"], answer.headers["Set-Cookie"]) == (301, site.url + path, None)
    plain.close()


@pytest.mark.parametrize(("path", "status"), [("/", 200), ("/sign-in/", 200), ("/journal/", 302), ("/nowhere/", 404)])
def test_every_header_is_there_once_and_it_is_the_sites(visitor: Visitor, path: str, status: int) -> None:
    headers, answered, _ = visitor.get(path)
    names = [name.lower() for name in headers if name.lower() != "set-cookie"]
    assert (answered, headers["Strict-Transport-Security"], headers["Server"]) == (status, HSTS, "nginx")
    assert [name for name, count in Counter(names).items() if count > 1] == []
    assert {"content-security-policy", "referrer-policy", "x-content-type-options"} <= set(names)


def test_a_page_of_the_guide_is_compressed_and_not_sent_twice(site: ProxiedSite) -> None:
    port = int(site.host.partition(":")[2])
    context = ssl.create_default_context(cafile=str(site.certificate))
    asked = http.client.HTTPSConnection("localhost", port, context=context, timeout=30)
    asked.request("GET", "/help/", headers={"Accept-Encoding": "gzip, br"})
    first = asked.getresponse()
    assert (first.status, first.headers["Content-Encoding"], len(first.read()) > 1000) == (200, "br", True)
    known = {"Accept-Encoding": "gzip, br", "If-None-Match": first.headers["ETag"]}
    asked.request("GET", "/help/", headers=known)
    second = asked.getresponse()
    assert (second.status, second.headers["ETag"], second.read()) == (304, first.headers["ETag"], b"")
    asked.close()


def test_a_page_is_saved_through_it_and_not_compressed(alice: Visitor) -> None:
    assert alice.send("/journal/2/", text="Two evenings a week.", base="0")[1] == 302
    headers, status, page = alice.get("/journal/2/", {"Accept-Encoding": "gzip, br"})
    assert (status, headers["Content-Encoding"], "Two evenings a week." in page) == (200, None, True)
    assert headers["Cache-Control"] == "no-store"


def test_an_address_that_a_visitor_makes_up_is_not_believed(visitor: Visitor) -> None:
    def guess(number: int) -> int:
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', visitor.get("/sign-in/")[2])
        assert token
        fields = {"csrfmiddlewaretoken": token[1], "username": "nobody", "password": "a guess of mine"}
        return visitor.get("/sign-in/", {"X-Forwarded-For": f"203.0.113.{number}"}, **fields)[1]

    assert [guess(number) for number in range(11)] == [422] * 10 + [429]


def test_what_is_too_large_for_the_site_is_answered_by_the_site(alice: Visitor) -> None:
    _, status, page = alice.send("/journal/2/", text="x" * (9 * MB), base="1")
    assert (status, "That was more than we can read" in page, "</nav>" in page) == (413, True, True)


@pytest.mark.parametrize("size", [23 * MB, 10_000 * MB])
def test_what_is_too_large_for_nginx_is_answered_with_a_page_of_ours(site: ProxiedSite, size: int) -> None:
    head = f"POST /journal/import/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: {size}\r\n\r\n"
    with connect(site) as sender:
        sender.sendall(head.encode() + b"x" * 1000)
        answer = http.client.HTTPResponse(sender)
        answer.begin()
        page = answer.read(int(answer.headers["Content-Length"])).decode()
    assert (answer.status, answer.headers["Cache-Control"]) == (413, "no-store")
    assert "That was more than we can read" in page
    assert "Fue más de lo que podemos leer" in page


def test_nothing_that_is_sent_or_answered_is_put_into_a_file(site: ProxiedSite, alice: Visitor) -> None:
    assert alice.send("/journal/2/", text="x" * (20 * MB), base="1")[1] == 413
    token = alice.cookies["__Host-csrf"].value
    body = urlencode({"csrfmiddlewaretoken": token, "base": "0", "text": "x" * (7 * MB)}).encode()
    cookies = "; ".join(f"{name}={kept.value}" for name, kept in alice.cookies.items())
    head = (
        f"POST /journal/4/ HTTP/1.1\r\nHost: localhost\r\nOrigin: {site.url}\r\nCookie: {cookies}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with connect(site) as reader:
        reader.sendall(head.encode() + body)
        assert reader.recv(100).startswith(b"HTTP/1.1 422")  # words that are too many come back, all of them
        for _ in range(20):  # the reader takes nothing for a while
            alice.get("/journal/")
        assert written(site) == []


def test_who_sends_too_much_at_once_is_told_to_come_back(site: ProxiedSite) -> None:
    head = b"POST /journal/2/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nx"
    with ExitStack() as held:
        for _ in range(20):
            held.enter_context(connect(site)).sendall(head)
        answers = []
        for _ in range(50):  # until nginx has read the heads above
            with connect(site) as one_more:
                one_more.sendall(head)
                one_more.settimeout(1)
                try:
                    answers.append(one_more.recv(12))
                    break
                except TimeoutError:
                    continue
        assert answers == [b"HTTP/1.1 503"]
    assert Visitor(site).get("/help/")[1] == 200


def test_who_holds_a_connection_and_says_nothing_is_let_go(site: ProxiedSite) -> None:
    with connect(site) as silent:
        silent.sendall(b"GET / HTTP/1.1\r\nHost: loc")
        assert silent.recv(1) == b""


def test_nginx_writes_down_nobody(site: ProxiedSite, alice: Visitor) -> None:
    alice.get("/journal/2/?q=a+private+word")
    Visitor(site).get("/nowhere/")
    kept = [file.read_text() for file in site.folder.glob("*.log")]
    assert len(kept) == 3
    assert [
        line for text in kept for line in text.splitlines() if re.search(r"127\.0\.0\.1|journal|nowhere", line)
    ] == []


def test_no_request_fails_while_one_place_takes_over_from_the_other(tmp_path: Path) -> None:
    answers, stop = Counter[tuple[str, int]](), threading.Event()
    with nginx(tmp_path) as site, ExitStack() as second, ExitStack() as first:
        first.enter_context(serving(replace(site, log=tmp_path / "first.txt"), tmp_path, site.places[0]))
        alice = Visitor(site)
        assert alice.send("/join/", username="alice", password=PASSWORD)[1] == 200

        def write() -> None:
            while not stop.is_set():
                base = str(answers["save", 302])
                answers["save", alice.send("/journal/2/", text=f"number {base}", base=base)[1]] += 1

        def read() -> None:
            while not stop.is_set():
                answers["read", Visitor(site).get("/help/")[1]] += 1

        def until_there_are(more: int) -> None:
            goal = answers["save", 302] + more
            while answers["save", 302] < goal and not any(worker.done() for worker in people):
                time.sleep(0.05)

        with ThreadPoolExecutor(2) as pool:
            people = [pool.submit(write), pool.submit(read)]
            try:
                until_there_are(10)
                second.enter_context(serving(site, tmp_path, site.places[1]))
                until_there_are(10)
                first.close()
                until_there_are(10)
            finally:
                stop.set()
        for worker in people:
            worker.result()
        assert answers.keys() == {("save", 302), ("read", 200)}
        assert f"number {answers['save', 302] - 1}" in alice.get("/journal/2/")[2]
