"""Run a command against a throw-away PostgreSQL: its own cluster in a temporary folder, a socket, no network.

    python tools/with_postgresql.py COMMAND …

The command sees SCHOOLGATE_DATABASE. The server ends and the cluster goes when the command ends, also by a signal;
should this process be killed outright, the kernel ends the server and the next run removes what is left.
SCHOOLGATE_POSTGRESQL names a version (15 or later) when several are installed, or a folder with the
server's programs; else the newest is taken. As root, which PostgreSQL refuses to run as, the server runs as
`postgres` or `nobody`.

The cluster lies in memory where there is room: the gate refuses a server that does not wait for its disk, so waiting
is left on, and made cheap.
"""

from __future__ import annotations

import ctypes
import glob
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

_PREFIX = "schoolgate-pg-"
_ROOM = 1 << 30
_PR_SET_PDEATHSIG = 1


def programs() -> Path:
    """The server's programs: those asked for, or the newest that Debian or the search path has."""
    wanted = os.environ.get("SCHOOLGATE_POSTGRESQL", "")
    if "/" in wanted:
        return Path(wanted)
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: float(path.split("/")[4]))
    if wanted:
        found = [path for path in found if path.split("/")[4] == wanted]
    if found:
        return Path(found[-1])
    initdb = None if wanted else shutil.which("initdb")
    if initdb is None:
        sys.exit(f"PostgreSQL {wanted} is not installed: as an administrator run 'apt-get install postgresql'.")
    return Path(initdb).parent


def _account() -> dict[str, Any]:
    """Whom the server runs as: this user, or, when that is root, one that PostgreSQL accepts."""
    if os.geteuid() != 0:
        return {}
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = next(known[name] for name in ("postgres", "nobody") if name in known)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _end_with_parent() -> None:
    """The server is told to end at once should this tool be killed (prctl(2))."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT)


def _place() -> Path:
    """Memory when there is a gigabyte of it, else the folder for temporary files."""
    memory = Path("/dev/shm")  # noqa: S108 - the folder made in it has a name that nobody can foresee
    if memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > _ROOM:
        return memory
    return Path(tempfile.gettempdir())


def _sweep(place: Path) -> None:
    """Remove clusters of runs that are no more."""
    for folder in place.glob(f"{_PREFIX}*"):
        number = folder.name.removeprefix(_PREFIX).split("-")[0]
        if number.isdigit() and not Path(f"/proc/{number}").exists():
            shutil.rmtree(folder, ignore_errors=True)


def _wait_until_ready(folder: Path, server: subprocess.Popen[bytes], where: Path) -> None:
    for _ in range(600):
        ready = subprocess.run([where / "pg_isready", "-q", "-h", folder, "-U", "schoolgate"], check=False)
        if ready.returncode == 0:
            return
        if server.poll() is not None:
            break
        time.sleep(0.1)
    sys.exit("PostgreSQL did not start:\n" + (folder / "log").read_text()[-2000:])


def _run(command: list[str], address: str) -> int:
    """Run the command; a signal for this tool is the command's to obey, so that the server outlives it."""
    child = subprocess.Popen(command, env={**os.environ, "SCHOOLGATE_DATABASE": address})
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda asked, frame: child.send_signal(asked))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to the command as well
    return child.wait()


def main(command: list[str]) -> int:
    """Start a cluster, run the command, stop and remove the cluster; the command's exit code."""
    if not command:
        sys.exit(__doc__)
    where, account, place = programs(), _account(), _place()
    _sweep(place)
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=place))
    folder.chmod(0o755)
    if account:
        os.chown(folder, account["user"], account["group"])
    data, server = folder / "data", None
    try:
        subprocess.run(
            [where / "initdb", "-D", data, "-U", "schoolgate", "-A", "trust", "-E", "UTF8", "--no-sync"],
            check=True, stdout=subprocess.DEVNULL, cwd=folder, env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
            **account,
        )  # fmt: skip
        settings = {
            "listen_addresses": "", "unix_socket_directories": str(folder), "max_connections": "60",
            "dynamic_shared_memory_type": "mmap",  # in the cluster's folder, so that it goes with it
            # Found at once rather than after the usual second; a deadlock fails the tests.
            "deadlock_timeout": "200ms", "log_lock_waits": "on",
        }  # fmt: skip
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                [where / "postgres", "-D", data, *options],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=folder, start_new_session=True,
                env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}, preexec_fn=_end_with_parent,  # noqa: PLW1509 - no threads
                **account,
            )  # fmt: skip
        _wait_until_ready(folder, server, where)
        subprocess.run([where / "createdb", "-h", folder, "-U", "schoolgate", "schoolgate"], check=True, cwd=folder)
        return _run(command, f"postgresql://schoolgate@/schoolgate?host={folder}")
    finally:
        if server is not None and server.poll() is None:
            server.send_signal(signal.SIGQUIT)
            server.wait(timeout=30)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
