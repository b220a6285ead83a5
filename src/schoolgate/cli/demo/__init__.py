"""``schoolgate demo``: the whole journey on synthetic pupils, from the dictionary to a family's proofs and rights."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from schoolgate import gate
from schoolgate.cli.console import console, errors, progress
from schoolgate.cli.demo.journey import run_journey
from schoolgate.cli.demo.place import make_room
from schoolgate.cli.site import serve as serve_site
from schoolgate.clock import SystemClock
from schoolgate.config import Config
from schoolgate.web import must_be_free

app = typer.Typer(
    help="See the whole journey on synthetic pupils: returns, an agreement, reads, a family's page, the log.",
    no_args_is_help=True,
)


@app.callback()
def _room() -> None:
    """Keep `run` a subcommand."""


@app.command()
def run(
    schools: Annotated[int, typer.Option(min=3, max=400, help="How many real schools send synthetic returns.")] = 40,
    pupils: Annotated[int | None, typer.Option(min=200, help="About how many pupils in all.")] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same children.")] = 7,
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help="Serve the site afterwards.")] = True,
    port: Annotated[int, typer.Option(help="Port to serve on.")] = 8000,
) -> None:
    """Build a synthetic world and run the main job in it, step by step, with what to look at afterwards."""
    config, clock = Config.from_environment(), SystemClock()
    if not (found := gate.wall()).holds:  # the demo's pupils are made up; a real installation stops here
        errors.print(f"{found.line} With made-up pupils the demo goes on.")
        config = replace(config, no_wall=True)
    if serve:
        must_be_free("127.0.0.1", port)
    make_room(config)
    with progress() as tell:
        outcome = run_journey(config, clock, schools=schools, pupils=pupils, seed=seed, tell=tell)
    for line in outcome.summary(port):
        console.print(line)
    if serve:
        console.print()
        serve_site(port=port)
