"""``schoolgate work``: the worker that does what is left to do, and how the queue stands."""

from __future__ import annotations

from typing import Annotated

import typer

from schoolgate import work
from schoolgate.cli.console import console
from schoolgate.clock import SystemClock
from schoolgate.config import Config

app = typer.Typer(help="The queue: do what is left to do, and see how it stands.", no_args_is_help=True)


@app.command()
def run(
    once: Annotated[bool, typer.Option("--once", help="Do one task at most, then end.")] = False,
    burst: Annotated[bool, typer.Option("--burst", help="Do everything that may be done now, then end.")] = False,
) -> None:
    """Settle releases, publish the log and tidy up, as it falls due. Start as many as wanted; SIGTERM ends one."""
    worker = work.Worker(
        Config.from_environment(), SystemClock(), tell=lambda words: console.print(words, markup=False)
    )
    with work.stopped_by_signals(worker):
        if not once and not burst:
            console.print("Working. End with Ctrl-C: the task at hand is finished first.")
        tried = worker.run(once=once, burst=burst)
    console.print(f"Tasks tried: {tried}.")


@app.command()
def status() -> None:
    """Say how many tasks wait, are being done and failed, and why."""
    now = work.status(SystemClock())
    since = f", the oldest since {now.oldest:%-d %B %Y %H:%M} UTC" if now.oldest else ""
    console.print(
        f"Workers: {now.workers}. Waiting: {now.waiting}{since}. Being done: {now.running}. Done: {now.done}."
    )
    if now.waiting and not now.workers:
        console.print("Nobody works. Start a worker: schoolgate work run")
    for task in now.failed:
        again = f"next try {task.next_try:%-d %B %H:%M:%S} UTC" if task.next_try else "given up: schoolgate work retry"
        about = f" ({task.about})" if task.about else ""
        console.print(f"  • {task.what}{about} Tries so far: {task.tries}; {again}. {task.words}", markup=False)
    if any(task.next_try is None for task in now.failed):
        raise typer.Exit(1)


@app.command()
def retry() -> None:
    """Give every task that was given up its tries back."""
    console.print(f"Tasks put back: {work.put_back()}.")
