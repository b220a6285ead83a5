"""A whole installation on this machine: a gate, a site, desks and a worker, each a user of its own.

The tests change users, so they run as root. Where they do not, `Users.needed` fails them and says what is missing:
a wall that nobody tried is not a wall.
"""

from __future__ import annotations

import atexit
import functools
import json
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]

GATE, SITE, DESK, WORKER, PORTAL, OPERATIONS, STRANGER = range(4201, 4208)
"""Users by number: none of them is in the machine's list of users, and none may be."""

CALLERS = f"""
[[caller]]
uid = {SITE}
role = "site"

[[caller]]
uid = {DESK}
role = "desk"
people = ["{{person}}"]
setting = true

[[caller]]
uid = {WORKER}
role = "worker"

[[caller]]
uid = {PORTAL}
role = "desk"

[[caller]]
uid = {OPERATIONS}
role = "operations"
"""


def _fits(python: Path) -> bool:
    """Whether another user can run it with what the project needs, and nothing of the surroundings (-I)."""
    try:
        tells = subprocess.run(
            [python, "-I", "-B", "-c", "import schoolgate.gate, django, duckdb"],
            user=STRANGER, group=STRANGER, extra_groups=[], capture_output=True, cwd="/", env={}, check=False,
        )  # fmt: skip
    except OSError:
        return False
    return tells.returncode == 0


def _copy(folder: Path) -> Path:
    """The checkout's code for everybody to read, whatever the umask was under which its files were written."""
    copied = folder / "checkout"
    for part in ("src", "tests"):
        shutil.copytree(ROOT / part, copied / part, ignore=shutil.ignore_patterns("__pycache__"))
    for path in (copied, *copied.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return copied


@functools.cache
def interpreter() -> str:
    """A Python that another user of this machine can run, with this checkout and its packages."""
    if os.geteuid() != 0:
        raise AssertionError(
            "These tests start processes as other users, so they must run as root (or in a user namespace of their"
            " own: unshare --user --map-auto --map-root-user). Without that nothing here would be shown."
        )
    folder = Path(tempfile.mkdtemp(prefix="schoolgate-serve-python-", dir="/tmp"))
    folder.chmod(0o755)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    copied = _copy(folder)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for base in (Path(sys.base_prefix) / "bin" / version, Path("/usr/bin") / version):
        if not base.exists():
            continue
        made = folder / ("own" if base.is_relative_to(sys.base_prefix) else "system")
        subprocess.run(
            [base, "-m", "venv", "--without-pip", made], check=True, preexec_fn=lambda: os.umask(0o022) and None
        )
        packages = made / "lib" / version / "site-packages"
        paths = [copied / "src", copied, Path(sysconfig.get_paths()["purelib"])]
        (packages / "here.pth").write_text("".join(f"{path}\n" for path in paths))
        (packages / "here.pth").chmod(0o644)
        if _fits(made / "bin" / "python"):
            return str(made / "bin" / "python")
    raise AssertionError(
        "No Python that other users can run has the project's packages: the interpreter and .venv must be readable by"
        " everybody (chmod -R go+rX .venv)."
    )


@dataclass
class Place:
    """One installation.

    Attributes:
        folder: holds everything; others can pass through it.
        databases: user -> database address.
        facts: what `asks.build` told.
    """

    folder: Path
    databases: Mapping[int, str] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    public: bool = False
    served: subprocess.Popen[bytes] | None = None
    asking: dict[int, subprocess.Popen[str]] = field(default_factory=dict)

    @classmethod
    def make(cls) -> Place:
        """Folders, each its user's."""
        folder = Path(tempfile.mkdtemp(prefix="schoolgate-serve-", dir="/tmp"))
        folder.chmod(0o755)
        place = cls(folder)
        for uid in (0, *range(GATE, STRANGER + 1)):
            home = place.home(uid)
            home.mkdir(mode=0o700)
            os.chown(home, uid, uid)
        for name in ("run", "public"):
            (folder / name).mkdir()
            (folder / name).chmod(0o755)
            os.chown(folder / name, GATE, GATE)
        return place

    def home(self, uid: int) -> Path:
        return self.folder / f"home-{uid}"

    @property
    def socket(self) -> Path:
        return self.folder / "run" / "gate.sock"

    @property
    def callers(self) -> Path:
        return self.folder / "callers.toml"

    @property
    def gate_log(self) -> str:
        return (self.folder / "gate.log").read_text()

    def environment(self, uid: int) -> dict[str, str]:
        places = {
            "PYTHONDONTWRITEBYTECODE": "1",
            "PATH": os.environ["PATH"],
            "SCHOOLGATE_HOME": str(self.home(uid)),
            "SCHOOLGATE_DATABASE": self.databases.get(uid, "sqlite"),
            "DJANGO_SETTINGS_MODULE": "schoolgate.settings",
        }
        if self.public:
            places["SCHOOLGATE_PUBLIC"] = str(self.folder / "public")
        return places if uid == GATE else {**places, "SCHOOLGATE_GATE": f"unix:{self.socket}"}

    def run(
        self, uid: int, *command: str, given: str = "", environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run Python as a user."""
        return subprocess.run(
            [interpreter(), "-W", "ignore", *command],
            input=given, capture_output=True, text=True, check=False, timeout=120, cwd=self.home(uid),
            user=uid, group=uid, extra_groups=[], env={**self.environment(uid), **(environment or {})},
        )  # fmt: skip

    def schoolgate(self, uid: int, *command: str, **given: Any) -> subprocess.CompletedProcess[str]:
        """Run a command of schoolgate as a user."""
        return self.run(uid, "-c", "from schoolgate.cli import main; main()", *command, **given)

    def ask(self, uid: int, asks: Sequence[Mapping[str, Any]]) -> list[Any]:
        """What the gate's functions answer in a process of this user, which stays for the next time: see `asks`."""
        if uid not in self.asking:
            self.asking[uid] = subprocess.Popen(
                [interpreter(), "-W", "ignore", "-m", "tests.serve.asks"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=self.home(uid),
                user=uid, group=uid, extra_groups=[], env=self.environment(uid),
            )  # fmt: skip
        process = self.asking[uid]
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(list(asks)) + "\n")
        process.stdin.flush()
        answers: list[Any] = json.loads(process.stdout.readline())
        return answers

    def write_callers(self, text: str | None = None) -> None:
        self.callers.write_text(text or CALLERS.format(person=self.facts.get("person", "P-0001")))
        os.chown(self.callers, GATE, GATE)

    def start(self, *options: str, environment: Mapping[str, str] | None = None) -> None:
        """Start the gate and wait until it answers."""
        with open(self.folder / "gate.log", "wb") as said:
            self.served = subprocess.Popen(
                [interpreter(), "-W", "ignore", "-c", "from schoolgate.cli import main; main()", "gate", "serve",
                 "--socket", str(self.socket), "--callers", str(self.callers), *options],
                user=GATE, group=GATE, extra_groups=[], env=environment or self.environment(GATE), cwd=self.folder,
                stdout=said, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
            )  # fmt: skip
        until = time.monotonic() + 60
        while not self.socket.is_socket():
            assert self.served.poll() is None, self.gate_log
            assert time.monotonic() < until, self.gate_log
            time.sleep(0.02)

    def stop(self, with_signal: int = signal.SIGTERM) -> int:
        """End the gate; its exit code."""
        assert self.served is not None
        self.served.send_signal(with_signal)
        code = self.served.wait(timeout=60)
        self.served = None
        return code

    def remove(self) -> None:
        for process in (*self.asking.values(), self.served):
            if process is not None:
                process.kill()
                process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
