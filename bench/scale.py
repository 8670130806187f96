"""How long people wait to sign in when many come at once: a simulation, where arithmetic does not do.

Run with `.venv/bin/python -m bench.scale`. People come at random, more of them in the evening; each holds one place to
hash for as long as Argon2id takes, and whoever finds no place within three seconds is told to come back. Nothing of the
site runs, nothing is measured, and the same table comes out each time.
"""

import heapq
import random
from dataclasses import dataclass
from statistics import mean

JOURNALS = 100_000
DAY = 24 * 60 * 60
HASH_SECONDS = 0.29  # one Argon2id of 64 MiB and three passes on the machine of bench/README.md
HASH_SPREAD = 0.15  # of that: how much one takes longer or shorter than another
PATIENCE_SECONDS = 3.0  # journal.throttle.HASH_WAIT_SECONDS; who would wait longer is told at once here
PEAK_SHARE = 0.16  # of a day's sign-ins that fall into its busiest hour: an evening
BURST = 3.0  # the busiest minutes of that hour, against its mean
PLACES = (1, 2, 4, 8, 16, 32)


@dataclass(frozen=True)
class Waits:
    """What people met: how many came, which share was sent away, how long the others waited, in seconds."""

    came: int
    refused: float
    mean: float
    p95: float
    p99: float


def evening(rate: float, places: int, seconds: float, seed: int) -> Waits:
    """Let people come at a rate for some time. Whoever would wait too long leaves at once when their time is over.

    First come, first served; a semaphore of the site is not fairer than that.
    """
    draw = random.Random(seed)
    free_at = [0.0] * places
    now, came, refused, waits = 0.0, 0, 0, list[float]()
    while (now := now + draw.expovariate(rate)) < seconds:
        came += 1
        wait = max(0.0, free_at[0] - now)
        if wait > PATIENCE_SECONDS:
            refused += 1
            continue
        hashed = HASH_SECONDS * max(0.5, draw.gauss(1.0, HASH_SPREAD))
        heapq.heapreplace(free_at, now + wait + hashed)
        waits.append(wait)
    waits.sort()
    return Waits(came, refused / came, mean(waits), at(waits, 0.95), at(waits, 0.99))


def at(waits: list[float], share: float) -> float:
    return waits[min(len(waits) - 1, int(len(waits) * share))]


def peak(sign_ins_a_day: float) -> float:
    """Sign-ins a second in the busiest minutes of a day."""
    return sign_ins_a_day * PEAK_SHARE / 3600 * BURST


def enough(rate: float) -> int:
    """The fewest places with which at most one in 1,000 is sent away, and 95 of 100 wait half a second or less."""
    places = 1
    while True:
        found = evening(rate, places, 3600, seed=1)
        if found.refused <= 0.001 and found.p95 <= 0.5:
            return places
        places += 1


def main() -> None:
    print("sign-ins a day | a second at the peak | places | sent away | wait: mean | p95 | p99")
    for share in (0.1, 0.3, 1.0, 2.0):
        rate = peak(JOURNALS * share)
        needed = enough(rate)
        for places in sorted({needed, *(each for each in PLACES if needed / 2 <= each < needed * 2)}):
            found = evening(rate, places, 3600, seed=1)
            mark = " <- enough" if places == needed else ""
            print(
                f"{JOURNALS * share:,.0f} | {rate:.1f} | {places} | {found.refused:.1%} |"
                f" {found.mean:.2f} s | {found.p95:.2f} s | {found.p99:.2f} s{mark}"
            )


if __name__ == "__main__":
    main()
