"""All benches that compare: `make bench`. Prints a table, and writes it as JSON into `bench/results/`."""

import json
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

from bench import doors, guide, journal
from bench.measuring import HEAD, as_json, machine, say
from tools.site import serve

HERE = Path(__file__).parent
PEERS = HERE / ".peers"


def install_peers() -> None:
    wanted = (HERE / "peers/requirements.txt").read_text()
    mark = PEERS / "installed"
    if mark.is_file() and mark.read_text() == wanted:
        return
    say("Installing what we are measured against…")
    venv.create(PEERS, clear=True, with_pip=True)
    command = [PEERS / "bin/pip", "install", "--quiet", "-r", HERE / "peers/requirements.txt"]
    subprocess.run(command, check=True)
    mark.write_text(wanted)


def main() -> None:
    install_peers()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with serve(folder) as site:
            figures = [*guide.figures(site, folder, PEERS), *doors.figures(site)]
        figures += journal.figures(folder, PEERS)
    results = HERE / "results"
    results.mkdir(exist_ok=True)
    (results / f"{time.strftime('%Y-%m-%d-%H%M')}.json").write_text(json.dumps(as_json(figures), indent=2))
    rows = sorted(figures, key=lambda one: int(one.number.strip("P–") or 99))
    sys.stdout.write("\n".join([machine(), "", HEAD, *(one.row() for one in rows)]) + "\n")


if __name__ == "__main__":
    main()
