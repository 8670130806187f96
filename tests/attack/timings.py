"""Times doors in a process of its own, at the real price of a hash. One line of JSON: seconds for each kind of try."""

import json
import sys
import time
from collections.abc import Callable
from importlib import import_module

import django
from django.conf import settings
from django.urls import reverse

KEY = "00000-00000-00000-00000-00000-0831D"  # well formed, and nobody's
NEW = "nine loud cranes at dusk"


def main(rounds: int) -> None:
    """Time known and unknown names in turn, each try from a network of its own so that no counter stops it."""
    deeds = import_module("tests.attack.deeds")
    settings.TRUSTED_PROXIES = 1
    names = [f"person{number}" for number in range(rounds // 5)]
    for name in names:  # several, as one name allows a hundred wrong tries
        deeds.sent(deeds.browser(), "join", username=name, password=deeds.OLD)
    doors: dict[str, Callable[[str], dict[str, str]]] = {
        "sign-in": lambda name: {"username": name, "password": "not the password"},
        "recover": lambda name: {"username": name, "recovery_key": KEY, "new_password": NEW},
    }
    taken: dict[str, list[float]] = {f"{door} {kind}": [] for door in doors for kind in ("known", "unknown")}
    number = 0
    for turn in range(rounds + 3):
        for door, fields in doors.items():
            kinds = {"known": names[turn % len(names)], "unknown": f"nobody{turn}"}
            for kind in sorted(kinds, reverse=turn % 2 == 1):
                number += 1
                client = deeds.browser()
                place = f"10.0.{number // 250}.{number % 250}"
                begun = time.perf_counter()
                response = client.post(reverse(door), fields(kinds[kind]), headers={"X-Forwarded-For": place})
                if turn >= 3:  # the first ones compile templates
                    taken[f"{door} {kind}"].append(time.perf_counter() - begun)
                assert response.status_code == 422, response.status_code
    sys.stdout.write(json.dumps(taken))


if __name__ == "__main__":
    django.setup()
    main(int(sys.argv[1]))
