"""Real witnesses for a real log: each a server of its own with a key and a state of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from schoolgate import register
from schoolgate.config import Config
from schoolgate.register import CosignerKey, VerifierKey
from schoolgate.witness import State, Witness, open_keys, serve
from schoolgate.witness.server import WitnessServer
from tests.witness.growing import Hand


@dataclass
class Watcher:
    """One witness that can be stopped and started again."""

    folder: Path
    name: str
    clock: Hand = field(default_factory=Hand)
    server: WitnessServer | None = None
    port: int = 0

    @property
    def state(self) -> State:
        return State(self.folder)

    @property
    def key(self) -> CosignerKey:
        return open_keys(self.folder, f"{self.name}.example")[0].verifier

    @property
    def line(self) -> str:
        return f"witness {self.name} {self.key} http://127.0.0.1:{self.port}\n"

    def start(self) -> None:
        witness = Witness(self.state, open_keys(self.folder, f"{self.name}.example"), self.clock)
        self.server = serve("127.0.0.1", self.port, witness)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        if self.server is not None:
            self.server.shutdown()
            self.server.server_close()
            self.server = None


def trust(watchers: list[Watcher], key: str | VerifierKey) -> None:
    for one in watchers:
        one.state.add_log(key if isinstance(key, VerifierKey) else VerifierKey.parse(key))


def policy_of(watchers: list[Watcher], needed: int, log: str = "") -> str:
    """A policy file that asks for so many of them."""
    names = " ".join(one.name for one in watchers)
    text = f"log {log}\n" if log else ""
    return f"{text}{''.join(one.line for one in watchers)}group enough {needed} {names}\nquorum enough\n"


@contextmanager
def watchers(home: Config, folder: Path, count: int = 3) -> Iterator[list[Watcher]]:
    """Witnesses that know this installation's log and answer."""
    every = [Watcher(folder / f"w{n}", f"w{n}") for n in range(count)]
    for one in every:
        one.start()
    trust(every, register.verifier_key(home))
    try:
        yield every
    finally:
        for one in every:
            one.stop()


def set_policy(home: Config, text: str) -> None:
    (home.home / "witness-policy").write_text(text)
