"""How long readers of the guide wait while twenty people sign in at the same moment.

Run with `.venv/bin/python -m bench.sign_ins`. It serves a site of its own, on this machine only.
"""

import http.client
import re
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from tools.site import Site, serve

ROUNDS, PEOPLE, READERS = 5, 20, 4
PACE = 0.01  # seconds between two pages of one reader
PASSWORD = "seven quiet herons at dawn"
JOIN = "from journal import accounts\nfor n in range({0}): accounts.join(f'person-{{n}}', '{1}')"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, serve(Path(folder)) as site:
        site.manage("shell", "--no-imports", "-c", JOIN.format(PEOPLE, PASSWORD))
        idle: list[float] = []
        busy: list[float] = []
        statuses: Counter[int] = Counter()
        for _ in range(ROUNDS):
            idle += read_for(site, threading.Timer(4, lambda: None))
            busy += read_for(site, threading.Thread(target=everybody_signs_in, args=(site, statuses)))
    for name, waits in (("idle", idle), ("while 20 people sign in", busy)):
        sys.stdout.write(f"guide, {name}: {len(waits)} pages, median {told(waits, 50)} ms, p99 {told(waits, 99)} ms\n")
    sys.stdout.write(f"p99 / idle p99: {percentile(busy, 99) / percentile(idle, 99):.1f}; sign-ins: {dict(statuses)}\n")


def percentile(waits: list[float], which: int) -> float:
    return statistics.quantiles(waits, n=100)[which - 1]


def told(waits: list[float], which: int) -> str:
    return f"{percentile(waits, which) * 1000:.1f}"


def read_for(site: Site, other: threading.Thread) -> list[float]:
    """Read the guide until another thread ends; return how long each page took, in seconds."""
    waits: list[float] = []

    def read() -> None:
        reader = http.client.HTTPConnection(urlsplit(site.url).netloc, timeout=60)
        while other.is_alive():
            began = time.perf_counter()
            reader.request("GET", "/")
            reader.getresponse().read()
            waits.append(time.perf_counter() - began)
            time.sleep(PACE)

    other.start()
    readers = [threading.Thread(target=read) for _ in range(READERS)]
    for reader in readers:
        reader.start()
    for thread in (*readers, other):
        thread.join()
    return waits


def everybody_signs_in(site: Site, statuses: "Counter[int]") -> None:
    with ThreadPoolExecutor(PEOPLE) as pool:
        statuses.update(pool.map(lambda number: sign_in(site, f"person-{number}"), range(PEOPLE)))


def sign_in(site: Site, name: str) -> int:
    host = urlsplit(site.url).netloc
    browser = http.client.HTTPConnection(host, timeout=60)
    browser.request("GET", "/sign-in/")
    page = browser.getresponse()
    cookie = page.headers["Set-Cookie"].split(";")[0]
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.read().decode())
    form = {"csrfmiddlewaretoken": token[1] if token else "", "username": name, "password": PASSWORD}
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie, "Origin": site.url}
    browser.request("POST", "/sign-in/", urlencode(form), headers)
    return browser.getresponse().status


if __name__ == "__main__":
    main()
