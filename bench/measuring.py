"""What the benches share: rounds, medians, load on a local address, and the table of figures.

Only ratios carry over to another machine. What is compared is asked in turns, round by round, so that whatever else
the machine does meets all of them.
"""

import os
import platform
import re
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

ROUNDS = 5
SECONDS = 2  # of load, each time


@dataclass(frozen=True)
class Figure:
    """One measured figure, beside what was aimed at."""

    number: str  # as docs/performance.md counts them
    what: str
    value: float
    target: str
    from_what: str  # the plain figures that it was made of

    def row(self) -> str:
        return f"| {self.number} | {self.what} | {self.value:.3g} | {self.target} | {self.from_what} |"


HEAD = "| # | measure | figure | target | made of |\n|---|---|---|---|---|"


def as_json(figures: list[Figure]) -> dict[str, Any]:
    return {"machine": machine(), "at": time.strftime("%Y-%m-%d %H:%M"), "figures": [asdict(one) for one in figures]}


def machine() -> str:
    names = re.findall(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text()) or [platform.machine()]
    load = os.getloadavg()[0]
    return f"{os.cpu_count()} cores, {names[0].strip()}, Python {platform.python_version()}, load {load:.1f} at the end"


def say(words: str) -> None:
    sys.stderr.write(f"{words}\n")


def in_turns(works: Mapping[str, Callable[[], float]], rounds: int = ROUNDS) -> dict[str, float]:
    """Do each work once a round, in turns, and return the median of what each returned."""
    taken: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            taken[name].append(work())
    return {name: statistics.median(values) for name, values in taken.items()}


def milliseconds(work: Callable[[], Any]) -> Callable[[], float]:
    """Return a work that returns how long it took."""

    def timed() -> float:
        began = time.perf_counter()
        work()
        return (time.perf_counter() - began) * 1000

    return timed


@dataclass(frozen=True)
class Load:
    """What a server did in some seconds of load."""

    a_second: float
    p99: float  # milliseconds
    cpu: float  # microseconds of all its processes for each request


def wrk(url: str, pid: int, encoding: str = "gzip") -> Load:
    """Ask one address of a local server as fast as it answers, with 32 connections.

    Raises `RuntimeError` if an answer is not a 200.
    """
    before = cpu_seconds(pid)
    command = ["wrk", "-t2", "-c32", f"-d{SECONDS}s", "--latency", "-H", f"Accept-Encoding: {encoding}", url]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in said or "Socket errors" in said:
        raise RuntimeError(f"{url} does not answer as it should.\n{said}")
    requests = int(_found(r"(\d+) requests in", said))
    spent = cpu_seconds(pid) - before
    return Load(float(_found(r"Requests/sec:\s+([\d.]+)", said)), _p99(said), spent / requests * 1e6)


def _found(pattern: str, said: str) -> str:
    match = re.search(pattern, said)
    if not match:
        raise RuntimeError(said)
    return match[1]


def _p99(said: str) -> float:
    value, unit = re.findall(r"99%\s+([\d.]+)(us|ms|s)", said)[0]
    return float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def family(pid: int) -> list[int]:
    """Return a process and all that it started."""
    task = Path(f"/proc/{pid}/task/{pid}/children")
    return [pid, *(one for child in task.read_text().split() for one in family(int(child)))]


def cpu_seconds(pid: int) -> float:
    ticks = 0
    for one in family(pid):
        fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def megabytes(pid: int) -> float:
    """Return the memory of a server, all its processes together, what they share counted once."""
    sizes = (Path(f"/proc/{one}/smaps_rollup").read_text() for one in family(pid))
    return sum(int(_found(r"\nPss:\s+(\d+) kB", text)) for text in sizes) / 1024


@contextmanager
def running(command: list[str], url: str, log: Path, **kwargs: Any) -> Iterator[int]:
    """Run a server of somebody else until the block ends; yields its process id when it answers.

    Raises `RuntimeError` with its log if it does not.
    """
    with log.open("wb") as out:
        server = subprocess.Popen(command, stdout=out, stderr=out, **kwargs)
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(url, timeout=5).close()
                break
            except OSError:
                if server.poll() is not None:
                    raise RuntimeError(f"{command[0]} did not start.\n{log.read_text()}") from None
                time.sleep(0.1)
        yield server.pid
    finally:
        server.terminate()
        server.wait(timeout=20)
