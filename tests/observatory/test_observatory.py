"""What MDN's HTTP Observatory says of the real server at an https address. From 100 points on its grade is A+."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tls import SecureSite, secure_site

HERE = Path(__file__).parent
LOCK, INSTALLED = HERE / "package-lock.json", HERE / "node_modules" / ".package-lock.json"
GOOD = {
    "content-security-policy": "csp-implemented-with-no-unsafe-default-src-none",
    "cross-origin-resource-sharing": "cross-origin-resource-sharing-not-implemented",
    "redirection": "redirection-to-https",
    "referrer-policy": "referrer-policy-private",
    "strict-transport-security": "hsts-implemented-max-age-at-least-six-months",
    "subresource-integrity": "sri-implemented-and-all-scripts-loaded-securely",
    "x-content-type-options": "x-content-type-options-nosniff",
    "x-frame-options": "x-frame-options-implemented-via-csp",
    "cross-origin-resource-policy": "corp-implemented-with-same-origin",
}
# Five points are for cookies that are set well. Pages of the guide set none, on purpose.
GUIDE = {"grade": "A+", "score": 135, "results": {**GOOD, "cookies": "cookies-not-found"}}
WELL_SET = "cookies-secure-with-httponly-sessions-and-samesite"
DOOR = {"grade": "A+", "score": 140, "results": {**GOOD, "cookies": WELL_SET}}

pytestmark = pytest.mark.attack


@pytest.fixture(scope="module")
def _observatory() -> None:
    """The scanner, as its lock file has it. Its install scripts don't run; without it there is only a skip."""
    node = shutil.which("node")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout if node else ""
    if int(version.strip("v\n").partition(".")[0] or 0) < 20 or not shutil.which("npm"):
        pytest.skip(f"The HTTP Observatory needs Node 20 or newer with npm; found {version.strip() or 'none'}.")
    if not INSTALLED.exists() or INSTALLED.stat().st_mtime < LOCK.stat().st_mtime:
        done = subprocess.run(["npm", "ci", "--silent"], cwd=HERE, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"npm could not install the HTTP Observatory.\n{done.stdout}{done.stderr}"


@pytest.fixture(scope="module")
def site(_observatory: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecureSite]:
    with secure_site(tmp_path_factory.mktemp("observatory")) as site:
        yield site


def scan(site: SecureSite, path: str) -> object:
    env = {"PATH": os.environ["PATH"], "NODE_EXTRA_CA_CERTS": str(site.certificate)}
    command = ["node", "scan.js", site.host + path]
    done = subprocess.run(command, cwd=HERE, env=env, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_observatory_gives_an_a_plus(site: SecureSite) -> None:
    assert scan(site, "/") == GUIDE
    assert scan(site, "/sign-in/") == DOOR
