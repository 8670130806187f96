"""What strangers send starts no line of the log and speaks to no terminal that shows it."""

import re
import socket
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.attack.deeds import OLD
from tests.attack.web import Server, serving

pytestmark = pytest.mark.attack
# Ends of lines and orders to a terminal, as text and as the bytes that some terminals take for them.
BREAKS = ["\n", "\r", "\r\n", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\x08"]
BREAKS += ["\x1b[2K\x1b[1A", "\x1b]0;title\x07", "\x9b31m"]
FORGED = "ERROR forged line"
OURS = r"(?:WARNING|ERROR) django\.[\w.]+ .+|\[(?:INFO|WARNING|ERROR)\] .+"
PLACES = r'  File "[^"]+", line \d+, in \w+|    .+|[a-z]+(?:\.\w+)+'  # of an error, which is named without its message
KNOWN = re.compile(f"{OURS}|{PLACES}")
HEADERS = ("Host", "Origin", "Referer", "User-Agent", "Cookie", "X-Forwarded-For", "X-Forwarded-Host", "Sec-Fetch-Site")
TARGETS = (b"/x\x1b[2K", b"/x\x85y", b"/\xff\xfe", b"/x%zz", b"//evil.example/x", b"http://evil.example/x", b"*")


def raw(server: Server, head: bytes) -> bytes:
    """Send bytes as they are, and return the first line of the answer, if any came."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as wire:
        wire.sendall(head + b"\r\nConnection: close\r\n\r\n")
        return wire.makefile("rb").readline()


def send_everything(server: Server) -> set[int]:
    """Put each break into everything that somebody can send; return the answers' statuses."""
    browser, seen = server.browser(), set()
    for text in BREAKS:
        evil = f"x{text}{FORGED}"
        for path in ("/", "/journal/", "/journal/pages/", "/manage/", "/static/"):
            seen.add(browser.get(path + quote(evil)).status)
            seen.add(browser.post(path + quote(evil), {"text": evil}).status)
        fields = {"username": evil, "password": evil, "next": evil, "kept_path": evil, "kept_text": evil, "text": evil}
        for path in ("/sign-in/", "/join/", "/recover/", "/journal/2/", "/search/"):
            place = {"X-Forwarded-For": f"10.0.0.{BREAKS.index(text)}"}
            seen.add(browser.twin().post(path, {**fields, quote(evil): evil}, **place).status)
        stranger = server.browser()
        stranger.cookies = {"csrf": quote(evil), "session": quote(evil), "jkey": quote(evil)}
        seen.add(stranger.get("/journal/").status)
        seen.add(
            stranger.ask("POST", "/sign-in/", b"", {"Referer": quote(evil), "Origin": "http://" + quote(evil)}).status
        )
    return seen


def send_raw(server: Server) -> None:
    """The same in headers, with the bytes that a well-behaved client can't send."""
    for name in (
        "Host",
        "Origin",
        "Referer",
        "User-Agent",
        "Cookie",
        "X-Forwarded-For",
        "X-Forwarded-Host",
        "Sec-Fetch-Site",
    ):
        for text in BREAKS:
            host = b"" if name == "Host" else b"Host: 127.0.0.1\r\n"
            value = f"{name}: http://x{text}{FORGED}".encode()
            raw(server, b"POST /sign-in/ HTTP/1.1\r\nContent-Length: 0\r\n" + host + value)
    for target in (
        b"/x\x1b[2K",
        b"/x\x85y",
        b"/\xff\xfe",
        b"/x%zz",
        b"//evil.example/x",
        b"http://evil.example/x",
        b"*",
    ):
        raw(server, b"GET " + target + b" HTTP/1.1\r\nHost: 127.0.0.1")
    raw(server, f"GET /x\x1b[1A{FORGED} HTTP/1.1\r\nHost: 127.0.0.1".encode())
    raw(server, f"{FORGED}\x1b[1A".encode())


def test_nothing_that_is_sent_starts_a_line_of_the_log_or_speaks_to_a_terminal(prepared: Callable[[int], Path]) -> None:
    with serving(prepared(9), "--workers", "1", TRUSTED_PROXIES="1") as server:
        before = len(server.log.read_bytes())
        seen = send_everything(server)
        send_raw(server)
        assert server.browser().get("/").status == 200
        _, key = server.join("carol", OLD)
        log = server.log.read_bytes()[before:]
    assert seen <= {200, 302, 400, 403, 404, 405, 422}
    lines = log.decode().removesuffix("\n").split("\n")
    assert len(lines) > 100  # so there is something to look at
    assert sum("forged" in line for line in lines) > 20
    assert [line for line in lines if not KNOWN.fullmatch(line) or line.startswith(FORGED)] == []
    assert {sign for sign in log.decode() if not sign.isprintable()} <= {"\n"}
    assert key not in log.decode()
