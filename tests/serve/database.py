"""A PostgreSQL server with passwords: one role owns the tables, another is the site's. No role can be another."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import psycopg
from tools.with_postgresql import programs


def _server_user() -> pwd.struct_passwd:
    """Whom the server runs as: root is refused by PostgreSQL."""
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    return next(known[name] for name in ("postgres", "nobody") if name in known)


@dataclass
class Server:
    """A server of its own: a folder, a socket, no network."""

    folder: Path
    administrator: str
    owner: str
    site: str

    @classmethod
    def start(cls) -> Server:
        """Make a cluster that asks everybody for a password, and the two roles."""
        # It must wait for its disk (the register looks); in memory that costs nothing.
        memory = os.access("/dev/shm", os.W_OK)
        folder = Path(tempfile.mkdtemp(prefix="schoolgate-serve-pg-", dir="/dev/shm" if memory else "/tmp"))
        folder.chmod(0o755)
        user = _server_user()
        os.chown(folder, user.pw_uid, user.pw_gid)
        words = [secrets.token_hex(12) for _ in range(3)]
        server = cls(folder, *words)
        told = folder / "word"
        told.write_text(server.administrator + "\n")
        os.chown(told, user.pw_uid, user.pw_gid)
        server._as_postgres("initdb", "-D", "data", "-U", "administrator", "-A", "scram-sha-256", f"--pwfile={told}",
                            "-E", "UTF8", "--no-sync")  # fmt: skip
        options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c max_connections=60"
        server._as_postgres("pg_ctl", "-D", "data", "-w", "-s", "-o", options, "-l", "log", "start")
        with psycopg.connect(server.address("administrator", "postgres"), autocommit=True) as admin:
            for role, word in (("sg_gate", server.owner), ("sg_site", server.site)):
                admin.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{word}'".encode())
            admin.execute(b"CREATE DATABASE schoolgate OWNER sg_gate")
        return server

    def _as_postgres(self, program: str, *arguments: str) -> None:
        user = _server_user()
        subprocess.run(
            [programs() / program, *arguments],
            check=True, stdout=subprocess.DEVNULL, cwd=self.folder, user=user.pw_uid, group=user.pw_gid,
            extra_groups=[], env={"PATH": os.environ["PATH"]},
        )  # fmt: skip

    def address(self, role: str, database: str = "schoolgate") -> str:
        word = {"administrator": self.administrator, "sg_gate": self.owner, "sg_site": self.site}[role]
        return f"postgresql://{role}:{word}@/{database}?host={self.folder}"

    def stop(self) -> None:
        self._as_postgres("pg_ctl", "-D", "data", "-m", "immediate", "-s", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)
