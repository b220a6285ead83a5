"""Run a command against a throw-away PostgreSQL: its own cluster in a temporary folder, a socket, no network.

    python tools/with_postgresql.py COMMAND …

The command sees SCHOOLGATE_DATABASE. The cluster is removed when the command ends.
"""

from __future__ import annotations

import glob
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path


def _programs() -> Path:
    """The newest PostgreSQL server's programs, where Debian puts them."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: float(path.split("/")[4]))
    if found:
        return Path(found[-1])
    initdb = shutil.which("initdb")
    if initdb is None:
        sys.exit("PostgreSQL is not installed: as an administrator run 'apt-get install postgresql'.")
    return Path(initdb).parent


def _as_server(folder: Path) -> list[str]:
    """A prefix that drops root, which PostgreSQL refuses to run as."""
    if os.geteuid() != 0:
        return []
    account = next(name for name in ("postgres", "nobody") if _exists(name))
    shutil.chown(folder, account)
    return ["runuser", "-u", account, "--"]


def _exists(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def main(command: list[str]) -> int:
    """Start a cluster, run the command, stop and remove the cluster; the command's exit code."""
    folder = Path(tempfile.mkdtemp(prefix="schoolgate-pg-"))
    folder.chmod(0o755)
    prefix, programs = _as_server(folder), _programs()
    data = folder / "data"
    try:
        subprocess.run(
            [*prefix, programs / "initdb", "-D", data, "-U", "schoolgate", "-A", "trust", "-E", "UTF8", "--no-sync"],
            check=True, stdout=subprocess.DEVNULL, cwd=folder,
        )  # fmt: skip
        options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off -c max_connections=50"
        subprocess.run(
            [*prefix, programs / "pg_ctl", "-D", data, "-w", "-s", "-o", options, "-l", folder / "log", "start"],
            check=True, cwd=folder,
        )  # fmt: skip
        subprocess.run(
            [*prefix, programs / "createdb", "-h", str(folder), "-U", "schoolgate", "schoolgate"],
            check=True,
            cwd=folder,
        )
        address = f"postgresql://schoolgate@/schoolgate?host={folder}"
        return subprocess.run(command, env={**os.environ, "SCHOOLGATE_DATABASE": address}, check=False).returncode
    finally:
        subprocess.run(
            [*prefix, programs / "pg_ctl", "-D", data, "-m", "immediate", "-s", "stop"],
            check=False,
            cwd=folder,
        )
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
