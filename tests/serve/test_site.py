"""The site as a user of its own: a family's whole journey over its pages, through a gate that it cannot look behind."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener

import pytest

from tests.serve.database import Server
from tests.serve.place import DESK, GATE, SITE, Place, interpreter
from tests.world import URN, upn

VERIFIER = Path(__file__).resolve().parents[2] / "tools" / "verify_receipt.py"
EMAIL, PASSWORD = "parent@example.org", "correct horse battery"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def site(place: Place) -> Iterator[str]:
    """The site, served by its own user; its address."""
    port = _free_port()
    with open(place.folder / "site.log", "wb") as said:
        process = subprocess.Popen(
            [interpreter(), "-W", "ignore", "-c", "from schoolgate.cli import main; main()", "serve", "--port", str(port)],
            user=SITE, group=SITE, extra_groups=[], env=place.environment(SITE), cwd=place.home(SITE),
            stdout=said, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    until = time.monotonic() + 60
    while True:
        assert process.poll() is None, (place.folder / "site.log").read_text()
        assert time.monotonic() < until
        try:
            build_opener().open(address + "/healthz", timeout=20).read()
            break
        except OSError:
            time.sleep(0.1)
    yield address
    process.terminate()
    process.wait(timeout=30)


class Browser:
    """Follows links and fills in forms."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.opener: OpenerDirector = build_opener(HTTPCookieProcessor())

    def get(self, path: str) -> str:
        return str(self.opener.open(self.address + path, timeout=60).read().decode())

    def post(self, path: str, shown: str, **fields: str) -> str:
        """Send a form that `shown` holds."""
        (token,) = set(re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', shown))
        data = urlencode({**fields, "csrfmiddlewaretoken": token}).encode()
        asked = Request(self.address + path, data, headers={"Referer": self.address + path})
        return str(self.opener.open(asked, timeout=60).read().decode())


def _code(place: Place, child: int) -> str:
    """A code by the command, which the gate's user alone may run; a school's own page asks the gate for it."""
    refused = place.schoolgate(SITE, "family", "issue-code", "--urn", str(URN), "--upn", upn(child))
    assert refused.returncode == 1
    assert "runs as the gate's user only" in refused.stderr
    issued = place.schoolgate(GATE, "family", "issue-code", "--urn", str(URN), "--upn", upn(child))
    assert issued.returncode == 0, issued.stderr
    return issued.stdout.strip()


def test_a_parent_does_everything_on_the_pages_of_a_site_that_cannot_open_the_vault(
    site: str, place: Place, tmp_path: Path
) -> None:
    query = {"agreement": place.facts["agreement"], "person": place.facts["person"]}
    sql = "SELECT sex, count(*) AS n FROM census_pupil GROUP BY sex"
    (handed,) = place.ask(DESK, [{"ask": "read", "sql": sql, **query}])
    parent = Browser(site)
    parent.post("/family/create-account/", parent.get("/family/create-account/"), email=EMAIL, password=PASSWORD,
                password_again=PASSWORD)  # fmt: skip
    signed_in = parent.post("/family/sign-in/", parent.get("/family/sign-in/"), email=EMAIL, password=PASSWORD)
    assert "Sign out" in signed_in
    page = parent.post("/family/code/", parent.get("/family/code/"), code=_code(place, 1))
    (link,) = set(re.findall(r"/family/child/(\d+)/", page))
    child = f"/family/child/{link}/"
    assert "University of Example (synthetic)" in page
    record = parent.post(child + "record/", page)
    assert "Forename1" in record
    assert "Canary1synth" in record
    assert "Nothing was changed yet, and nothing noted." in parent.post(child + "corrections/", page)
    page = _when_settled(parent, child, handed["release_id"])
    proof = parent.get(f"{child}proof/{handed['release_id']}/")
    (tmp_path / "proof.json").write_text(proof)
    told = subprocess.run(
        [sys.executable, "-I", str(VERIFIER), str(tmp_path / "proof.json")], capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stdout + told.stderr
    asked = parent.get(child + "object/purpose/education-research/")
    said = parent.post(child + "object/purpose/education-research/", asked)
    assert "Your “no” is recorded" in said
    (after,) = place.ask(DESK, [{"ask": "read", "sql": "SELECT pupil FROM census_pupil", **query}])
    assert after["receipt"]["rows"] == 5
    parent.post(
        child + "withdraw/purpose/education-research/", parent.get(child + "withdraw/purpose/education-research/")
    )
    (again,) = place.ask(DESK, [{"ask": "read", "sql": "SELECT pupil FROM census_pupil", **query}])
    assert again["receipt"]["rows"] == 6


def _when_settled(parent: Browser, child: str, release_id: str) -> str:
    """The gate settles by itself; until then the page has no proof to give, and a moment later it has."""
    until = time.monotonic() + 60
    while f"{child}proof/{release_id}/" not in (page := parent.get(child)):
        assert time.monotonic() < until
        time.sleep(0.2)
    return page


@pytest.mark.parametrize(
    "path",
    [
        "/", "/register/", "/register/0/", "/register/0/proof", "/check/", "/dictionary/", "/register/search/?words=a",
        "/register/pictures/", "/register/follow/", "/register/feed.atom", "/api/v1/register/cases",
    ],
)  # fmt: skip
def test_the_public_pages_are_whole(site: str, place: Place, path: str) -> None:
    page = Browser(site).get(path)
    if path in ("/check/", "/register/0/"):
        assert place.ask(SITE, [{"ask": "log_key"}])[0].split("+")[1] in page
    if path == "/":
        assert "agreement" in page


def test_the_log_is_served_by_the_site_and_verified_by_anybody(site: str, place: Place) -> None:
    key = place.ask(SITE, [{"ask": "log_key"}])[0]
    verified = place.schoolgate(DESK, "log", "verify", f"{site}/log", "--key", key)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert "The log is whole" in verified.stdout


def test_what_everybody_may_read_is_the_log_and_the_dictionary_and_nothing_more(place: Place) -> None:
    public = place.folder / "public"
    assert {path.name for path in public.iterdir()} == {"log", "dictionary"}
    for path in public.rglob("*"):
        assert path.stat().st_mode & 0o777 == (0o755 if path.is_dir() else 0o644), path
        assert path.stat().st_uid == GATE


def test_a_site_whose_role_can_read_the_vault_does_not_serve(place: Place, server: Server) -> None:
    refused = place.schoolgate(
        SITE, "serve", "--port", str(_free_port()), environment={"SCHOOLGATE_DATABASE": server.address("sg_gate")}
    )
    assert refused.returncode == 1
    assert "can read what is the gate's alone" in refused.stderr


def test_a_site_without_a_database_of_the_installation_does_not_serve(place: Place) -> None:
    refused = place.schoolgate(
        SITE, "serve", "--port", str(_free_port()), environment={"SCHOOLGATE_DATABASE": "sqlite"}
    )
    assert refused.returncode == 1
    assert "needs PostgreSQL" in refused.stderr


def test_the_site_holds_its_own_few_keys_and_no_other(place: Place) -> None:
    held = sorted(path.name for path in (place.home(SITE) / "keys").iterdir())
    assert held == ["site.keys"]
    keys: dict[str, Any] = json.loads((place.home(SITE) / "keys" / "site.keys").read_text())
    assert sorted(keys) == [
        "child-label", "django-sessions", "post", "post-address", "post-leave", "post-who",
    ]  # fmt: skip
    assert (place.home(SITE) / "keys" / "site.keys").stat().st_mode & 0o777 == 0o600


def test_codes_fit_on_either_side_when_the_gate_wrote_the_sites_keys(place: Place) -> None:
    out = place.home(GATE) / "for-the-site.keys"
    written = place.schoolgate(GATE, "gate", "site-keys", str(out))
    assert written.returncode == 0, written.stderr
    tells = (
        "import sys; from pathlib import Path; from schoolgate.config import SITE_KEYS, Config;"
        "from schoolgate.seal import GivenKeys; here = Config.from_environment().site_keys();"
        "there = GivenKeys.open(Path(sys.argv[1]), SITE_KEYS);"
        "print(all(here.blind(k, 'ABCD') == there.blind(k, 'ABCD') for k in SITE_KEYS), hasattr(there, '_master'))"
    )
    done = place.run(GATE, "-c", tells, str(out))
    assert done.stdout.strip() == "True False", done.stderr
    out.unlink()
