"""Installations to be killed in: prepared once, put back to a prepared state before each kill."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Ended:
    """How an act ended.

    Attributes:
        code: exit code, or minus the signal.
        given: what the act gave; None when it did not get so far.
        moments: the moments it passed.
    """

    code: int
    given: Any
    moments: list[str]

    @property
    def killed(self) -> bool:
        """Whether SIGKILL ended it."""
        return self.code == -9


class _Server:
    """PostgreSQL databases that are made and put back by copying a template."""

    def __init__(self, address: str) -> None:
        self._parts = urlsplit(address)
        self._own = f"crash_{os.getpid()}"

    @property
    def address(self) -> str:
        """The address of the installation's own database."""
        return self._parts._replace(path=f"/{self._own}").geturl()

    def _run(self, *statements: sql.Composed) -> None:
        with psycopg.connect(self._parts._replace(path="/postgres").geturl(), autocommit=True) as server:
            for statement in statements:
                server.execute(statement)

    def copy(self, source: str | None, target: str | None) -> None:
        """Make one database a copy of another; None names the installation's own."""
        names = {"to": sql.Identifier(f"{self._own}_{target}" if target else self._own)}
        names["of"] = sql.Identifier(f"{self._own}_{source}" if source else self._own)
        self._run(
            sql.SQL("DROP DATABASE IF EXISTS {to} WITH (FORCE)").format(**names),
            sql.SQL("CREATE DATABASE {to} TEMPLATE {of} STRATEGY file_copy").format(**names),
        )

    def begin(self) -> None:
        """An empty database."""
        own = sql.Identifier(self._own)
        self._run(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(own), sql.SQL("CREATE DATABASE {}").format(own)
        )

    def remove(self, states: list[str]) -> None:
        """Remove every database made here."""
        for name in [self._own, *(f"{self._own}_{state}" for state in states)]:
            self._run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


class House:
    """One installation at one place: Iceberg's files name their own path, so copies are put back to it."""

    def __init__(self, folder: Path, nursery: str = "tests.crash.nursery") -> None:
        self._folder = folder
        self.home = folder / "home"
        self.facts: dict[str, Any] = {}
        address = os.environ.get("SCHOOLGATE_DATABASE") or "sqlite"
        self.server = None if address == "sqlite" else _Server(address)
        self._states: list[str] = []
        self.home.mkdir(mode=0o700)
        if self.server is not None:
            self.server.begin()
        self.places = {
            "SCHOOLGATE_HOME": str(self.home),
            "SCHOOLGATE_DATABASE": self.server.address if self.server is not None else "sqlite",
            "DJANGO_SETTINGS_MODULE": "schoolgate.settings",
            "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
        }
        self._nursery = subprocess.Popen(
            [sys.executable, "-m", nursery],
            cwd=ROOT, env={**os.environ, **self.places}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def _order(self, what: str, answer: Path, kill_at: int | None, kill_after: float | None, **arguments: Any) -> Any:
        answer.unlink(missing_ok=True)
        return {
            "act": what, "answer": str(answer), "errors": str(self._folder / "errors.txt"),
            "kill_at": kill_at, "kill_after": kill_after, "arguments": arguments,
        }  # fmt: skip

    def _do(self, orders: list[Any]) -> list[Ended]:
        assert self._nursery.stdin is not None
        assert self._nursery.stdout is not None
        self._nursery.stdin.write(json.dumps(orders) + "\n")
        self._nursery.stdin.flush()
        ended = []
        for order, code in zip(orders, json.loads(self._nursery.stdout.readline()), strict=True):
            answer = Path(order["answer"])
            told = json.loads(answer.read_text()) if code == 0 else {"given": None, "moments": []}
            ended.append(Ended(code, told["given"], told["moments"]))
        return ended

    def run(self, what: str, *, kill_at: int | None = None, kill_after: float | None = None, **arguments: Any) -> Ended:
        """Do an act in a process of its own."""
        order = self._order(what, self._folder / "answer.json", kill_at, kill_after, **arguments)
        (ended,) = self._do([order])
        if kill_at is None and kill_after is None:
            assert ended.code == 0, self.errors
        return ended

    def together(self, *acts: tuple[str, dict[str, Any]]) -> list[Ended]:
        """Do several acts at the same moment, each in a process of its own."""
        orders = [
            self._order(act, self._folder / f"answer-{n}.json", None, None, **arguments)
            for n, (act, arguments) in enumerate(acts)
        ]
        return self._do(orders)

    @property
    def errors(self) -> str:
        """What the processes have said."""
        path = self._folder / "errors.txt"
        return path.read_text() if path.exists() else ""

    def aftermath(self, act: str, **arguments: Any) -> dict[str, Any]:
        """What a fresh process finds, what it gets when it tries again, and what it finds then."""
        given: dict[str, Any] = self.run("aftermath", act=act, **arguments).given
        return given

    def look(self) -> dict[str, Any]:
        """What a fresh process finds."""
        given: dict[str, Any] = self.run("look").given
        return given

    def keep(self, state: str) -> None:
        """Keep the installation as it is under a name."""
        shutil.copytree(self.home, self._folder / state)
        if self.server is not None:
            self.server.copy(None, state)
        self._states.append(state)

    def put_back(self, state: str) -> None:
        """Make the installation what it was."""
        shutil.rmtree(self.home)
        shutil.copytree(self._folder / state, self.home)
        if self.server is not None:
            self.server.copy(state, None)

    def remove(self) -> None:
        """End the processes and leave nothing on the server."""
        assert self._nursery.stdin is not None
        self._nursery.stdin.close()
        self._nursery.wait(timeout=60)
        if self.server is not None:
            self.server.remove(self._states)
