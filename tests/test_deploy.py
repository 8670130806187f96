"""What is shipped in `deploy/` keeps what docs/deploy.md and docs/threat-model.md say of it."""

import http.client
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import get_commands

from tests.proxy import ProxiedSite, nginx
from tests.tls import ROOT, Visitor

DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]
TIMERS = [unit for unit in UNITS if unit.suffix == ".timer"]
PROMISED = {
    "User": ["either-way"],
    "Group": ["either-way"],
    "EnvironmentFile": ["/etc/either-way/env"],
    # memory: no core dump, no swap
    "LimitCORE": ["0"],
    "MemorySwapMax": ["0"],
    # one folder to write in, for this user alone; no .git
    "StateDirectory": ["either-way"],
    "StateDirectoryMode": ["0700"],
    "UMask": ["0077"],
    "ProtectSystem": ["strict"],
    "ProtectHome": ["yes"],
    "PrivateTmp": ["yes"],
    # no connection to anybody
    "IPAddressDeny": ["any"],
    "IPAddressAllow": ["localhost"],
    "RestrictAddressFamilies": ["AF_INET AF_INET6 AF_UNIX"],
    # no rights
    "NoNewPrivileges": ["yes"],
    "CapabilityBoundingSet": [""],
    "AmbientCapabilities": [""],
    "MemoryDenyWriteExecute": ["yes"],
    "PrivateDevices": ["yes"],
    "ProtectProc": ["invisible"],
}
NOT_IN_A_CONTAINER = {".ci", "bench", "deploy", "docs", "tests", "tools"}


def lines(unit: Path) -> dict[str, list[str]]:
    """The settings of a unit. One that is set several times has several values."""
    found: dict[str, list[str]] = {}
    for line in unit.read_text().splitlines():
        if "=" in line and not line.startswith("#"):
            name, _, value = line.partition("=")
            found.setdefault(name, []).append(value)
    return found


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_a_service_has_only_what_it_needs(unit: Path) -> None:
    found = lines(unit)
    assert {name: found.get(name) for name in PROMISED} == PROMISED
    assert found["SystemCallFilter"][:2] == ["@system-service", "~@privileged @resources"]
    place = found["WorkingDirectory"][0]
    assert found["InaccessiblePaths"] == [f"-{place}/.git"]


def test_the_site_is_restarted_reloaded_and_stopped_with_care() -> None:
    found = lines(DEPLOY / "systemd" / "either-way@.service")
    assert found["ExecStart"] == ["/usr/bin/env PORT=800%i .venv/bin/python manage.py serve"]
    assert found["SystemCallFilter"][2:] == ["setpriority"]
    assert {name: found[name] for name in ("Restart", "KillMode", "ExecReload")} == {
        "Restart": ["on-failure"], "KillMode": ["mixed"], "ExecReload": ["/bin/kill -HUP $MAINPID"],
    }  # fmt: skip


def test_timers_start_what_there_is() -> None:
    assert [timer.name for timer in TIMERS] == [
        "either-way-backup.timer", "either-way-publish-due.timer", "either-way-sweep.timer",
    ]  # fmt: skip
    for timer in TIMERS:
        found = lines(timer)
        unit = found.get("Unit", [f"{timer.stem}.service"])[0]
        template, _, command = unit.removesuffix(".service").partition("@")
        assert (DEPLOY / "systemd" / (f"{template}@.service" if command else unit)).exists()
        assert not command or command in get_commands()
        assert len(found["OnCalendar"]) == 1


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_understands_each_line(unit: Path) -> None:
    """Where there is no systemd, the tests above still read the units."""
    analyze = shutil.which("systemd-analyze")
    if not analyze:
        assert all(re.match(r"\[\w+\]$|#|\w+=|$", line) for line in unit.read_text().splitlines())
        return
    done = subprocess.run([analyze, "verify", "--man=no", unit], capture_output=True, text=True, check=False)
    about = [line for line in done.stderr.splitlines() if unit.name.partition(".")[0].rstrip("@") in line]
    assert about == []


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProxiedSite]:
    with nginx(tmp_path_factory.mktemp("away")) as site:
        yield site


@pytest.mark.parametrize("path", ["/", "/journal/2/", "/static/css/site.css"])
def test_where_the_site_is_away_a_page_says_what_is_safe_and_whom_to_call(proxy: ProxiedSite, path: str) -> None:
    headers, status, page = Visitor(proxy).get(path)
    assert (status, headers["Cache-Control"], headers["Retry-After"]) == (503, "no-store", "10")
    assert page == (ROOT / "static" / "broken.html").read_text()


def test_quick_exit_leads_away_though_the_site_is_away(proxy: ProxiedSite) -> None:
    headers, status, _ = Visitor(proxy).get("/leave/")
    assert (status, headers["Location"]) == (302, "https://www.weather.gov/")


def test_a_certificate_can_be_renewed_without_https(proxy: ProxiedSite) -> None:
    plain = http.client.HTTPConnection("127.0.0.1", proxy.plain, timeout=30)
    plain.request("GET", "/.well-known/acme-challenge/none", headers={"Host": "localhost"})
    assert plain.getresponse().status == 404
    plain.close()


def test_a_container_holds_the_program_and_nothing_else() -> None:
    text = (DEPLOY / "Containerfile").read_text()
    copied = {name for line in re.findall(r"^COPY ([^-$\n]+)$", text, re.MULTILINE) for name in line.split()[:-1]}
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    folders = {path.partition("/")[0] for path in tracked.splitlines() if "/" in path}
    assert copied == folders - NOT_IN_A_CONTAINER | {"manage.py", "requirements.txt"}
    assert "--require-hashes" in text
    assert re.findall(r"^USER (.+)$", text, re.MULTILINE) == ["10001:10001"]


def test_the_shipped_environment_names_what_the_site_reads() -> None:
    known = set(re.findall(r"^#([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert set(re.findall(r"^([A-Z_]+)=", (DEPLOY / "env").read_text(), re.MULTILINE)) <= known


def test_the_command_is_one_that_a_shell_can_run() -> None:
    command = DEPLOY / "either-way"
    assert command.stat().st_mode & 0o111 == 0o111
    assert subprocess.run(["sh", "-n", command], check=False).returncode == 0


def test_the_document_on_deploying_leads_to_every_file() -> None:
    text = (ROOT / "docs" / "deploy.md").read_text()
    files = {file.relative_to(ROOT).as_posix() for file in DEPLOY.rglob("*") if file.is_file()}
    assert {file for file in files if f"../{file})" not in text} == set()
