"""200 people write and read for two minutes, through the real server; afterwards every accepted version is looked for.

They all come in at once before that, which is counted apart: a crowd at the door waits for hashes.

`.venv/bin/python -m bench.load [PEOPLE [SECONDS]]`. With `DATABASE_URL` set, on that database. It ends with 1 if a
word was lost, a version is there twice or not at all, or an answer was an error.
"""

import html
import random
import re
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from bench.measuring import machine
from tools.site import serve
from tools.visitor import Answer, Browser

PASSWORD = "seven quiet herons at dawn"
READS = ("/", "/guide/are-you-ready/", "/check/", "/help/", "/es/", "/guide/all/")
LOOKS = ("/journal/", "/journal/timeline/", "/journal/calendar/")
# What is no error: a crowd is asked to come back, and one version after the last is looked for.
EXPECTED = {"/join/ 503", "/sign-in/ 503", "version 404"}
THINKS = 5.0  # seconds between two deeds, in the middle; a deed that writes is three requests


@dataclass
class Seen:
    """What all of them met."""

    answers: Counter[str] = field(default_factory=Counter)
    took: dict[str, list[float]] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        rows = [f"{self.answers.total():,} answers: {dict(self.answers.most_common())}"]
        for name, all_of_them in sorted(self.took.items()):
            cut = statistics.quantiles(all_of_them, n=100)
            rows.append(f"{name:12} {len(all_of_them):7,}  median {cut[49]:7.1f} ms  p99 {cut[98]:7.1f} ms")
        return "\n".join([*rows, f"{len(self.lost)} lost", *self.lost[:20]])


class Person(threading.Thread):
    """Somebody who joins, and then writes their answers and reads the guide in turns."""

    def __init__(self, port: int, number: int, seconds: float, inside: threading.Barrier, seen: Seen) -> None:
        super().__init__()
        # Everybody comes from an address of their own, as the proxy in front would say: each address has its limit.
        comes_from = {"X-Forwarded-For": f"10.0.{number // 250}.{number % 250 + 1}"}
        self.browser, self.name_of, self.seen = Browser(port, comes_from), f"person-{number}", seen
        self.seconds, self.inside = seconds, inside
        self.chance = random.Random(number)
        self.accepted: dict[str, list[str]] = {}  # by address, the versions that the site said it has

    def run(self) -> None:
        self._come_in("/join/")
        self.inside.wait(timeout=300)  # whoever never comes in would hold up everybody
        ends = time.monotonic() + self.seconds
        while time.monotonic() < ends:
            time.sleep(self.chance.expovariate(1 / THINKS))
            self.chance.choice((self.write, self.write, self.read, self.look))()

    def read(self) -> None:
        self._ask("guide page", "GET", self.chance.choice(READS))

    def look(self) -> None:
        self._ask("journal page", "GET", self.chance.choice(LOOKS))

    def write(self) -> None:
        path = f"/journal/{self.chance.randint(1, 8)}/"
        page = self._ask("writing page", "GET", path)
        text = f"{self.name_of} wrote this at {time.monotonic_ns()}. " + "It is late. " * self.chance.randint(1, 150)
        fields = page.hidden | {"text": text}
        self._ask("autosave", "POST", f"{path}draft/", fields)
        if self._ask("save", "POST", path, fields).status == 302:
            self.accepted.setdefault(path, []).append(text)

    def look_for_all(self) -> None:
        """Open every version again, after signing in anew."""
        self.browser.cookies.clear()
        self._come_in("/sign-in/")
        for path, texts in self.accepted.items():
            found = [self._version(f"{path}history/{number}/") for number in range(1, len(texts) + 2)]
            if found != [*(text.strip() for text in texts), None]:
                self.seen.lost.append(f"{self.name_of}, {path}: {len(texts)} accepted, not the same as what is there")

    def _version(self, path: str) -> str | None:
        answer = self._ask("version", "GET", path)
        words = re.search(r'class="past words" dir="auto">(.*?)</div>', answer.text, re.DOTALL)
        return html.unescape(words[1]).strip() if words else None

    def _come_in(self, path: str) -> None:
        """Join or sign in; where too many wait for a hash, again in a moment, as the page asks for."""
        while True:
            answer = self._ask(path, "POST", path, {"username": self.name_of, "password": PASSWORD})
            if answer.status != 503:
                return
            time.sleep(1 + self.chance.random() * 4)

    def _ask(self, what: str, method: str, path: str, fields: dict[str, str] | None = None) -> Answer:
        began = time.perf_counter()
        answer = self.browser.post(path, fields) if fields else self.browser.get(path)
        self.seen.took.setdefault(what, []).append((time.perf_counter() - began) * 1000)
        self.seen.answers[f"{what} {answer.status}"] += 1
        return answer


def main(people: int = 200, seconds: int = 120) -> int:
    seen = Seen()
    with tempfile.TemporaryDirectory() as folder, serve(Path(folder), TRUSTED_PROXIES="1") as site:
        inside = threading.Barrier(people)
        crowd = [Person(site.port, number, seconds, inside, seen) for number in range(people)]
        for person in crowd:
            person.start()
        for person in crowd:
            person.join()
        sys.stdout.write(f"{people} people, {seconds} s, {machine()}\n{seen}\n")
        for person in crowd:
            person.look_for_all()
    kept = sum(len(texts) for person in crowd for texts in person.accepted.values())
    sys.stdout.write(f"{kept:,} versions accepted, all looked for: {len(seen.lost)} journals differ\n")
    wrong = {said for said in seen.answers if said[-3:] not in {"200", "302"}} - EXPECTED
    sys.stdout.write(f"Errors: {sorted(wrong)}\n" if wrong else "No error\n")
    return 1 if seen.lost or wrong else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
