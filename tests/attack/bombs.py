"""Signs in over doctored rows, each in a process of its own. One line of JSON for each: status, seconds, bytes more."""

import json
import resource
import struct
import sys
import time
from importlib import import_module
from typing import Any

import django
from django.conf import settings
from django.db import connection

from tests.attack.dying import Fuse, forked, restore, warm_up

COST = struct.Struct(">IBB")  # memory in KiB, passes, lanes, as a slot has them
GIB_IN_KIB = 1024 * 1024
BOMBS = {
    "4 GiB": (4 * GIB_IN_KIB - 1, 3, 1),
    "as many passes as a slot can say": (64 * 1024, 255, 1),
    "255 lanes": (64 * 1024, 3, 255),
    "everything at its most": (2**32 - 1, 255, 255),
    "just above 1 GiB": (GIB_IN_KIB + 1, 2, 1),
    "17 passes": (19 * 1024, 17, 1),
    "9 lanes": (19 * 1024, 2, 9),
    "8 KiB": (8, 2, 1),
    "just below 19 MiB": (19 * 1024 - 1, 2, 1),
    "one pass": (19 * 1024, 1, 1),
    "no pass": (19 * 1024, 0, 1),
    "no lane": (19 * 1024, 2, 0),
    "nothing": (0, 0, 0),
}


def doctored(slot: bytes, cost: tuple[int, int, int]) -> list[bytes]:
    """A slot that claims another cost; wherever a cost might stand, if it is not to be seen in it."""
    mine, bomb = COST.pack(*settings.JOURNAL_KDF_COST), COST.pack(*cost)
    places = [slot.index(mine)] if mine in slot else range(40)
    return [slot[:at] + bomb + slot[at + len(bomb) :] for at in places]


def sign_in(deeds: Any, name: str, password: str) -> dict[str, Any]:
    # More than an honest hash may ever take, and far from a bomb: a bomb that goes off ends this process only.
    resource.setrlimit(resource.RLIMIT_AS, (3 * 2**30, 3 * 2**30))
    resource.setrlimit(resource.RLIMIT_CPU, (30, 30))
    before, begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    client = deeds.browser()
    client.raise_request_exception = False
    response = deeds.sent(client, "sign-in", username=name, password=password)
    more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    return {"status": response.status_code, "seconds": time.monotonic() - begun, "bytes": more * 1024}


def main() -> None:
    deeds, models = import_module("tests.attack.deeds"), import_module("journal.models")
    warm_up(lambda _: deeds.sent(deeds.browser(), "sign-in", username="nobody", password=deeds.OLD), lambda *_: 0, {})
    rows = models.Keyring.objects.filter(user__username="alice")

    def over(value: bytes) -> dict[str, Any]:
        def work(pipe: int) -> None:
            assert rows.update(password_slot=value) == 1
            Fuse(0, pipe).tell("seen", sign_in(deeds, "alice", deeds.OLD))

        restore()
        return dict(forked(work)[1])["seen"]

    restore()
    slot = bytes(rows.get().password_slot)
    connection.close()
    for what, cost in BOMBS.items():
        for value in doctored(slot, cost):
            sys.stdout.write(json.dumps({"bomb": what, **over(value)}) + "\n")


if __name__ == "__main__":
    django.setup()
    main()
