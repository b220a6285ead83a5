"""The demo's world, built once as a person builds it: by the command, in a process of its own."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import quick_command

COMMAND = Path(sys.executable).parent / "schoolgate"
SCHOOLS, PUPILS = 16, 2_400


@dataclass(frozen=True)
class DemoWorld:
    """What the demo left and what it said."""

    home: Path
    said: str
    complained: str
    database: str = "sqlite"

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "SCHOOLGATE_HOME": str(self.home), "SCHOOLGATE_DATABASE": self.database}

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command in this world; the demo itself by the very script that is installed."""
        if arguments[0] != "demo":
            return quick_command.run(*arguments, environment=self.environment)
        return subprocess.run(
            [str(COMMAND), *arguments], env=self.environment, capture_output=True, text=True, check=False
        )

    @property
    def password(self) -> str:
        (found,) = re.findall(r"password (\S+)", self.said)
        return found

    @property
    def agreement(self) -> str:
        return re.findall(r"agreement (A-\d{4}-\d{4})", self.said)[0]


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> DemoWorld:
    """`schoolgate demo run` in an empty home."""
    home = tmp_path_factory.mktemp("demo") / "home"
    empty = DemoWorld(home, "", "")
    ran = empty.run("demo", "run", "--no-serve", "--schools", str(SCHOOLS), "--pupils", str(PUPILS))
    assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr
    return DemoWorld(home, ran.stdout, ran.stderr)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def served(world: DemoWorld) -> Iterator[str]:
    """The demo's site, served by the command; its address."""
    port = _free_port()
    with open(world.home.parent / "site.log", "wb") as log:
        site = subprocess.Popen(
            [str(COMMAND), "serve", "--port", str(port)], env=world.environment, stdout=log, stderr=log
        )
        address = f"http://127.0.0.1:{port}"
        try:
            until = time.monotonic() + 120
            while True:
                try:
                    urllib.request.urlopen(f"{address}/healthz", timeout=10).read()
                    break
                except (urllib.error.URLError, OSError):
                    assert site.poll() is None, "The site ended: look at site.log."
                    assert time.monotonic() < until, "The site does not answer: look at site.log."
                    time.sleep(0.1)
            yield address
        finally:
            site.terminate()
            site.wait(60)
