"""``schoolgate witness``: watch logs and cosign them, on a machine that has nothing else of schoolgate's."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from schoolgate.cli.console import console
from schoolgate.clock import SystemClock
from schoolgate.errors import SchoolgateError
from schoolgate.register import VerifierKey
from schoolgate.witness import State, Witness, open_keys
from schoolgate.witness import serve as make_server

app = typer.Typer(help="A witness for transparency logs (C2SP tlog-witness); needs no database.", no_args_is_help=True)

_Folder = Annotated[Path, typer.Option("--state", help="The witness's own folder: its key and what it saw.")]


def _address(listen: str) -> tuple[str, int]:
    host, _, port = listen.rpartition(":")
    if not host or not (port.isascii() and port.isdigit() and int(port) < 65_536):
        raise SchoolgateError("An address to listen on is HOST:PORT.", hint="--listen 127.0.0.1:8090", code="listen")
    return host.strip("[]"), int(port)


@app.command()
def serve(
    state: _Folder,
    listen: Annotated[str, typer.Option(help="HOST:PORT. Put a web server with a certificate before it.")] = (
        "127.0.0.1:8090"
    ),
) -> None:
    """Answer logs that ask for cosignatures, until stopped."""
    keys = open_keys(state)  # before anything is written: a folder that is no witness's stays as it is
    witness = Witness(State(state), keys, SystemClock())
    try:
        server = make_server(*_address(listen), witness)
    except OSError:
        raise SchoolgateError(
            "This address cannot be listened on.",
            hint="Is another program using it? Give another --listen.",
            code="listen",
        ) from None
    host, port = server.server_address[:2]
    console.print(f"Witness {witness.keys[0].name} listens on http://{host!s}:{port}")
    with server:
        server.serve_forever()


@app.command()
def key(
    state: _Folder,
    name: Annotated[
        str, typer.Option(help="The witness's name, e.g. witness.example.org; needed the first time.")
    ] = "",
    post_quantum: Annotated[
        bool, typer.Option("--post-quantum", help="Make an ML-DSA-44 key beside the Ed25519 one.")
    ] = False,
) -> None:
    """Print the witness's verifier key, one a line; the first time, make it."""
    for one in open_keys(state, name, post_quantum=post_quantum):
        print(one.verifier)


@app.command("add-log")
def add_log(
    log_key: Annotated[str, typer.Argument(help="The log's verifier key, from its keeper, by a way you trust.")],
    state: _Folder,
) -> None:
    """Watch a log; for one that is watched already, trust one more key (it changes its key, or has lost it)."""
    known = VerifierKey.parse(log_key)
    State(state).add_log(known)
    console.print(f"Watched: {known.name}", markup=False)


@app.command("remove-key")
def remove_key(log_key: Annotated[str, typer.Argument(help="A log's verifier key.")], state: _Folder) -> None:
    """No longer trust a key of a log: it was retired or stolen. What was seen of the log stays remembered."""
    State(state).remove_key(VerifierKey.parse(log_key))
    console.print("That key is trusted no more.")


@app.command()
def logs(state: _Folder) -> None:
    """List the keys trusted, and the newest size cosigned of each log."""
    for known, seen in State(state).logs():
        console.print(f"{seen.size if seen else 0:>10}  {known}", markup=False)


@app.command()
def evidence(state: _Folder) -> None:
    """Print checkpoints that a log's own key signed and that do not continue what was cosigned: proof against it."""
    for found in State(state).evidence():
        print(
            f"# {found.origin}: {found.why}\n\n## cosigned before\n\n{found.against}\n## offered then\n\n{found.note}"
        )
